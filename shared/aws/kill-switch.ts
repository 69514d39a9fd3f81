import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { type KillSwitch, type SwitchPosition, switchPositions } from '../ports/kill-switch.ts';

/** IAM actions of the call. A test compares them with the packaged template. */
export const killSwitchPermissions = ['ssm:GetParameter'] as const;

/** How long a position is cached, in milliseconds: a change has to take effect within a minute. */
const cacheTime = 30_000;

/** The kill switch in the given parameter of Parameter Store, which turns all actions off without a deployment. */
export const createKillSwitch = (ssm: SSMClient, name: string): KillSwitch => {
  let last: { position: SwitchPosition; at: number } | undefined;
  return {
    read: async (now) => {
      if (last && now >= last.at && now - last.at < cacheTime) return last.position;
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
      const value = Parameter?.Value?.trim();
      const position = switchPositions.find((known) => known === value);
      if (!position) throw new Error(`parameter ${name} must be one of ${switchPositions.join(', ')}`);
      last = { position, at: now };
      return position;
    },
  };
};
