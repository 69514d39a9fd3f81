import * as z from 'zod';
import type { Action } from '../actions/action.ts';
import type { Resource } from '../failures/verdict.ts';
import type { Durable } from './durable.ts';
import { formatDuration } from './duration.ts';
import type { Incident } from './incident.ts';
import type { Journal } from './journal.ts';
import type { Reporter } from './reporter.ts';

const decisionSchema = z.object({ decision: z.enum(['approve', 'reject']), by: z.string().max(200).optional() });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** What consent is for: one action on one thing. */
const key = (action: Action, { type, id }: Resource) => `${action.id} ${type}/${id}`;

/** What people have agreed to in one incident; a yes counts for one action on one thing, until its incident ends. */
export const createConsent = (durable: Durable, journal: Journal, reporter: Reporter, seconds: number) => {
  const given = new Set<string>();
  const { note, persist } = journal;
  return {
    has: (action: Action, target: Resource): boolean => given.has(key(action, target)),
    /** Where nothing is done in the end, nobody need be asked. */
    assume: (action: Action, target: Resource): void => void given.add(key(action, target)),
    /** Waits up to `seconds` for a person's decision. Returns why not, or null for a yes; where nobody can be asked, a person must know. */
    ask: async (
      incident: Incident,
      action: Action,
      target: Resource,
      what: string,
      why: string,
    ): Promise<{ status: 'held' | 'escalated'; reason: string } | null> => {
      const held = (reason: string) => ({ status: 'held', reason }) as const;
      note('guard', `asking a person, who has ${formatDuration(seconds)}: ${why}`);
      const since = journal.now();
      const asked = await durable.ask('approval', seconds, (callbackId) =>
        reporter.ask({
          incident,
          action: action.id,
          target,
          what,
          why,
          callbackId,
          expiresAt: since + seconds * 1000,
          timeline: journal.timeline,
        }),
      );
      // A step, so that the journal learns what time it has become.
      await persist('approval-answered', async () => null);
      if (asked === 'silence') return held(`nobody decided within ${formatDuration(seconds)} whether to ${what}`);
      if ('unreachable' in asked) {
        return { status: 'escalated', reason: `${why}; nobody could be asked whether to ${what}: ${asked.unreachable}` };
      }
      const decision = decisionSchema.safeParse(parseJson(asked.answer));
      if (!decision.success) return held(`the answer to whether to ${what} could not be read`);
      const { decision: said, by } = decision.data;
      note('guard', `${by ?? 'a person'} said ${said}`);
      if (said === 'reject') return held(`${by ?? 'a person'} decided not to ${what}`);
      given.add(key(action, target));
      return null;
    },
  };
};

export type Consent = ReturnType<typeof createConsent>;
