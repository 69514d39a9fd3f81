import { type Replay, replayEvent, replayIncident } from '../replay/index.ts';
import { outcomeLine } from '../terminal/outcome-line.ts';
import { parseIncident } from './incident.ts';

type Answer = Pick<Replay, 'outcomes' | 'rejected' | 'ignored'> & { unplayable?: Replay['unplayable']; failed?: string[] };

const answer = ({ outcomes, rejected, ignored, unplayable = [], failed = [] }: Answer) => {
  // Scripts read the exit code; the output still covers the rest of the batch.
  if (rejected.length + unplayable.length + failed.length > 0) process.exitCode = 1;
  return {
    ...{ outcomes: outcomes.map(outcomeLine), rejected, ignored },
    ...(unplayable.length > 0 ? { unplayable } : {}),
    ...(failed.length > 0 ? { failed } : {}),
  };
};

const inAccount = () => process.env.SELFHEAL_INVOKE === 'account';

/** One event, in any envelope: on an embedded local AWS that is made to match it, or in the account of the credentials. */
export const invokeIntake = async (event: unknown) =>
  inAccount() ? answer(await (await import('./account.ts')).intakeInAccount(event)) : answer(await replayEvent(event, { seed: 1 }));

/** One incident, as intake hands it on. */
export const invokeRemediate = async (event: unknown) =>
  inAccount()
    ? answer(await (await import('./account.ts')).remediateInAccount(event))
    : answer(await replayIncident(parseIncident(event), { seed: 1 }));
