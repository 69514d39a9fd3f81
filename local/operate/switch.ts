import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { attempt, isDenied } from '../../shared/aws/call.ts';
import { parseArn } from '../../shared/model/arn.ts';
import { UsageError } from '../../shared/model/errors.ts';
import type { SwitchPosition } from '../../shared/ports/kill-switch.ts';
import { actAs, callerOf } from './acts.ts';
import type { Deployment } from './deployment.ts';

/** The position as it stands in the parameter, whatever it says, and since when. */
export const readSwitch = async ({
  ssm,
  names,
}: Pick<Deployment, 'ssm' | 'names'>): Promise<{ position: string; since: number | null }> => {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: names.killSwitch }));
  return { position: Parameter?.Value?.trim() ?? '', since: Parameter?.LastModifiedDate?.getTime() ?? null };
};

const turn = async ({ ssm, names }: Deployment, position: SwitchPosition): Promise<void> => {
  await ssm.send(new PutParameterCommand({ Name: names.killSwitch, Value: position, Overwrite: true }));
};

export const turnSwitch = (deployment: Deployment, position: SwitchPosition, because: string | null): Promise<void> =>
  actAs(deployment, { kind: 'switch', what: position, incident: null, because }, () => turn(deployment, position));

/**
 * That the credentials in use are of an account, whose own switch is meant then.
 * @throws {UsageError} if they are of another one
 */
export const expectAccount = async (deployment: Deployment, account: string): Promise<void> => {
  const own = parseArn(await callerOf(deployment))?.account;
  if (own !== account)
    throw new UsageError(
      `these credentials are of account ${own}: the switch of ${account} is turned with credentials of its own (AWS_PROFILE)`,
    );
};

/** Turns the switch of an account that may be a member: where there is no ledger to record that, its CloudTrail alone has it. */
export const turnSwitchThere = async (deployment: Deployment, position: SwitchPosition, because: string | null): Promise<void> => {
  const ledger = await attempt(() => deployment.ledger.pauses());
  if (!ledger.ok && (isDenied(ledger.error) || ledger.error.code === 'ResourceNotFoundException')) return turn(deployment, position);
  return turnSwitch(deployment, position, because);
};
