import { incidentKey, incidentSchema } from '../../shared/incident/incident.ts';
import { outcomeLine } from '../outcome-line.ts';
import { type Replay, replayEvent, replayIncident } from '../replay.ts';

const answer = ({ outcomes, rejected, ignored }: Replay) => {
  // The exit code is what scripts look at; the answer still tells about the rest of the batch.
  if (rejected.length > 0) process.exitCode = 1;
  return { outcomes: outcomes.map(outcomeLine), rejected, ignored };
};

/** One event, in any envelope, on an embedded local AWS that is made to match it. */
export const invokeIntake = async (event: unknown) => answer(await replayEvent(event, { seed: 1 }));

/** One incident, as intake hands it on; its key may be left out. Throws an Error that names what is wrong with it. */
export const invokeRemediate = async (event: unknown) => {
  const keyed = typeof event === 'object' && event !== null && !('key' in event) ? { ...event, key: 'local' } : event;
  const read = incidentSchema.safeParse(keyed);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Error(`not an incident: ${issue?.path.join('.') || '(root)'}: ${issue?.message}`);
  }
  const incident = { ...read.data, key: read.data.key === 'local' ? incidentKey(read.data) : read.data.key };
  return answer(await replayIncident(incident, { seed: 1 }));
};
