import * as z from 'zod';
import type { Action } from '../actions/action.ts';
import { explain } from '../aws/call.ts';
import { type Backoff, backoffSeconds, brief, onceOnly } from '../model/backoff.ts';
import { formatDuration } from '../model/duration.ts';
import { CodedError } from '../model/errors.ts';
import type { Incident } from '../model/incident.ts';
import { parseJson } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Durable } from '../ports/durable.ts';
import type { ApprovalRequest, Reporter } from '../ports/reporter.ts';
import type { Journal } from './journal.ts';
import type { OverdueNotice } from './overdue-notice.ts';

const decisionSchema = z.object({ decision: z.enum(['approve', 'reject']), by: z.string().max(200).optional() });

/** An approval is for one action on one resource. */
const key = (action: Action, { type, id }: Resource) => `${action.id} ${type}/${id}`;

/** SNS may be throttled or unavailable: retry for most of an hour. */
const sendBackoff: Backoff = { initial: 10, cap: 600, attempts: 12 };
/** Repeats a request that may have arrived only rarely. */
const repeatBackoff: Backoff = { initial: 120, cap: 1800, attempts: 8 };

/** After its deadline a request can't be answered. */
const deadlinePassed = (): Error => new CodedError('TooLateToAsk', 'its deadline passed before it could be asked');

export type ApprovalsDeps = {
  durable: Durable;
  journal: Journal;
  reporter: Pick<Reporter, 'requestApproval' | 'decided'>;
  /** How long a person may decide after the request was sent. */
  seconds: number;
  late?: Pick<OverdueNotice, 'failing'>;
};

type Question = Omit<ApprovalRequest, 'callbackId' | 'expiresAt' | 'timeline'>;

/** The result of asking: an answer, none in time, or why the request could not be sent. */
type Reply = { answer: string | null; unsure: boolean } | { unreachable: CallError };

/** The approvals of one incident. Each is for one action on one resource and lasts until the incident ends. */
export const createApprovals = ({ durable, journal, reporter, seconds, late }: ApprovalsDeps) => {
  const given = new Set<string>();
  const { note, persist } = journal;

  /**
   * Sends a request until it certainly was sent. One that certainly was not is replaced by a new one with the full time; one that may have
   * been stays the same, with its deadline.
   */
  const put = async (question: Question): Promise<Reply> => {
    let tries = 0;
    for (;;) {
      const { callbackId, answer } = await durable.callback('approval', seconds);
      const expiresAt = journal.now() + seconds * 1000;
      const answered = async (unsure: boolean): Promise<Reply> => {
        const said = await answer();
        // The decision is recorded before the callback is completed, which may fail; it counts anyway.
        const { value } = await persist('approval-answered', async () => said ?? (await reporter.decided?.(callbackId)) ?? null, brief);
        return { answer: value.ok ? value.value : said, unsure };
      };
      for (let unsure = false; ; ) {
        const { value, draw } = await persist(
          'approval-request',
          async (at) => {
            if (at >= expiresAt) throw deadlinePassed();
            await reporter.requestApproval({ ...question, callbackId, expiresAt, timeline: journal.timeline }, unsure);
          },
          onceOnly,
        );
        if (value.ok) return answered(false);
        tries++;
        const { error } = value;
        unsure ||= error.kind === 'uncertain';
        const backoff = unsure ? repeatBackoff : sendBackoff;
        const pause = backoffSeconds(tries, backoff, draw);
        const over = error.kind === 'refused' || tries >= backoff.attempts || error.code === 'TooLateToAsk';
        if (over || (unsure && journal.now() + pause * 1000 >= expiresAt)) {
          return unsure && error.kind !== 'refused' ? answered(true) : { unreachable: error };
        }
        await late?.failing(error, pause);
        note('wait', `asking a person: ${error.code}; try ${tries + 1} of ${backoff.attempts} in ${formatDuration(pause)}`);
        await journal.wait('approval-backoff', pause);
        if (!unsure) break;
      }
    }
  };

  return {
    has: (action: Action, target: Resource): boolean => given.has(key(action, target)),
    /** Assumes an approval of an action that will not be taken. */
    assume: (action: Action, target: Resource): void => void given.add(key(action, target)),
    /** Waits for a decision. Returns null if approved, else the verdict; it escalates if the request could not be sent. */
    request: async (
      incident: Incident,
      action: Action,
      target: Resource,
      what: string,
      why: string,
    ): Promise<{ status: 'held' | 'escalated'; reason: string } | null> => {
      const held = (reason: string) => ({ status: 'held', reason }) as const;
      note('guard', `asking a person, who has ${formatDuration(seconds)} to answer: ${why}`);
      const asked = await put({ incident, action: action.id, target, what, why });
      if ('unreachable' in asked) {
        return { status: 'escalated', reason: `${why}; nobody could be asked whether to ${what}: ${explain(asked.unreachable)}` };
      }
      if (asked.answer === null) {
        const reason = `nobody decided within ${formatDuration(seconds)} whether to ${what}`;
        if (!asked.unsure) return held(reason);
        return { status: 'escalated', reason: `${reason}, and AWS has not confirmed that the question was sent` };
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

export type Approvals = ReturnType<typeof createApprovals>;
