import type { Stop } from '../../shared/model/act.ts';
import type { Approval } from '../../shared/model/approval.ts';
import { clockTime } from '../../shared/model/duration.ts';
import type { TimelineEntry } from '../../shared/model/outcome.ts';
import { placedAt } from '../../shared/model/place.ts';
import type { IncidentRecord } from '../../shared/ports/ledger.ts';
import type { Deployment } from './deployment.ts';

/** A question that a person may still answer. */
export type OpenQuestion = Pick<Approval, 'id' | 'action' | 'what' | 'why' | 'expiresAt'>;

/** What an open incident waits for. */
export type Waits = {
  questions: OpenQuestion[];
  /** The incident that treats its resource, if that is another one. */
  holder: string | null;
  /** A person's order to stop it, on which it ends before its next action. */
  stop: Stop | null;
  /** Its last recorded line; null where it has none yet. */
  last: TimelineEntry | null;
};

/** The questions of an incident that no answer has reached, and that are not over. */
export const openQuestions = async ({ approvals }: Deployment, { asked }: IncidentRecord, now: number): Promise<OpenQuestion[]> => {
  const stored = await Promise.all(asked.map((id) => approvals.read(id)));
  return stored.flatMap((one) => {
    // An answer that the incident doesn't have yet can be given again.
    if (!one || (one.decision !== null && one.delivery !== null) || one.approval.expiresAt <= now) return [];
    const { id, action, what, why, expiresAt } = one.approval;
    return [{ id, action, what, why, expiresAt }];
  });
};

const holderOf = async ({ ledger }: Deployment, key: string, { incident }: IncidentRecord, now: number): Promise<string | null> => {
  const holder = incident && (await ledger.holderOf(placedAt(incident, incident.resource), now));
  return holder === key ? null : holder;
};

export const waitsOf = async (deployment: Deployment, key: string, record: IncidentRecord, now: number): Promise<Waits> => ({
  questions: await openQuestions(deployment, record, now),
  holder: await holderOf(deployment, key, record, now),
  stop: record.stop,
  last: record.story.at(-1) ?? null,
});

/** What it waits for, a sentence each. */
export const tellWaits = ({ questions, holder, stop, last }: Waits): string[] => {
  if (stop) return ['it is stopped, and ends before its next action'];
  const asked = questions.map(({ what, expiresAt }) => `waits until ${clockTime(expiresAt)} for a person who says whether to ${what}`);
  if (asked.length > 0) return asked;
  if (holder !== null) return [`waits for incident ${holder}, which treats the resource`];
  return [last === null ? 'no entry is recorded yet' : `${last.at.slice(11, 16)} UTC: ${last.text}`];
};
