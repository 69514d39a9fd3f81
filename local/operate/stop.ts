import { actAs } from './acts.ts';
import { answer } from './decide.ts';
import type { Deployment } from './deployment.ts';
import type { Found } from './find.ts';
import { minuteOf } from './minute.ts';
import { openQuestions } from './waits.ts';

/** What came of stopping an incident. `problem`: why a question that it waits for could not be answered with no. */
export type Stopped = { stopped: true; answered: number; problem: string | null } | { stopped: false; because: string };

const endedText = ({ outcome }: Pick<Found, 'outcome'>): string =>
  outcome ? `it ended at ${minuteOf(outcome.endedAt)} UTC: ${outcome.status}` : 'it has ended';

/** Stops an incident before its next action, and says no to what it asks. */
export const stopIncident = async (deployment: Deployment, found: Found, because: string | null): Promise<Stopped> => {
  const { key, outcome } = found;
  if (outcome) return { stopped: false, because: endedText(found) };
  const stopped = await actAs(deployment, { kind: 'stop', what: key, incident: key, because }, async ({ at, by }) => {
    if (!(await deployment.ledger.noteStop(key, { at, by, because }))) return null;
    const questions = await openQuestions(deployment, (await deployment.ledger.read(key)) ?? found, at);
    let problem: string | null = null;
    let answered = 0;
    for (const { id } of questions) {
      try {
        const { result } = await answer(deployment, id, 'reject', { at, by });
        if (result === 'decided') answered++;
      } catch (error) {
        problem = deployment.problemOf(error) ?? String(error);
      }
    }
    return { answered, problem };
  });
  if (stopped) return { stopped: true, ...stopped };
  return { stopped: false, because: endedText({ outcome: (await deployment.ledger.read(key))?.outcome ?? null }) };
};
