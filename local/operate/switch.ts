import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { SwitchPosition } from '../../shared/ports/kill-switch.ts';
import { actAs } from './acts.ts';
import type { Deployment } from './deployment.ts';

/** The position as it stands in the parameter, whatever it says, and since when. */
export const readSwitch = async ({ ssm, names }: Deployment): Promise<{ position: string; since: number | null }> => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: names.killSwitch }));
  return { position: Parameter?.Value?.trim() ?? '', since: Parameter?.LastModifiedDate?.getTime() ?? null };
};

export const turnSwitch = (deployment: Deployment, position: SwitchPosition, because: string | null): Promise<void> =>
  actAs(deployment, { kind: 'switch', what: position, incident: null, because }, async () => {
    const { ssm, names } = deployment;
    await ssm.send(new PutParameterCommand({ Name: names.killSwitch, Value: position, Overwrite: true }));
  });
