import { describe, expect, test } from '@jest/globals';
import { lookBack } from '../../shared/remediation/history.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { type Answer, recordingClients, sdkError } from '../aws/recorder.ts';
import { simpleEngine } from './engine.ts';
import { incident, noon } from './examples.ts';

const minute = 60_000;
const home = { account: incident().account, region: incident().region };
type Call = { name?: string; at?: number; agent?: string; identity?: Record<string, unknown>; readOnly?: boolean };
const event = ({
  name = 'StopInstances',
  at = noon - 2 * minute,
  agent = 'aws-cli/2',
  identity = { userName: 'alice' },
  readOnly,
}: Call = {}) => ({
  EventName: name,
  EventSource: 'ec2.amazonaws.com',
  EventTime: new Date(at),
  CloudTrailEvent: JSON.stringify({ userAgent: agent, userIdentity: identity, sourceIPAddress: '203.0.113.10', readOnly }),
});
const told = (...events: object[]): Answer => ({ output: { Events: events } });

type Asked = { answers: Answer[]; seen?: Partial<Parameters<typeof lookBack>[0]>; now?: number; home?: typeof home };
const ask = async ({ answers, seen = {}, now = noon + 40 * minute, home: where = home }: Asked) => {
  const { clients, calls } = recordingClients(() => answers.shift() ?? sdkError('Unexpected', 400));
  const engine = simpleEngine();
  const journal = createJournal(engine.durable, { now: () => now, random: () => 0.5 });
  const stopped = incident({ failure: 'instance-stopped' });
  const { history } = await lookBack({ incident: stopped, status: 'escalated', ...seen }, noon, journal, { clients, home: where });
  return { history, calls, waits: engine.waits(), story: journal.timeline.map(({ phase, text }) => `${phase}: ${text}`) };
};

describe('looking back', () => {
  test('tells who changed it, and which change most likely caused the failure', async () => {
    const { history, calls, story } = await ask({ answers: [told(event({ name: 'CreateTags', at: noon - minute }), event())] });
    expect(history.changes.map(({ call }) => call)).toEqual(['ec2:CreateTags', 'ec2:StopInstances']);
    expect(history.likelyCause?.change).toMatchObject({ call: 'ec2:StopInstances', who: 'alice', from: '203.0.113.10' });
    expect(history.changesNote).toBeNull();
    expect(story).toEqual([
      'look: likely cause: alice called ec2:StopInstances at 11:58:00, from 203.0.113.10 with aws-cli/2; ec2:StopInstances stops the instance; it was called 2 min 00 s before the failure',
    ]);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.input).toMatchObject({ StartTime: new Date(noon - 90 * minute), EndTime: new Date(noon + 40 * minute) });
  });

  test.each([
    ['reads', event({ readOnly: true })],
    ['what a group does for itself', event({ identity: { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' } })],
    ['what this incident did itself', event({ at: noon + minute, agent: 'aws-sdk-js/3 app/selfheal' })],
  ])('leaves out %s', async (_, one) => {
    const { history, story } = await ask({ answers: [told(one)] });
    expect(history).toEqual({ changes: [], likelyCause: null, changesNote: null });
    expect(story).toEqual(['look: CloudTrail has no change of it since 10:30']);
  });

  test("tells selfheal's earlier calls apart", async () => {
    const { history, story } = await ask({ answers: [told(event({ name: 'RebootInstances', agent: 'x app/selfheal' }))] });
    expect(history.changes).toMatchObject([{ selfheal: true }]);
    expect(story[0]).toContain('the latest: selfheal (alice) called ec2:RebootInstances');
  });

  test('tells five changes at most, and the cause among them', async () => {
    const others = Array.from({ length: 7 }, (_, i) => event({ name: 'CreateTags', at: noon + (9 - i) * minute }));
    const { history } = await ask({ answers: [told(...others, event())] });
    expect(history.changes).toHaveLength(5);
    expect(history.changes).toContainEqual(history.likelyCause?.change);
    expect(history.changes.map(({ at }) => at)).toEqual(
      history.changes
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    expect(history.changesNote).toBe('older changes are omitted');
    expect((await ask({ answers: [told(...others.slice(0, 5))] })).history).toMatchObject({ changes: { length: 5 }, changesNote: null });
  });

  test('says that CloudTrail may not know yet, while it may not', async () => {
    const { history, story } = await ask({ answers: [told()], now: noon + 6 * minute });
    expect(history.changesNote).toBe('CloudTrail may not have all calls yet after 11:51');
    expect(story[0]).toContain('CloudTrail may not have all calls yet after 11:51');
  });

  test('says that older calls were not read, where they were not', async () => {
    const page: Answer = { output: { Events: [event()], NextToken: 'more' } };
    expect((await ask({ answers: [page, page, page] })).history.changesNote).toBe('older calls were not read');
  });

  test('tries a throttled look-up for seconds, then says so and goes on', async () => {
    const throttled = sdkError('ThrottlingException', 400);
    const { history, calls, waits, story } = await ask({ answers: [throttled, throttled, throttled, throttled] });
    expect(history).toEqual({
      changes: [],
      likelyCause: null,
      changesNote: 'CloudTrail could not be asked: cloudtrail:LookupEvents: ThrottlingException: words',
    });
    expect(calls).toHaveLength(3);
    expect(waits.reduce((sum, seconds) => sum + seconds, 0)).toBeLessThan(15);
    expect(story.at(-1)).toBe('look: CloudTrail could not be asked: cloudtrail:LookupEvents: ThrottlingException: words');
  });

  test('keeps no more than the beginning of a long error', async () => {
    const long = Object.assign(sdkError('AccessDeniedException', 400), { message: 'x'.repeat(500) });
    expect((await ask({ answers: [long] })).history.changesNote).toHaveLength(300);
  });

  test('does not try a refused one again', async () => {
    const { history, calls } = await ask({ answers: [sdkError('AccessDeniedException', 400)] });
    expect(history.changesNote).toContain('AccessDeniedException');
    expect(calls).toHaveLength(1);
  });

  test.each([
    ['no message goes out about this', { seen: { quiet: true } }],
    ['it healed by itself', { seen: { status: 'healed-itself' as const } }],
    ['CloudTrail keeps no calls by zone', { seen: { incident: incident({ resource: { type: 'zone', id: 'use1-az1' } }) } }],
    ['it happened in another account or region', { home: { ...home, region: 'eu-west-1' } }],
  ])('asks nobody where %s', async (why, more) => {
    const { history, calls, story } = await ask({ answers: [], ...more });
    expect(history).toMatchObject({ changes: [], likelyCause: null, changesNote: `not asked: ${why}` });
    expect({ calls, story }).toEqual({ calls: [], story: [] });
  });
});
