import { createHash } from 'node:crypto';
import type { Act } from '../model/act.ts';
import type { Decision } from '../model/approval.ts';
import { type DecideDeps, type Decided, decide } from './decide.ts';
import type { StoredApproval } from './store.ts';

export type DecideAsDeps = DecideDeps & {
  /** What people do is recorded beside what they do by the command line. */
  acts: { note: (act: Act) => Promise<void>; noteDone: (id: string) => Promise<void> };
};

/**
 * Decides after it is recorded who does: what can't be recorded isn't decided. What was decided before is only passed on.
 * @throws whatever the SDK throws
 */
export const decideAs = async (stored: StoredApproval, decision: Decision, deps: DecideAsDeps): Promise<Decided> => {
  const { id, what, incident, expiresAt } = stored.approval;
  const { decision: kind, name, from: by, at } = decision;
  if (stored.decision !== null || at >= expiresAt) return decide(stored, decision, deps);
  // Nothing here may draw by chance: of two who decide in the same moment, each has an act by what they said.
  const own = createHash('sha256')
    .update(JSON.stringify([id, name ?? '', kind, by]))
    .digest('hex')
    .slice(0, 12);
  const act: Act = { id: `${at}-${own}`, at, by, ...(name === null ? {} : { name }), kind, what, incident, because: null };
  await deps.acts.note(act);
  const decided = await decide(stored, decision, deps);
  // It is decided, whether or not that can be said.
  if (decided.result === 'decided') await deps.acts.noteDone(act.id).catch(() => {});
  return decided;
};
