import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { type KillSwitch, type SwitchPosition, switchPositions } from '../ports/kill-switch.ts';

/** Permissions of its call; held against the packaged template. */
export const killSwitchPermissions = ['ssm:GetParameter'] as const;

/** For how long a position is believed, in milliseconds: a turn of the switch has to take effect within a minute. */
const believed = 30_000;

/** The parameter of the given name in Parameter Store, which turns all action off without a deployment. */
export const createKillSwitch = (ssm: SSMClient, name: string): KillSwitch => {
  let last: { position: SwitchPosition; at: number } | undefined;
  return {
    read: async (now) => {
      if (last && now >= last.at && now - last.at < believed) return last.position;
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
      const value = Parameter?.Value?.trim();
      const position = switchPositions.find((known) => known === value);
      if (!position) throw new Error(`parameter ${name} must be one of ${switchPositions.join(', ')}`);
      last = { position, at: now };
      return position;
    },
  };
};
