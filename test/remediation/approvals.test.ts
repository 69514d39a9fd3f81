import { describe, expect, test } from '@jest/globals';
import { promoteReplica } from '../../shared/actions/promote-replica.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import type { Foreseen } from '../../shared/model/foreseen.ts';
import type { ApprovalRequest, Reporter } from '../../shared/ports/reporter.ts';
import { createApprovals } from '../../shared/remediation/approvals.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { sdkError } from '../aws/recorder.ts';
import { simpleEngine } from './engine.ts';
import { incident, noon } from './examples.ts';

const own = incident();
const other = { type: 'instance', id: 'i-0ffffffffffffffff' } as const;

type Sent = 'sent' | 'throttled' | 'lost' | 'refused';
const errors = {
  throttled: sdkError('ThrottledException', 400),
  lost: new Error('no answer'),
  refused: sdkError('AuthorizationError', 403),
};

/** Asks, where sending goes as told (and well from then on), the callback is answered so, and the ledger has recorded that decision. */
const asking = async (
  answer: string | null,
  {
    sends = [],
    recorded,
    seconds = 600,
    foreseen,
    telling = 0,
  }: { sends?: Sent[]; recorded?: string | Error; seconds?: number; foreseen?: Foreseen; telling?: number } = {},
) => {
  const engine = simpleEngine({ start: noon, answers: () => answer });
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  await journal.persist('open', async () => null);
  const asked: (ApprovalRequest & { at: number })[] = [];
  const left = [...sends];
  const reporter: Pick<Reporter, 'requestApproval' | 'decided'> = {
    requestApproval: async (request) => {
      const sent = left.shift() ?? 'sent';
      if (sent === 'sent' || sent === 'lost') asked.push({ ...request, at: engine.now() });
      if (sent !== 'sent') throw errors[sent];
    },
    decided: async () => {
      if (recorded instanceof Error) throw recorded;
      return recorded ?? null;
    },
  };
  const late = {
    failing: async () => {
      await journal.persist('people-told', async () => null);
      if (telling > 0) await journal.wait('people-told-wait', telling);
    },
  };
  const approvals = createApprovals({ durable: engine.durable, journal, reporter, seconds, late });
  const said = await approvals.request(own, rebootInstance, own.resource, 'reboot it', 'the policy says so', foreseen);
  return {
    ...{ approvals, said, asked, now: engine.now(), trail: engine.trail },
    timeline: journal.timeline.map(({ text }) => text),
    has: () => approvals.has(rebootInstance, own.resource),
  };
};
const answered = (answer: unknown): string => (typeof answer === 'string' ? answer : JSON.stringify(answer));

describe('asking a person', () => {
  test('says what would be done to what and why, and until when there is time', async () => {
    const { asked } = await asking(answered({ decision: 'approve' }));
    expect(asked).toEqual([
      {
        incident: own,
        action: 'reboot-instance',
        target: own.resource,
        what: 'reboot it',
        why: 'the policy says so',
        callbackId: 'callback',
        expiresAt: noon + 600_000,
        timeline: expect.arrayContaining([
          expect.objectContaining({ text: 'asking a person, who has 10 min 00 s to answer: the policy says so' }),
        ]),
        at: noon,
      },
    ]);
    const foreseen: Foreseen = { downtime: null, address: 'kept', undo: null, tried: [] };
    expect((await asking(answered({ decision: 'approve' }), { foreseen })).asked).toMatchObject([{ foreseen }]);
  });

  const pauses = (trail: readonly string[]) =>
    trail.flatMap((entry) => (entry.startsWith('approval-backoff') ? Number(entry.split(' ')[1]) : []));

  test('is tried for most of an hour where it is throttled, and those who wait for help are told', async () => {
    const { said, trail, timeline } = await asking(null, { sends: Array(20).fill('throttled') });
    expect(pauses(trail)).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]);
    expect(trail.filter((name) => name === 'people-told')).toHaveLength(11);
    expect(timeline).toContain('asking a person: ThrottledException; try 2 of 12 in 5 s');
    expect(said).toMatchObject({ status: 'escalated', reason: expect.stringContaining('nobody could be asked whether to reboot it') });
  });

  test('is repeated rarely where it may have arrived, and not without an end', async () => {
    const { said, trail, timeline } = await asking(null, { sends: Array(20).fill('lost'), seconds: 24 * 3600 });
    expect(pauses(trail)).toEqual([60, 120, 240, 480, 900, 900, 900]);
    expect(timeline).toContain('asking a person: Error; try 2 of 8 in 1 min 00 s');
    expect(said).toMatchObject({ status: 'escalated', reason: expect.stringContaining('AWS has not confirmed') });
  });

  test('is for a person where it is refused after it may have arrived', async () => {
    const { said } = await asking(answered({ decision: 'approve' }), { sends: ['lost', 'refused'] });
    expect(said).toMatchObject({ status: 'escalated', reason: expect.stringContaining('nobody could be asked') });
  });

  test('takes the answer that came where the ledger can not be read for one', async () => {
    const { said } = await asking(null, { recorded: errors.refused });
    expect(said).toMatchObject({ status: 'held', reason: expect.stringContaining('nobody decided') });
  });

  test('takes a yes for one action on one thing, and for no other', async () => {
    const { said, approvals, timeline } = await asking(answered({ decision: 'approve', by: 'alice' }));
    expect(said).toBeNull();
    expect(approvals.has(rebootInstance, own.resource)).toBe(true);
    expect(approvals.has(stopStartInstance, own.resource)).toBe(false);
    expect(approvals.has(rebootInstance, other)).toBe(false);
    expect(approvals.has(rebootInstance, { ...own.resource, type: 'group' })).toBe(false);
    expect(timeline.at(-1)).toBe('alice said approve');
  });

  test.each<[string, string | null, string]>([
    ['a no', answered({ decision: 'reject', by: 'alice' }), 'alice decided not to reboot it'],
    ['silence', null, 'nobody decided within 10 min 00 s whether to reboot it'],
    ['another word', answered({ decision: 'approved' }), 'could not be read'],
    ['no JSON', answered('approve'), 'could not be read'],
    ['an empty answer', answered(''), 'could not be read'],
    ['null', answered(null), 'could not be read'],
    ['a name that is too long', answered({ decision: 'approve', by: 'x'.repeat(201) }), 'could not be read'],
  ])('takes %s for no yes', async (_, answer, reason) => {
    const { said, has } = await asking(answer);
    expect(said).toEqual({ status: 'held', reason: expect.stringContaining(reason) });
    expect(has()).toBe(false);
  });

  test('has a person told where nobody can be asked', async () => {
    const { said, has } = await asking(null, { sends: ['refused'] });
    expect(said).toEqual({
      status: 'escalated',
      reason: 'the policy says so; nobody could be asked whether to reboot it: AuthorizationError: words',
    });
    expect(has()).toBe(false);
  });

  test('gives all the time there is from when the question is sent, however long that took', async () => {
    const { said, asked } = await asking(answered({ decision: 'approve' }), { sends: ['throttled', 'throttled', 'throttled'] });
    expect(said).toBeNull();
    expect(asked).toHaveLength(1);
    const [{ at, expiresAt, callbackId }] = asked as [ApprovalRequest & { at: number }];
    expect(at).toBeGreaterThan(noon);
    expect(expiresAt - at).toBe(600_000);
    expect(callbackId).toBe('callback-4');
  });

  test('sends what somebody may have got again as the same question, with the deadline that it names', async () => {
    const { said, asked } = await asking(answered({ decision: 'approve' }), { sends: ['lost', 'lost'] });
    expect(said).toBeNull();
    expect(asked.map(({ callbackId, expiresAt }) => [callbackId, expiresAt])).toEqual(Array(3).fill(['callback', noon + 600_000]));
  });

  test('never sends a question after its deadline', async () => {
    const { said, asked, trail } = await asking(null, { sends: Array(20).fill('lost') });
    expect(Math.max(...asked.map(({ at }) => at))).toBeLessThan(noon + 600_000);
    expect(pauses(trail)).toEqual([60, 120, 240]);
    expect(pauses((await asking(null, { sends: Array(20).fill('lost'), seconds: 900 })).trail)).toEqual([60, 120, 240]);
    const late = await asking(null, { sends: Array(20).fill('lost'), telling: 540 });
    expect(late.asked).toHaveLength(1);
    expect(said).toEqual({
      status: 'escalated',
      reason: 'nobody decided within 10 min 00 s whether to reboot it, and AWS has not confirmed that the question was sent',
    });
  });

  test('counts what was decided in time, though the execution never got the answer', async () => {
    const recorded = answered({ decision: 'approve', by: 'alice' });
    const { said, has } = await asking(null, { recorded });
    expect(said).toBeNull();
    expect(has()).toBe(true);
    expect((await asking(null, { recorded: answered({ decision: 'reject', by: 'alice' }) })).said?.reason).toContain(
      'alice decided not to',
    );
  });

  test('is left out where a yes is assumed, which counts for that action alone', async () => {
    const { approvals } = await asking(null);
    approvals.assume(stopStartInstance, other);
    expect(approvals.has(stopStartInstance, other)).toBe(true);
    expect(approvals.has(stopStartInstance, own.resource)).toBe(false);
  });
});

const byArn = { decision: 'approve', by: 'arn:aws:iam::111122223333:user/ana' };

describe('asking two people', () => {
  /** Asks about what two people have to agree to; the answers come in the order of the questions, which is also that of the topics. */
  const asking = async (
    answers: (object | null)[],
    { two = { whyNotTwo: () => null }, sends = [] }: { two?: Pick<Reporter, 'whyNotTwo'>; sends?: Sent[] } = {},
  ) => {
    const left = answers.map((one) => one && JSON.stringify(one));
    const engine = simpleEngine({ start: noon, answers: () => left.shift() ?? null });
    const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
    await journal.persist('open', async () => null);
    const asked: ApprovalRequest[] = [];
    const reporter: Pick<Reporter, 'requestApproval' | 'whyNotTwo'> = {
      requestApproval: async (request) => {
        const sent = sends.shift() ?? 'sent';
        if (sent !== 'sent') throw errors[sent];
        asked.push(request);
      },
      ...two,
    };
    const approvals = createApprovals({ durable: engine.durable, journal, reporter, seconds: 600 });
    const target = { type: 'database', id: 'orders-replica' } as const;
    const said = await approvals.request(incident({ resource: target }), promoteReplica, target, 'promote it', 'it is for good');
    const timeline = journal.timeline.map(({ text }) => text);
    return { said, asked, has: approvals.has(promoteReplica, target), trail: engine.trail, timeline };
  };
  const [yes, no] = [
    (name: string | null = null) => ({
      decision: 'approve',
      by: `${name === null ? 'someone' : `${name} (name not checked)`} at 203.0.113.7`,
    }),
    { decision: 'reject', by: 'Ben' },
  ];

  test('asks both at once, each by a question of their own, and takes two yeses', async () => {
    const { said, asked, has, trail, timeline } = await asking([yes('Ana'), yes('Ben')]);
    expect(said).toBeNull();
    expect(timeline[0]).toBe('asking two people, who have 10 min 00 s to answer: it is for good');
    expect(has).toBe(true);
    expect(asked.map(({ of, callbackId }) => [of, callbackId])).toEqual([
      ['first', 'callback'],
      ['second', 'callback-2'],
    ]);
    expect(trail.filter((name) => /^approval/.test(name))).toEqual([
      ...['approval', 'approval-request', 'approval', 'approval-request'],
      ...['approval-answered', 'approval-answered'],
    ]);
    expect(asked.map(({ why }) => why)).toEqual([
      expect.stringContaining('you are the first'),
      expect.stringContaining('you are the second'),
    ]);
    expect((await asking([yes(), yes()])).said).toBeNull();
  });

  test.each<[string, (object | null)[], RegExp]>([
    ['one yes', [yes('Ana'), null], /only one of two people agreed/],
    ['the yes of the second alone', [null, yes('Ben')], /only one of two people agreed/],
    ['silence', [null, null], /nobody decided/],
    ['silence and a no', [null, no], /Ben decided not to/],
    ['a no of the second', [yes('Ana'), no], /Ben decided not to/],
    ['a no of the first', [no, yes('Ana')], /Ben decided not to/],
    ['one name twice', [yes('Ana'), yes(' ana')], /from one person/],
    ['one ARN twice', [byArn, byArn], /from one person/],
    ['what can not be read', [yes('Ana'), { decision: 'perhaps' }], /could not be read/],
  ])('takes %s for no', async (_, answers, reason) => {
    const { said, has } = await asking(answers);
    expect(said).toEqual({ status: 'held', reason: expect.stringMatching(reason) });
    expect(has).toBe(false);
  });

  test.each<[string, Pick<Reporter, 'whyNotTwo'>, string]>([
    ['there is no second', { whyNotTwo: () => 'there is no second approver' }, 'there is no second approver'],
    ['it is not known whether there is', {}, 'can not be asked'],
  ])('asks nobody where %s', async (_, two, reason) => {
    const { said, asked, has } = await asking([yes('Ana'), yes('Ben')], { two });
    expect(said).toEqual({ status: 'escalated', reason: expect.stringContaining(reason) });
    expect(asked).toEqual([]);
    expect(has).toBe(false);
  });

  test('tells a person where one of the questions may not have arrived, and nobody answers', async () => {
    const { said } = await asking([null, null], { sends: ['sent', ...Array<Sent>(20).fill('lost')] });
    expect(said).toMatchObject({ status: 'escalated', reason: expect.stringContaining('AWS has not confirmed') });
  });

  test('tells a person where the second can not be reached, whatever the first says', async () => {
    const { said, has } = await asking([yes('Ana'), yes('Ben')], { sends: ['sent', 'refused'] });
    expect(said).toMatchObject({ status: 'escalated', reason: expect.stringContaining('nobody could be asked') });
    expect(has).toBe(false);
  });
});
