import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { SwitchPosition } from '../../shared/ports/kill-switch.ts';
import type { Deployment } from './deployment.ts';

/** The position as it stands in the parameter, whatever it says, and since when. */
export const readSwitch = async ({ ssm, names }: Deployment): Promise<{ position: string; since: number | null }> => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: names.killSwitch }));
  return { position: Parameter?.Value?.trim() ?? '', since: Parameter?.LastModifiedDate?.getTime() ?? null };
};

export const turnSwitch = async ({ ssm, names }: Deployment, position: SwitchPosition): Promise<void> => {
  await ssm.send(new PutParameterCommand({ Name: names.killSwitch, Value: position, Overwrite: true }));
};
