import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { silenceKey } from '../../shared/failures/classify.ts';
import { lease } from '../../shared/guards/lease.ts';
import { optIn } from '../../shared/guards/opt-in.ts';
import { memberIsReplaced } from '../../shared/health/group.ts';
import { statusChecksPass } from '../../shared/health/status-checks.ts';
import { targetsAreHealthy, treatedTargetIsWell } from '../../shared/health/targets.ts';
import { concludeIncident } from '../../shared/model/outcome.ts';
import { afterPauseKey } from '../../shared/model/pause.ts';
import { placedAt } from '../../shared/model/place.ts';
import type { AlarmFacts, ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { maintenanceWindow, rung, watch } from '../../shared/playbooks/playbook.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { drive, type Moment, type Scene } from './drive.ts';
import { alarm, group, groupName, incident, instance, instanceId, memberFacts, memberOf, noon, targetsOf } from './examples.ts';

const rings: Partial<ResourceSnapshot> = { alarm: alarm() };
const quiet: Partial<ResourceSnapshot> = { alarm: alarm({ state: 'OK' }) };
const minute = 60;
const hour = 3600;
const ending = { verified: false, reason: 'it could not go on', endedAt: noon, quiet: false, actions: [], timeline: [] };
const until =
  (seconds: number, before: Partial<ResourceSnapshot> = rings, after: Partial<ResourceSnapshot> = quiet): Scene['look'] =>
  (moment: Moment) =>
    moment.seconds < seconds ? before : after;

describe('an incident', () => {
  test('of another account or region is told to a person, and not looked at', async () => {
    for (const home of [
      { account: '999999999999', region: 'us-east-1' },
      { account: '123456789012', region: 'eu-west-1' },
    ]) {
      const run = await drive({ look: () => rings, home });
      expect(run.outcome).toMatchObject({
        status: 'escalated',
        reason: expect.stringContaining('it is in account 123456789012, us-east-1'),
      });
      expect(run.looks).toBe(0);
    }
    const here = await drive({ look: until(1), home: { account: '123456789012', region: 'us-east-1' } });
    expect(here.looks).toBeGreaterThan(0);
  });

  test('is over by itself after two looks that are well, and after no fewer', async () => {
    const run = await drive({ look: () => quiet });
    expect(run.outcome).toMatchObject({ status: 'healed-itself', verified: true, quiet: false });
    expect(run.looks).toBe(2);
    expect((Date.parse(run.outcome.endedAt) - noon) / 1000).toBe(30);
    const once = await drive({ look: ({ looks }) => (looks === 1 ? quiet : rings) });
    expect(once.outcome.status).toBe('escalated');
    expect(once.changes).toEqual(['ec2:RebootInstances']);
  });

  test('is held where it can not be looked at', async () => {
    const run = await drive({ look: () => sdkError('UnauthorizedOperation', 403) });
    expect(run.outcome).toMatchObject({ status: 'held', reason: 'could not look: UnauthorizedOperation: words', verified: false });
  });

  test('that is well on a first look and can not be looked at again is held, not healed', async () => {
    const run = await drive({ look: ({ looks }) => (looks === 1 ? quiet : sdkError('UnauthorizedOperation', 403)) });
    expect(run.outcome.status).toBe('held');
  });

  const silent = { alarm: null, kind: 'ec2-state' } as const;
  const member = memberFacts();
  test.each<[string, Partial<Parameters<typeof drive>[0]['incident']>, Partial<ResourceSnapshot>, boolean]>([
    ['an alarm told of', {}, quiet, false],
    ['the bus told of, of a lone instance', silent, { alarm: null }, false],
    ['the bus told of, of a member', silent, { ...member, alarm: null }, true],
    ['nothing would be done about', { ...silent, disposition: 'escalate', playbook: null, failure: 'instance-terminated' }, member, true],
  ])('that %s and that is well is quiet: %#', async (_, about, seen, expected) => {
    const check = { id: 'well', check: () => ({ state: 'healthy' as const, because: 'it is well' }) };
    const gone = { ...seen, instance: { ...instance(seen.instance ?? {}), state: 'terminated' as const } };
    const terminated = about?.failure === 'instance-terminated';
    const run = await drive({
      incident: about ?? {},
      look: () => (terminated ? { ...gone, group: group({ members: [memberOf('i-1'), memberOf('i-2')] }), alarm: null } : seen),
      playbook: { failing: [check], healthy: [check] },
    });
    expect(run.outcome).toMatchObject({ status: 'healed-itself', quiet: expected });
  });

  test('that says both escalate and a playbook is escalated', async () => {
    const run = await drive({ look: () => rings, incident: { disposition: 'escalate' } });
    expect(run.outcome).toMatchObject({ status: 'escalated', actions: [] });
    expect(run.changes).toEqual([]);
  });

  test('whose playbook the policy takes away is a person’s', async () => {
    const run = await drive({ look: () => rings, policy: { playbooks: { 'instance-unreachable': 'none' } } });
    expect(run.outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('leave it to a person') });
    expect(run.changes).toEqual([]);
  });

  test('whose outcome stands as it was proposed does not keep it with its record once more', async () => {
    const keeping: string[] = [];
    const kept: Scene['kept'] = (name, result) => {
      if (JSON.stringify(result ?? null).includes('"endedAt"')) keeping.push(name);
    };
    await drive({ look: ({ acted }) => (acted === 0 ? rings : quiet), kept });
    expect(keeping).toEqual([]);
  });

  test('that the bus tells of what nobody opted in is held quietly, and one of an alarm isn’t', async () => {
    const foreign = { ...rings, instance: instance({ tags: {} }) };
    const about = { failure: 'instance-terminated', disposition: 'escalate', playbook: null } as const;
    const bus = await drive({ look: () => foreign, incident: { ...about, alarm: null } });
    expect(bus.outcome).toMatchObject({ status: 'held', quiet: true, reason: expect.stringContaining('has no opt-in tag') });
    const told = await drive({ look: () => foreign, incident: about });
    expect(told.outcome).toMatchObject({ quiet: false });
  });

  test('of an owner notes that it treats it, for what is told of its parts', async () => {
    const owner = 'service:checkout in cluster/prod';
    const run = await drive({ look: until(1), incident: { alarm: null, evidence: { owner } } });
    expect(run.trail).toContain('note-treatment');
    expect(await run.ledger.readEpisode(run.own, `treatment of instance-unreachable of ${owner}`)).toMatchObject({ opener: run.own.key });
  });

  test('of a zone is kept for the others in it, for as long as the policy says', async () => {
    const about = {
      failure: 'zone-impaired',
      disposition: 'escalate',
      playbook: null,
      resource: { type: 'zone', id: 'use1-az1' },
    } as const;
    const run = await drive({ look: () => ({ instance: null, alarm: null }), incident: about, policy: { healers: { zone: 2 * hour } } });
    expect(run.outcome.status).toBe('escalated');
    const impairedAt = async (seconds: number) => {
      const one = { id: 'i-1', zone: 'us-east-1a', group: null };
      return (await run.ledger.noteFailing(run.own, one, noon + seconds * 1000, 300_000, ['us-east-1a', 'use1-az1'])).impaired;
    };
    expect(await impairedAt(2 * hour - 1)).toEqual(['use1-az1']);
    expect(await impairedAt(2 * hour + 1)).toEqual([]);
  });
});

describe('a member that its group has lost or replaced', () => {
  /** Ends one; the matters that it asked about, of which others are known or not. */
  const end = async (scene: Partial<Scene>, known = false) => {
    const matters: string[] = [];
    const run = await drive({
      look: () => memberFacts({ ...rings, group: group({ members: [memberOf('i-1'), memberOf('i-2')] }) }),
      ledger: () => ({
        electReporter: async (matter) => {
          matters.push(matter);
          return !known;
        },
      }),
      ...scene,
    });
    return { ...run, matters };
  };
  const check = (healthy: boolean) => ({
    id: 'well',
    check: () => ({ state: healthy ? ('healthy' as const) : ('unhealthy' as const), because: 'so it is' }),
  });
  const lost: Partial<Scene> = {
    incident: { failure: 'instance-terminated', disposition: 'remediate' },
    playbook: { failing: [check(false)], healthy: [check(false)], ladder: [] },
  };
  const replaced: Partial<Scene> = { playbook: { failing: [check(true)], healthy: [check(true)] } };

  test('is news once an hour for each group, whichever member it is', async () => {
    const first = await end(lost);
    expect(first.outcome).toMatchObject({ status: 'escalated', quiet: false, reason: expect.not.stringContaining('people know') });
    expect(first.matters).toEqual([`members that group ${groupName} has lost in 123456789012/us-east-1 at 2026-11-20T12`]);
    expect((await end({ ...lost, start: noon + 3_600_000 })).matters).not.toEqual(first.matters);
    const second = await end(lost, true);
    expect(second.outcome).toMatchObject({
      status: 'escalated',
      quiet: true,
      reason: expect.stringMatching(new RegExp(`; people know of other members that group ${groupName} has lost in this hour$`)),
    });
    expect(second.told).toEqual(['metrics escalated', 'bus escalated']);
    const healed = await end(replaced, true);
    expect(healed.matters).toEqual([`members that group ${groupName} has replaced in 123456789012/us-east-1 at 2026-11-20T12`]);
    expect(healed.outcome).toMatchObject({ status: 'healed-itself', quiet: true });
  });

  test('is told at once where the ledger doesn’t say whether others are known', async () => {
    const run = await end({
      ...lost,
      ledger: () => ({ electReporter: async () => Promise.reject(sdkError('AccessDeniedException', 400)) }),
    });
    expect(run.outcome).toMatchObject({ status: 'escalated', quiet: false });
  });

  test.each<[string, Partial<Scene>]>([
    ['has it still', { ...replaced, look: () => memberFacts(rings) }],
    ['is none', { ...replaced, look: () => rings }],
    ['is to retire on a later day', { ...replaced, incident: { evidence: { deadline: '2026-11-21T12:00:00.000Z' } } }],
    ['is another failure that needs a person', { ...lost, incident: {} }],
  ])('is told by itself where its group %s', async (_, scene) => {
    const run = await end(scene, true);
    expect([run.matters, run.outcome.quiet]).toEqual([[], false]);
  });

  test('is not the one to be told of for all where it failed too long ago to be told of', async () => {
    const run = await end({ ...replaced, start: noon + 3_660_000 });
    expect([run.matters, run.outcome.status, run.outcome.quiet]).toEqual([[], 'healed-itself', true]);
  });

  test('is told by itself where a person has set its alarm by hand', async () => {
    const byHand = memberFacts({ alarm: alarm({ evaluated: false }), group: group({ members: [memberOf('i-1')] }) });
    expect((await end({ ...replaced, look: () => byHand }, true)).matters).toEqual([]);
  });

  test('is told by itself where selfheal has acted on it', async () => {
    const sick = { failing: [check(false)], healthy: [check(false)], ladder: [rung(rebootInstance)] };
    const run = await end({ ...lost, playbook: sick }, true);
    expect(run.changes).toEqual(['ec2:RebootInstances']);
    expect(run.outcome.quiet).toBe(false);
  });
});

describe('an alarm whose event leaves open on which side of its threshold it is', () => {
  const open = { evidence: { sideWanted: 'above' } };
  const compared = (comparison: string | null, state: AlarmFacts['state'] = 'ALARM') => ({ alarm: alarm({ state, comparison }) });

  test.each(['GreaterThanThreshold', 'GreaterThanOrEqualToThreshold'])(
    'is treated where it goes off on that side: %s',
    async (comparison) => {
      const look: Scene['look'] = ({ acted }) => compared(comparison, acted === 0 ? 'ALARM' : 'OK');
      expect((await drive({ incident: open, look })).outcome.status).toBe('healed');
    },
  );

  test.each([
    ['LessThanThreshold', 'fires below its threshold'],
    ['LessThanLowerOrGreaterThanUpperThreshold', 'on either side of its threshold'],
    [null, 'does not say on which side'],
  ])('is told to a person where it does not: %s', async (comparison, why) => {
    const run = await drive({ incident: open, look: () => compared(comparison) });
    expect(run.outcome).toMatchObject({ status: 'escalated', actions: [], reason: expect.stringContaining(why) });
  });

  test('is told to a person where the alarm was deleted, which is not said to tell anything', async () => {
    const { outcome } = await drive({ incident: open, look: () => ({ alarm: null }) });
    expect(outcome).toMatchObject({
      status: 'escalated',
      reason: expect.stringContaining('CloudWatch lists no alarm web-status, so nothing'),
    });
    expect(outcome.reason).not.toContain('the alarm as it stands');
  });
});

describe('what AWS tells of an instance', () => {
  const about = { kind: 'aws-health', alarm: null, disposition: 'escalate', playbook: null, failure: 'host-impaired' } as const;

  test('that another incident is treating is told with that one', async () => {
    const before: Scene['before'] = (ledger, own) => ledger.acquire(placedAt(own, own.resource), 'another', noon, noon + hour * 1000);
    const run = await drive({ look: () => rings, incident: about, playbook: {}, before });
    expect(run.outcome).toMatchObject({ quiet: true, reason: expect.stringContaining('incident another is treating it') });
  });

  test('waits for the end of that one more and more rarely, half a day at most, and also after a read that failed', async () => {
    const before: Scene['before'] = (ledger, own) => ledger.acquire(placedAt(own, own.resource), 'another', noon, noon + 24 * hour * 1000);
    let reads = 0;
    const ledger: Scene['ledger'] = (real) => ({
      read: async (key) => {
        if (key === 'another' && ++reads === 3) throw sdkError('InternalServerError', 500);
        return key === 'another' ? null : real.read(key);
      },
    });
    const run = await drive({ look: () => rings, incident: about, playbook: {}, before, ledger });
    expect(run.outcome).toMatchObject({ quiet: true, reason: expect.stringContaining('incident another is treating it') });
    const waits = run.trail.flatMap((entry) => /^holder-(?:wait|outcome-again) (\d+)$/.exec(entry)?.[1] ?? []);
    expect(waits.map((seconds) => Number(seconds) / minute)).toEqual([2, 8, 20, 60, 180, 480]);
    expect(reads).toBe(6);
  });

  test('while another incident waits for it to recover is told with that one', async () => {
    const before: Scene['before'] = (ledger, own) => ledger.noteWaiting(placedAt(own, own.resource), 'another', noon, noon + hour * 1000);
    const run = await drive({ look: () => rings, incident: about, playbook: {}, before });
    expect(run.outcome).toMatchObject({ quiet: true, reason: expect.stringContaining('incident another is treating it') });
  });

  test.each([
    ['held', true, false],
    ['failed', true, false],
    ['held', false, true],
    ['healed-itself', true, true],
  ] as const)('is told after all where that one ends %s, quietly: %s', async (status, isQuiet, isToldThere) => {
    const ended = { ...concludeIncident({ ...incident(), key: 'another' }, { ...ending, status }), quiet: isQuiet };
    const before: Scene['before'] = (ledger, own) => ledger.acquire(placedAt(own, own.resource), 'another', noon, noon + hour * 1000);
    const ledger: Scene['ledger'] = (real, moment) => ({
      // It goes on for a quarter of an hour.
      read: async (key) => {
        if (key === 'another' && moment().seconds > 15 * minute) await real.close(ended);
        return real.read(key);
      },
    });
    const run = await drive({ look: () => rings, incident: about, playbook: {}, before, ledger });
    expect(run.outcome).toMatchObject({ status: 'escalated', quiet: isToldThere });
    expect(run.told).toHaveLength(isToldThere ? 2 : 3);
    expect(run.outcome.reason.includes('incident another is treating it')).toBe(isToldThere);
    expect(run.seconds).toBeLessThan(hour);
  });

  test('finds an incident that waits, as long as it waits, and its story so far', async () => {
    const holders: (string | null)[] = [];
    const stories: string[][] = [];
    const aside = watch({ because: 'EC2 recovers hosts by itself', atMost: 300 });
    const run = await drive({
      look: until(120),
      playbook: { ladder: [aside, rung(rebootInstance)] },
      ledger: (real, moment) => ({
        noteWaiting: async (...given) => {
          await real.noteWaiting(...given);
          holders.push(await real.holderOf(given[0], noon + moment().seconds * 1000));
        },
        noteStory: async (key, timeline) => {
          stories.push(timeline.map(({ phase }) => phase));
          await real.noteStory(key, timeline);
        },
      }),
    });
    expect(holders).toEqual([run.own.key, null]);
    expect(stories).toEqual([['signal', 'look', 'wait']]);
  });

  test('is told by itself where it is no word of its health: another incident that treats it does not speak for that', async () => {
    const before: Scene['before'] = (ledger, own) => ledger.acquire(placedAt(own, own.resource), 'another', noon, noon + hour * 1000);
    const run = await drive({ look: () => rings, incident: { ...about, kind: 'ec2-state' }, playbook: {}, before });
    expect(run.outcome).toMatchObject({ quiet: false, reason: expect.not.stringContaining('another is treating it') });
  });

  test('that nobody is treating any more is told', async () => {
    const before: Scene['before'] = (ledger, own) => ledger.acquire(placedAt(own, own.resource), 'another', noon - hour * 1000, noon - 1);
    expect((await drive({ look: () => rings, incident: about, before })).outcome.quiet).toBe(false);
  });
});

describe('what nothing will be done about', () => {
  const aside = watch({ because: 'EC2 automatically recovers instances from failed hosts', atMost: 300 });
  const plain = { look: () => ({ ...rings, instance: instance({ tags: {} }) }), guards: [optIn, lease] };

  test('is told at once, and not after what is waited for', async () => {
    const run = await drive({ ...plain, playbook: { ladder: [aside, rung(rebootInstance)] } });
    expect(run.outcome).toMatchObject({ status: 'held', quiet: false, reason: expect.stringContaining('is not opted in') });
    expect(run.seconds).toBeLessThan(60);
  });

  test('is told at once, too, where it still fails after a pause', async () => {
    const after = incident({ evidence: { [afterPauseKey]: "alice's pause" } });
    const run = await drive({ look: () => rings, incident: after, playbook: { ladder: [aside, rung(rebootInstance)] } });
    expect(run.outcome).toMatchObject({ status: 'held', quiet: false, reason: expect.stringContaining("alice's pause is over") });
    expect(run.seconds).toBeLessThan(60);
  });

  const unopted = () => ({ ...rings, instance: instance({ tags: {}, groupName: 'web' }) });
  test.each([
    ['sees only what EC2 does', group({ healthCheckType: 'EC2' }), true],
    ['must not launch', group({ healthCheckType: 'ELB', suspendedProcesses: ['Launch'] }), true],
    ['sees it', group({ healthCheckType: 'ELB' }), false],
  ])('is told at once where its group %s', async (_, of, atOnce) => {
    const run = await drive({ ...plain, look: () => ({ ...unopted(), group: of }), playbook: { ladder: [aside, rung(rebootInstance)] } });
    expect(run.seconds < 60).toBe(atOnce);
  });

  test('is waited for where something may be done', async () => {
    const run = await drive({ ...plain, look: () => rings, playbook: { ladder: [aside, rung(rebootInstance)] } });
    expect(run.changes).toEqual(['ec2:RebootInstances']);
    expect(run.seconds).toBeGreaterThan(300);
  });
});

describe('an alarm that went off because its metric fell silent', () => {
  const silent = (whyNoFailure: Scene['whyNoFailure']) =>
    drive({
      look: ({ acted }) => (acted === 0 ? rings : quiet),
      incident: { evidence: { [silenceKey]: 'is-the-signal' } },
      ...(whyNoFailure ? { whyNoFailure } : {}),
    });

  test('is treated where the metric had data before', async () => {
    expect((await silent(async () => null)).outcome.status).toBe('healed');
  });

  test("is a person's where it had none, or where that can't be told", async () => {
    const none = await silent(async () => 'it has never had data');
    expect(none.outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('no action: it has never had data') });
    const denied = await silent(() => Promise.reject(sdkError('AccessDenied', 403)));
    expect(denied.outcome).toMatchObject({
      status: 'escalated',
      reason: expect.stringContaining('nothing tells whether it had data before'),
    });
    expect([...none.changes, ...denied.changes]).toEqual([]);
  });
});

describe('what a person stops and starts', () => {
  const started = (groupName: string | null, change: NonNullable<Scene['incident']>, stateReason = 'Client.UserInitiatedShutdown') =>
    drive({
      look: ({ seconds }) =>
        seconds < minute
          ? { ...rings, instance: instance({ state: 'stopped', stateReason, groupName }) }
          : { ...quiet, instance: instance({ groupName }) },
      incident: change,
      playbook: { healthy: [statusChecksPass], ladder: [watch({ because: 'it starts', atMost: 300 }), rung(rebootInstance)] },
    });

  test('has not failed: its events are held quietly', async () => {
    const { outcome } = await started(null, { alarm: null });
    expect(outcome).toMatchObject({ status: 'held', quiet: true, reason: expect.stringMatching(/^it was stopped on purpose \(Client/) });
  });

  test('has healed where an alarm rang meanwhile, or its group may have replaced it', async () => {
    for (const { outcome } of [await started(null, {}), await started(groupName, { alarm: null })])
      expect(outcome).toMatchObject({ status: 'healed-itself', verified: true });
    const other = await started(null, { alarm: null }, 'Server.InternalError');
    expect(other.outcome).toMatchObject({ status: 'healed-itself', verified: true });
  });
});

describe('what one look does not find', () => {
  const missing = { ...rings, instance: null, status: null };

  test('is looked for once more before it is said to be gone, and treated where it is there', async () => {
    const run = await drive({ look: ({ looks, acted }) => (looks === 1 ? missing : acted === 0 ? rings : quiet) });
    expect(run.outcome.status).toBe('healed');
    expect(run.waits()[0]).toBe(60);
    expect(run.texts).toContain(
      `EC2 finds no instance ${run.own.resource.id}: there is no such instance; alarm web-status ALARM since 12:00 UTC`,
    );
  });

  test('is has no target where the second look does not find it either', async () => {
    const run = await drive({ look: () => missing });
    expect(run.outcome).toMatchObject({ status: 'escalated', actions: [] });
    expect(run.looks).toBeGreaterThan(1);
  });
});

describe('where somebody else rules', () => {
  test('a silenced alarm ends it quietly, before anything else is looked at', async () => {
    const run = await drive({ look: () => ({ alarm: alarm({ actionsEnabled: false, composite: true }) }) });
    expect(run.outcome).toMatchObject({ status: 'held', quiet: true, reason: expect.stringContaining('are disabled') });
    expect(run.calls).toEqual([]);
  });

  const owned = instance({ tags: { selfheal: 'on', 'karpenter.sh/nodepool': 'default' } });
  test('an owner that repairs is given half an hour, and then a person is told', async () => {
    const run = await drive({ look: () => ({ ...rings, instance: owned }) });
    expect(run.outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('owners.karpenter in the policy is leave') });
    expect(run.seconds).toBeGreaterThanOrEqual(30 * minute);
    expect(run.seconds).toBeLessThan(35 * minute);
    expect(run.changes).toEqual([]);
  });

  test('an owner that has repaired it in the meantime is thanked', async () => {
    const look = until(10 * minute, { ...rings, instance: owned }, { ...quiet, instance: owned });
    expect((await drive({ look })).outcome).toMatchObject({ status: 'healed-itself', actions: [] });
  });

  test('an owner that repairs nothing has a person told at once', async () => {
    const run = await drive({ look: () => ({ ...rings, instance: instance({ tags: { selfheal: 'on', AmazonECSManaged: '' } }) }) });
    expect(run.outcome.status).toBe('escalated');
    expect(run.waits()).toEqual([]);
  });
});

describe('a composite alarm', () => {
  const cause = 'i-0ffffffffffffffff';
  const composite = {
    resource: { type: 'alarm', id: 'site' },
    alarm: { name: 'site', arn: null },
    disposition: 'escalate',
    playbook: null,
  } as const;
  const child = (id: string) => ({
    AlarmName: `${id}-status`,
    AlarmArn: `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${id}-status`,
    StateValue: 'ALARM',
    StateUpdatedTimestamp: new Date(noon),
    StateReason: 'Threshold Crossed: 3 datapoints were greater than or equal to the threshold (1.0).',
    StateReasonData: JSON.stringify({ version: '1.0', queryDate: '2026-11-20T12:00:00Z', threshold: 1, recentDatapoints: [1, 1, 1] }),
    Namespace: 'AWS/EC2',
    MetricName: 'StatusCheckFailed_Instance',
    Dimensions: [{ Name: 'InstanceId', Value: id }],
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 3,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  });
  const children =
    (...ids: string[]) =>
    (call: string): Answer | undefined =>
      call === 'cloudwatch:DescribeAlarms' ? { output: { MetricAlarms: ids.map(child) } } : undefined;
  const looking =
    (seen: Partial<ResourceSnapshot>): Scene['look'] =>
    ({ acted }, about) =>
      about.resource.type === 'alarm'
        ? { instance: null, status: null, alarm: alarm({ name: 'site', composite: true }) }
        : acted > 0
          ? { ...seen, ...quiet }
          : seen;

  test('has its one cause treated, under its own key', async () => {
    const run = await drive({
      incident: { ...composite, failure: 'service-impaired' },
      answer: children(cause),
      look: looking({ ...rings, instance: instance({ id: cause }) }),
    });
    expect(run.outcome).toMatchObject({ status: 'healed', incident: run.own.key, resource: { type: 'instance', id: cause } });
  });

  test('has nothing treated where its cause is somebody else’s', async () => {
    const member = memberFacts({
      instance: instance({ id: cause, groupName: 'web' }),
      group: group({ members: [memberOf(cause, { lifecycleState: 'Standby' })] }),
    });
    const run = await drive({ incident: { ...composite, failure: 'service-impaired' }, answer: children(cause), look: looking(member) });
    expect(run.outcome).toMatchObject({ status: 'held', quiet: true, reason: expect.stringContaining('Standby') });
    expect(run.changes).toEqual([]);
  });

  test.each<[string, Scene['answer'], RegExp]>([
    ['has more than one', children(cause, 'i-0eeeeeeeeeeeeeeee'), /its children report instance-unreachable on .* instance-unreachable on/],
    ['has none', children(), /nothing that matches a failure class/],
    ['can not be asked', () => sdkError('AccessDenied', 403), /its children could not be read: .*AccessDenied/],
  ])('whose cause %s is a person’s', async (_, answer, reason) => {
    const run = await drive({
      incident: { ...composite, failure: 'service-impaired' },
      ...(answer ? { answer } : {}),
      look: looking(rings),
    });
    expect(run.outcome).toMatchObject({ status: 'escalated', reason: expect.stringMatching(reason) });
    expect(run.changes).toEqual([]);
  });
});

describe('standing aside', () => {
  const aside = (more: object = {}) => ({
    ladder: [watch({ because: 'somebody else heals', atMost: 10 * minute, ...more }), rung(rebootInstance)],
  });

  test('is given its time, and ends it where that has helped', async () => {
    const helped = await drive({ look: until(5 * minute), playbook: aside() });
    expect(helped.outcome).toMatchObject({ status: 'healed-itself', actions: [] });
    const spent = await drive({ look: () => rings, playbook: aside() });
    expect(spent.changes).toEqual(['ec2:RebootInstances']);
    const [{ seconds } = { seconds: 0 }] = spent.calls.filter(({ call }) => call === 'ec2:RebootInstances');
    expect(seconds).toBeGreaterThanOrEqual(10 * minute);
    expect(seconds).toBeLessThan(13 * minute);
  });

  test('asks AWS again only after a minute or more where that refuses a look, so that others get theirs', async () => {
    const refused = async (playbook: Scene['playbook'], from: number) => {
      const at: number[] = [];
      await drive({
        look: ({ seconds, looks }) => {
          at.push(seconds);
          return looks >= from && looks < from + 4 ? sdkError('RequestLimitExceeded', 503) : seconds < 40 * minute ? rings : quiet;
        },
        ...(playbook ? { playbook } : {}),
        draw: 1 - Number.EPSILON,
      });
      return at.slice(from, from + 4).map((time, i) => Math.round(time - (at[from - 1 + i] ?? 0)));
    };
    expect(await refused(aside({ atMost: hour }), 3)).toEqual([60, 120, 240, 480]);
    expect(await refused(undefined, 1)).toEqual([5, 10, 20, 40]);
  });

  test('for a group is as long as that gives a new member, where that is longer', async () => {
    const seen = (change: object): Scene['look'] => {
      return () => memberFacts({ ...rings, group: group({ ...change, members: [memberOf(instanceId, { health: 'Unhealthy' })] }) });
    };
    const given = async (change: object, grace?: 'group') => {
      const run = await drive({ look: seen(change), guards: [lease], playbook: aside(grace ? { grace } : {}) });
      return run.calls.find(({ call }) => call === 'ec2:RebootInstances')?.seconds ?? 0;
    };
    const long = { healthCheckGraceSeconds: 15 * minute, warmUpSeconds: 5 * minute };
    expect(await given(long, 'group')).toBeGreaterThanOrEqual(20 * minute);
    expect(await given(long, 'group')).toBeLessThan(23 * minute);
    expect(await given({ healthCheckGraceSeconds: 60 }, 'group')).toBeGreaterThanOrEqual(10 * minute);
    expect(await given(long)).toBeLessThan(13 * minute);
  });

  test('is content with another way to be well, where it names one', async () => {
    const look: Scene['look'] = ({ seconds }) =>
      memberFacts({
        ...rings,
        group: group({ members: seconds < 2 * minute ? [memberOf(instanceId)] : [memberOf('i-1'), memberOf('i-2')] }),
      });
    expect((await drive({ look, playbook: aside({ or: [memberIsReplaced] }) })).outcome.status).toBe('healed-itself');
    expect((await drive({ look, playbook: aside() })).outcome.status).toBe('escalated');
  });

  test('is held where it can not be seen whether that helps', async () => {
    const run = await drive({ look: ({ looks }) => (looks > 1 ? sdkError('UnauthorizedOperation', 403) : rings), playbook: aside() });
    expect(run.outcome.status).toBe('held');
    expect(run.changes).toEqual([]);
  });

  test('is left out where its condition is not met', async () => {
    const run = await drive({ look: until(1), playbook: aside({ when: [{ id: 'never', met: () => false }] }) });
    expect(run.texts.join()).not.toContain('standing aside');
  });
});

describe('a maintenance window', () => {
  const playbook = { ladder: [maintenanceWindow(), rung(rebootInstance)] };
  const hours = { calm: { fromHour: 14, toHour: 16 } };

  test('is waited for, and the failure looked at again', async () => {
    const run = await drive({ look: ({ acted }) => (acted === 0 ? rings : quiet), playbook, policy: hours });
    const waited = Number(run.trail.find((entry) => entry.startsWith('calm-wait '))?.split(' ')[1]);
    expect(waited).toBeGreaterThanOrEqual(2 * hour);
    expect(waited).toBeLessThanOrEqual(3.75 * hour);
    expect(run.outcome.status).toBe('healed');
    const gone = await drive({ look: ({ seconds }) => (seconds < hour ? rings : quiet), playbook, policy: hours });
    expect(gone.outcome.status).toBe('healed-itself');
    const blind = await drive({
      look: ({ looks }) => (looks > 1 ? sdkError('UnauthorizedOperation', 403) : rings),
      playbook,
      policy: hours,
    });
    expect(blind.outcome.status).toBe('held');
  });

  test('is not waited for where nothing would be done in it, so that people have the more time', async () => {
    const run = await drive({ look: () => rings, playbook, policy: hours, problem: "the policy can't be used" });
    expect(run.trail.join()).not.toContain('calm-wait');
  });

  test('is not waited for where the deadline comes first', async () => {
    const run = await drive({
      look: ({ acted }) => (acted === 0 ? rings : quiet),
      playbook,
      policy: hours,
      incident: { evidence: { deadline: '2026-11-20T15:00:00Z' } },
    });
    expect(run.trail.join()).not.toContain('calm-wait');
  });
});

describe('a ladder that is climbed in rounds', () => {
  const target = (id: string, state: string) => ({ id, state });
  const ladder = [rung(rebootInstance, { healthy: [treatedTargetIsWell], within: 2 * minute })];
  const rounds = (count: number) => ({ failing: [targetsAreHealthy], healthy: [targetsAreHealthy], ladder, maxPasses: count });
  /** One target after the other falls sick and is treated; `acted` of them are well again. */
  const sick =
    (count: number): Scene['look'] =>
    ({ acted }) => ({
      ...rings,
      instance: instance({ id: `i-${Math.min(acted, count - 1)}` }),
      targets: targetsOf(Array.from({ length: count }, (_, i) => target(`i-${i}`, i < acted ? 'healthy' : 'unhealthy'))),
    });

  test('treats one part after the other, and is healed once the whole is', async () => {
    const run = await drive({ look: sick(3), playbook: rounds(5) });
    expect(run.outcome).toMatchObject({ status: 'healed', reason: 'all 3 targets are healthy' });
    expect(run.outcome.actions.map(({ target }) => target)).toEqual(['i-0', 'i-1', 'i-2']);
  });

  test('ends with a person after its rounds', async () => {
    const run = await drive({ look: sick(4), playbook: rounds(2) });
    expect(run.outcome).toMatchObject({ status: 'escalated', reason: 'after 2 rounds: 2 of 4 targets are not healthy' });
    expect(run.outcome.actions).toHaveLength(2);
  });

  test('is climbed once where nothing is said of rounds', async () => {
    const { maxPasses: _, ...once } = rounds(1);
    const run = await drive({ look: sick(3), playbook: once });
    expect(run.outcome).toMatchObject({ status: 'healed' });
    expect(run.outcome.actions).toHaveLength(1);
  });

  test('is not healed by a lone target that is no longer registered', async () => {
    const look: Scene['look'] = ({ acted }) => ({
      ...rings,
      targets: targetsOf([...(acted === 0 ? [target(instanceId, 'unhealthy')] : []), target('i-1', 'healthy')]),
    });
    const run = await drive({ look, playbook: rounds(5) });
    expect(run.outcome).toMatchObject({ status: 'escalated', verified: false });
  });

  test('is a person’s where nobody can see whether the whole is well', async () => {
    const denied = sdkError('UnauthorizedOperation', 403);
    let looks = 0;
    // The third look is the last that there is: the part is well on two of them, and the whole can't be told.
    const look: Scene['look'] = (moment) => {
      if (moment.acted > 0 && ++looks > 3) return denied;
      return { ...rings, targets: targetsOf([target(instanceId, moment.acted === 0 ? 'unhealthy' : 'healthy')]) };
    };
    const whole = { id: 'whole', check: () => ({ state: 'unknown' as const, because: 'half of it' }) };
    const run = await drive({ look, playbook: { ...rounds(5), healthy: [whole] } });
    expect(run.outcome).toMatchObject({ status: 'escalated', reason: 'could not look: UnauthorizedOperation: words' });
  });

  test('is a person’s where the parts are well and the whole is not, for a quarter of an hour', async () => {
    const look: Scene['look'] = ({ acted }) => ({
      ...rings,
      targets: targetsOf(acted === 0 ? [target(instanceId, 'unhealthy')] : [target(instanceId, 'healthy'), target('i-1', 'initial')]),
    });
    const whole = { id: 'whole', check: () => ({ state: 'unknown' as const, because: 'half of it' }) };
    const run = await drive({ look, playbook: { ...rounds(5), healthy: [whole] } });
    expect(run.outcome).toMatchObject({ status: 'escalated', reason: 'treated, but half of it' });
    expect(run.seconds).toBeGreaterThan(15 * minute);
  });
});

describe('an alarm whose tags say what it means', () => {
  const tagged = async (failure: string, subject: string) => {
    const fires = {
      ...{
        AlarmName: 'web-status',
        AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:web-status',
        StateValue: 'ALARM',
        StateReason: '',
      },
      ...{ Namespace: 'Shop', MetricName: 'Alive', Dimensions: [], Threshold: 1, ComparisonOperator: 'LessThanThreshold' },
      ...{ Period: 60, Statistic: 'Minimum', StateUpdatedTimestamp: new Date(noon) },
    };
    const Tags = Object.entries({ 'selfheal:failure': failure, 'selfheal:subject': subject }).map(([Key, Value]) => ({ Key, Value }));
    const run = await drive({
      look: () => quiet,
      policy: { classification: { alarmTags: 'on' } },
      incident: { failure: 'application-down', playbook: 'restart-instance', disposition: 'remediate' },
      answer: (call) =>
        call.endsWith(':ListTagsForResource')
          ? { output: { Tags } }
          : call.endsWith(':DescribeAlarms')
            ? { output: { MetricAlarms: [fires] } }
            : undefined,
    });
    return run.depths.filter((depth) => depth === 'full').length;
  };

  test('is looked at again where they name another resource or another failure, and only there', async () => {
    expect(await tagged('application-down', instanceId)).toBe(1);
    expect(await tagged('application-down', 'i-0fedcba9876543210')).toBe(2);
    expect(await tagged('instance-unreachable', instanceId)).toBe(2);
  });
});
