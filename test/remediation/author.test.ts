import { describe, expect, test } from '@jest/globals';
import { placedAt } from '../../shared/model/place.ts';
import type { Interim } from '../../shared/ports/reporter.ts';
import { findAuthor } from '../../shared/remediation/author.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import type { Treated } from '../../shared/remediation/treatment-context.ts';
import { type Answer, recordingClients, sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { simpleEngine } from './engine.ts';
import { incident, noon } from './examples.ts';

const minute = 60_000;
const text = 'code or settings changed at 11:55 UTC, 5 min 00 s before the failure';
const nothing: Answer = { output: { Events: [] } };
const event = (at: number, more: object = {}) => ({
  EventName: 'UpdateFunctionCode20150331v2',
  EventSource: 'lambda.amazonaws.com',
  EventTime: new Date(at),
  CloudTrailEvent: JSON.stringify({ userIdentity: { userName: 'alice' }, ...more }),
});
const known: Answer = { output: { Events: [event(noon - 5 * minute)] } };

type Scene = {
  treated?: Partial<Treated>;
  /** When the resource was changed, in minutes before noon; null for no change that it tells of. */
  changed?: number | null;
  told?: boolean;
  answers?: Answer[];
  interim?: (interim: Interim) => Promise<void>;
  /** The process dies during that step. */
  loses?: string;
};

/** It is noon, and an incident is about to be told of. */
const find = async ({ treated: change = {}, changed = 5, told = false, answers = [nothing, known], interim, loses }: Scene = {}) => {
  const { clients } = recordingClients(() => answers.shift() ?? sdkError('Unexpected', 400));
  const engine = simpleEngine({ start: noon, loses: (name) => name === loses });
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  await journal.persist('open', async () => null);
  const ledger = await emptyLedger();
  const own = incident({ failure: 'error-rate', resource: { type: 'service', id: 'checkout' }, evidence: { namespace: 'AWS/Lambda' } });
  const lease = { ...own.resource, account: own.account, region: own.region };
  await ledger.acquire(lease, own.key, noon, noon + 60 * minute);
  const treated: Treated = {
    ...{ status: 'escalated', verified: false, reason: `errors; ${text}`, incident: own, actions: [], leases: [lease] },
    resourceState: null,
    observed: {
      result: 'found',
      line: 'Lambda function checkout',
      change: changed === null ? null : { text, at: noon - changed * minute },
    },
    ...change,
  };
  const said: Interim[] = [];
  const reporter = { interim: interim ?? (async (word: Interim) => void said.push(word)) };
  let heldOnTheWay: string | null = null;
  const wait = engine.durable.wait;
  engine.durable.wait = async (name, seconds) => {
    heldOnTheWay = await ledger.holderOf(placedAt(own, own.resource), noon);
    await wait(name, seconds);
  };
  const found = await findAuthor(treated, noon, told, { journal, ledger, reporter, clients });
  return { ...found, timeline: journal.timeline, said, heldOnTheWay, waited: engine.waits(), minutes: (engine.now() - noon) / minute };
};

describe('a change that CloudTrail does not know of yet', () => {
  test('is told at once, and its author a quarter of an hour after the change', async () => {
    const { history, said, waited, leases, heldOnTheWay, timeline } = await find();
    expect(said).toMatchObject([
      {
        at: new Date(noon).toISOString(),
        headline: 'error-rate needs you after a change at 11:55 UTC',
        reason: `error-rate on service checkout needs you: ${text}; who did it follows in the outcome, at 12:10 UTC at the latest. errors`,
      },
    ]);
    expect(waited).toEqual([600]);
    const noted = `people have been notified; waiting 10 min 00 s for CloudTrail to show who did this: ${text}`;
    expect(timeline).toContainEqual(expect.objectContaining({ phase: 'wait', text: noted }));
    expect(history.likelyCause?.change).toMatchObject({ who: 'alice', call: 'lambda:UpdateFunctionCode' });
    expect({ leases, heldOnTheWay }).toEqual({ leases: [], heldOnTheWay: null });
  });

  test('is told with that, should CloudTrail still not know', async () => {
    const { history } = await find({ answers: [nothing, nothing] });
    expect(history.changesNote).toContain(`CloudTrail doesn't show who did this: ${text}`);
  });

  test('has what was known before, should CloudTrail not answer then', async () => {
    const other: Answer = { output: { Events: [event(noon - 30 * minute)] } };
    const { history } = await find({ answers: [other, sdkError('AccessDeniedException', 400)] });
    expect(history.changes).toHaveLength(1);
    expect(history.changesNote).toContain(`CloudTrail doesn't show yet who did this: ${text}`);
  });

  test('is not told again to people who have had a word; its author follows all the same', async () => {
    const { said, waited, history } = await find({ told: true });
    expect({ said, waited }).toEqual({ said: [], waited: [600] });
    expect(history.likelyCause?.change.who).toBe('alice');
  });

  test('does not keep people waiting whom no word could reach', async () => {
    const { waited, leases } = await find({ interim: () => Promise.reject(sdkError('InternalError', 500)) });
    expect({ waited, leases: leases.length }).toEqual({ waited: [], leases: 1 });
  });

  test('does not keep people waiting of whom a crash leaves open whether they were told, and tells them no second time', async () => {
    expect(await find({ loses: 'tell-change' })).toMatchObject({ said: [], waited: [] });
  });

  test('keeps nobody waiting for more than a quarter of an hour', async () => {
    expect((await find({ changed: -10 })).waited).toEqual([900]);
  });

  const done = { action: 'reboot-instance', result: 'done' } as Treated['actions'][number];
  test.each<[string, Scene]>([
    ['nobody is told', { treated: { quiet: true } }],
    ['it healed', { treated: { status: 'healed', actions: [done] } }],
    ['something was done in vain', { treated: { actions: [done] } }],
    ['something may have been done', { treated: { actions: [{ ...done, result: 'uncertain: TimeoutError' }] } }],
    ['selfheal failed', { treated: { status: 'failed' } }],
    ['it was a dry run', { treated: { status: 'dry-run' } }],
    ['the resource tells of no change', { changed: null }],
    ['CloudTrail would know by now', { changed: 15 }],
    ['CloudTrail knows already', { answers: [known] }],
    ['CloudTrail may not be asked', { answers: [sdkError('AccessDeniedException', 400)] }],
  ])('is not waited for where %s', async (_, scene) => {
    const { said, waited } = await find(scene);
    expect({ said, waited }).toEqual({ said: [], waited: [] });
  });

  test('was not made by a call that failed', async () => {
    const failed: Answer = { output: { Events: [event(noon - 5 * minute, { errorCode: 'ResourceConflictException' })] } };
    expect((await find({ answers: [failed, known] })).waited).toEqual([600]);
  });
});
