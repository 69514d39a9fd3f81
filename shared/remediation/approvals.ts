import * as z from 'zod';
import type { Action } from '../actions/action.ts';
import { explain } from '../aws/call.ts';
import { type Backoff, backoffSeconds, brief, onceOnly } from '../model/backoff.ts';
import { formatDuration } from '../model/duration.ts';
import { CodedError } from '../model/errors.ts';
import type { Foreseen } from '../model/foreseen.ts';
import type { Incident } from '../model/incident.ts';
import { parseJson } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Durable } from '../ports/durable.ts';
import type { ApprovalRequest, Reporter } from '../ports/reporter.ts';
import type { Journal } from './journal.ts';
import type { OverdueNotice } from './overdue-notice.ts';

const decisionSchema = z.object({
  decision: z.enum(['approve', 'reject']),
  by: z.string().max(200).optional(),
});

/** Who an answer is from, as far as two are compared: an ARN, or the name that was typed; empty if none was. */
const nameIn = (by = ''): string =>
  by.startsWith('arn:') ? by : (/^(.+) \(name not checked\) at /.exec(by)?.[1] ?? '').trim().toLowerCase();

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
  reporter: Pick<Reporter, 'requestApproval' | 'decided' | 'whyNotTwo'>;
  /** How long a person may decide after the request was sent. */
  seconds: number;
  late?: Pick<OverdueNotice, 'failing'>;
};

type Question = Omit<ApprovalRequest, 'callbackId' | 'expiresAt' | 'timeline'>;

/** The result of asking: an answer, or none in time. */
type Reply = { answer: string | null; unsure: boolean };
/** A question that has been sent, and waits for its answer once that is asked for; or why it could not be sent. */
type Sent = { reply: () => Promise<Reply> } | { unreachable: CallError };

/** The approvals of one incident. Each is for one action on one resource and lasts until the incident ends. */
export const createApprovals = ({ durable, journal, reporter, seconds, late }: ApprovalsDeps) => {
  const given = new Set<string>();
  const { note, persist } = journal;

  /**
   * Sends a request until it certainly was sent. One that certainly was not is replaced by a new one with the full time; one that may have
   * been stays the same, with its deadline.
   */
  const put = async (question: Question): Promise<Sent> => {
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
        if (value.ok) return { reply: () => answered(false) };
        tries++;
        const { error } = value;
        unsure ||= error.kind === 'uncertain';
        const backoff = unsure ? repeatBackoff : sendBackoff;
        const pause = backoffSeconds(tries, backoff, draw);
        const over = error.kind === 'refused' || tries >= backoff.attempts || error.code === 'TooLateToAsk';
        if (over || (unsure && journal.now() + pause * 1000 >= expiresAt)) {
          return unsure && error.kind !== 'refused' ? { reply: () => answered(true) } : { unreachable: error };
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
      foreseen?: Foreseen,
    ): Promise<{ status: 'held' | 'escalated'; reason: string } | null> => {
      const held = (reason: string) => ({ status: 'held', reason }) as const;
      const asking = { incident, action: action.id, target, what, ...(foreseen ? { foreseen } : {}) };
      const questions: Question[] =
        action.people === 2
          ? (['first', 'second'] as const).map((of) => ({ ...asking, of, why: `${why}; two people have to agree, and you are the ${of}` }))
          : [{ ...asking, why }];
      const whyNot =
        action.people === 2 ? (reporter.whyNotTwo?.() ?? (reporter.whyNotTwo ? null : 'two people can not be asked here')) : null;
      if (whyNot !== null) return { status: 'escalated', reason: `${why}; two people have to agree to ${what}: ${whyNot}` };
      const whom = action.people === 2 ? 'two people, who have' : 'a person, who has';
      note('guard', `asking ${whom} ${formatDuration(seconds)} to answer: ${why}`);
      const sent: Exclude<Sent, { unreachable: CallError }>[] = [];
      for (const question of questions) {
        const one = await put(question);
        if ('unreachable' in one)
          return { status: 'escalated', reason: `${why}; nobody could be asked whether to ${what}: ${explain(one.unreachable)}` };
        sent.push(one);
      }
      const names: string[] = [];
      const missing: Reply[] = [];
      for (const { reply } of sent) {
        const asked = await reply();
        if (asked.answer === null) {
          missing.push(asked);
          continue;
        }
        const decision = decisionSchema.safeParse(parseJson(asked.answer));
        if (!decision.success) return held(`the answer to whether to ${what} could not be read`);
        const { decision: said, by } = decision.data;
        note('guard', `${by ?? 'a person'} said ${said}`);
        if (said === 'reject') return held(`${by ?? 'a person'} decided not to ${what}`);
        const own = nameIn(by);
        if (own !== '' && names.includes(own)) return held(`both answers to whether to ${what} are from one person, and two have to agree`);
        names.push(own);
      }
      if (missing.length > 0) {
        const within = `within ${formatDuration(seconds)}`;
        const reason =
          names.length > 0 ? `only one of two people agreed ${within} to ${what}` : `nobody decided ${within} whether to ${what}`;
        if (missing.every(({ unsure }) => !unsure)) return held(reason);
        return { status: 'escalated', reason: `${reason}, and AWS has not confirmed that the question was sent` };
      }
      given.add(key(action, target));
      return null;
    },
  };
};

export type Approvals = ReturnType<typeof createApprovals>;
