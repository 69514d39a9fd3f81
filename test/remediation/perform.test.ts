import { describe, expect, test } from '@jest/globals';
import type { Action } from '../../shared/actions/action.ts';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { replaceMember } from '../../shared/actions/replace-member.ts';
import { startInstance } from '../../shared/actions/start-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { replacementKey } from '../../shared/aws/replacements.ts';
import type { ActionRecord } from '../../shared/model/outcome.ts';
import { placedAt } from '../../shared/model/place.ts';
import type { InstanceFacts, ResourceSnapshot } from '../../shared/model/snapshot.ts';
import { LeaseLostError, type Ledger } from '../../shared/ports/ledger.ts';
import { OutdatedError, type Replacements } from '../../shared/ports/replacements.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { type PerformDeps, perform } from '../../shared/remediation/perform.ts';
import { type Answer, empty, recordingClients, sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { followBy, simpleEngine } from './engine.ts';
import { facts, group, incident, instance, instanceId, memberFacts, memberOf, noon, policy } from './examples.ts';

const minute = 60_000;
const own = incident();
const resource = own.resource;
const allowed = sdkError('DryRunOperation', 412);
const noCapacity = sdkError('InsufficientInstanceCapacity', 500);

type Scene = {
  action?: Action;
  dryRun?: boolean;
  /** The state of the instance when it begins. */
  state?: InstanceFacts['state'];
  /** What is looked at to begin with, where it isn't a lone instance. */
  first?: ResourceSnapshot;
  replacements?: readonly Replacements[];
  /** What AWS answers to the nth call of that name, dry runs left out. */
  answer?: (call: string, nth: number) => Answer | undefined;
  /** What AWS answers to a dry run. */
  rehearsed?: Answer;
  /** How the instance goes on after the nth successful call of that name: changes, and after how many seconds each. */
  course?: (call: string, nth: number) => [seconds: number, change: Partial<InstanceFacts>][];
  /** How it goes on whatever is called. */
  anyway?: [seconds: number, change: Partial<InstanceFacts>][];
  /** True where nobody can look. */
  blind?: (seconds: number) => boolean;
  /** True where AWS answers that there is no such instance. */
  nothing?: (seconds: number) => boolean;
  position?: (seconds: number) => 'on' | 'dry-run' | 'off';
  loses?: (name: string) => boolean;
  ledger?: Partial<Ledger>;
  /** What the guards say who are asked again midway. */
  mayGoOn?: PerformDeps['mayGoOn'];
  away?: PerformDeps['away'];
};

/** Stops within a minute, starts within a minute. */
const usual: NonNullable<Scene['course']> = (call) =>
  call === 'ec2:StopInstances'
    ? [
        [0, { state: 'stopping', stateReason: 'Client.UserInitiatedShutdown' }],
        [45, { state: 'stopped' }],
      ]
    : [
        [0, { state: 'pending', stateReason: null }],
        [40, { state: 'running' }],
      ];

const play = async (scene: Scene) => {
  const { action = stopStartInstance, dryRun = false, course = usual, first, replacements = [] } = scene;
  const engine = simpleEngine({ start: noon, ...(scene.loses ? { loses: scene.loses } : {}) });
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  await journal.persist('open', async () => null);
  const seconds = () => (engine.now() - noon) / 1000;
  const ledger = { ...(await emptyLedger()), ...scene.ledger };
  await ledger.open(own, noon);
  await ledger.acquire(placedAt(own, resource), own.key, noon, noon + 600 * minute);
  const changes: [at: number, change: Partial<InstanceFacts>][] = [[0, { state: scene.state ?? 'running' }], ...(scene.anyway ?? [])];
  const counts = new Map<string, number>();
  /** Each call, whether it was a dry run, and after how many seconds. */
  const calls: string[] = [];
  /** What the ledger had of the incident at the first call that was none. */
  let noted: ReturnType<Ledger['read']> | undefined;
  const { clients } = recordingClients((call, { DryRun }) => {
    if (DryRun) {
      calls.push(`would ${call}`);
      return scene.rehearsed ?? allowed;
    }
    noted ??= ledger.read(own.key);
    const nth = (counts.get(call) ?? 0) + 1;
    counts.set(call, nth);
    calls.push(call);
    const answer = scene.answer?.(call, nth) ?? empty;
    if (!(answer instanceof Error) || answer === lost) {
      for (const [after, change] of course(call, nth)) changes.push([seconds() + after, change]);
    }
    return answer;
  });
  const now = (): ResourceSnapshot => {
    const merged = Object.assign({}, ...changes.flatMap(([at, change]) => (at <= seconds() ? [change] : [])));
    return { ...(first ?? facts()), at: engine.now(), instance: instance({ ...first?.instance, ...merged }) };
  };
  const actions: ActionRecord[] = [];
  const observe = async () => (scene.blind?.(seconds()) ? null : { ...now(), ...(scene.nothing?.(seconds()) ? { instance: null } : {}) });
  const performed = await perform(
    {
      incident: own,
      action,
      target: resource,
      facts: now(),
      policy: policy(),
      dryRun,
      attempt: 1,
      reference: 'an-attempt',
      attempts: [],
      replacements,
    },
    {
      journal,
      clients,
      ledger,
      killSwitch: { read: async () => scene.position?.(seconds()) ?? 'on' },
      observe,
      follow: followBy(observe, { wait: journal.wait, now: engine.now }),
      record: (one) => actions.push(one),
      ...(scene.mayGoOn ? { mayGoOn: scene.mayGoOn } : {}),
      ...(scene.away ? { away: scene.away } : {}),
    },
  );
  const { attempts } = (await ledger.acquire(placedAt(own, resource), own.key, noon + minute, noon + 600 * minute)) as {
    attempts: unknown[];
  };
  return {
    ...{ performed, calls, actions, attempts, seconds: seconds(), trail: engine.trail, timeline: journal.timeline },
    noted: await noted,
    record: await ledger.read(own.key),
    out: await ledger.outOfService(),
    results: actions.map(({ result }) => result),
  };
};
/** The call took effect, and its answer didn't come. */
const lost = sdkError('TimeoutError');

describe('an action of several steps', () => {
  test('has its later steps rehearsed before the first is done, waits for each, and leaves nothing out of service', async () => {
    const { performed, calls, results, out, record } = await play({});
    expect(performed).toEqual({ result: 'acted' });
    expect(calls).toEqual(['would ec2:StartInstances', 'ec2:StopInstances', 'ec2:StartInstances']);
    expect(results).toEqual(['done', 'done']);
    expect(out).toEqual([]);
    expect(record?.out).toBeNull();
  });

  test('is not begun where EC2 would refuse a later step', async () => {
    const { performed, calls, attempts, record, timeline } = await play({ rehearsed: sdkError('UnauthorizedOperation', 403) });
    expect(timeline.map(({ text }) => text).join()).toContain('would have been refused: ec2:StartInstances: UnauthorizedOperation');
    expect(performed).toMatchObject({ result: 'refused', error: { code: 'UnauthorizedOperation' } });
    expect(calls).toEqual(['would ec2:StartInstances']);
    expect(attempts).toEqual([]);
    expect(record).toMatchObject({ begun: [], out: null });
  });

  test('is not begun where nobody can find out whether a later step would be refused', async () => {
    const { performed, calls, timeline } = await play({ rehearsed: sdkError('RequestLimitExceeded', 503) });
    expect(timeline.map(({ text }) => text).join()).toContain(
      'could not be checked by a dry run: ec2:StartInstances: RequestLimitExceeded',
    );
    expect(performed).toMatchObject({ result: 'not-done', error: { code: 'RequestLimitExceeded' } });
    expect(new Set(calls)).toEqual(new Set(['would ec2:StartInstances']));
  });

  test('goes on with the finishing call where nobody can see whether the first has taken effect', async () => {
    const { calls, performed } = await play({ blind: (seconds) => seconds > 0 });
    expect(calls).toEqual(['would ec2:StartInstances', 'ec2:StopInstances', 'ec2:StartInstances']);
    expect(performed).toEqual({ result: 'acted' });
  });

  test('only waits for a step that is under way already', async () => {
    const { calls } = await play({ state: 'stopped' });
    expect(calls).toEqual(['would ec2:StartInstances', 'ec2:StartInstances']);
  });

  test('is recorded as an attempt, and as out of service, where another has stopped it and it is only started', async () => {
    const course: Scene['course'] = () => [
      [0, { state: 'pending', stateReason: null }],
      [40, { state: 'running' }],
    ];
    const { performed, calls, attempts, noted, out } = await play({ state: 'stopped', course });
    expect(performed.result).toBe('acted');
    expect(calls.filter((call) => !call.startsWith('would '))).toEqual(['ec2:StartInstances']);
    expect(attempts).toHaveLength(1);
    expect(noted).toMatchObject({ begun: [{ action: 'stop-start-instance' }], out: { instance: instanceId } });
    expect(out).toEqual([]);
    let deaths = 0;
    const died = await play({ state: 'stopped', course, loses: (name) => name === 'act-stop-start-instance-start' && deaths++ === 0 });
    expect(died.calls.filter((call) => !call.startsWith('would '))).toEqual(['ec2:StartInstances']);
    expect(died.attempts).toHaveLength(1);
    // Whether it was recorded is not known, but since when it is out of service is, where its own stop has taken effect.
    const interrupted: unknown[] = [];
    const noting = { noteBegun: async (...[, , , given]: Parameters<Ledger['noteBegun']>) => void interrupted.push(given) };
    deaths = 0;
    await play({ state: 'stopped', course, ledger: noting, loses: (name) => name === 'act-stop-start-instance-start' && deaths++ === 0 });
    expect(interrupted).toEqual([null]);
    interrupted.length = 0;
    const stops: Scene['anyway'] = [
      [5, { state: 'stopping' }],
      [45, { state: 'stopped' }],
    ];
    await play({ course, ledger: noting, anyway: stops, loses: (name) => name === 'act-stop-start-instance-stop' });
    expect(interrupted).toEqual([]);
    const unwritten = await play({
      state: 'stopped',
      course,
      ledger: { recordAttempt: () => Promise.reject(sdkError('InternalServerError', 500)) },
    });
    expect(unwritten.performed.result).toBe('acted');
    expect(unwritten.calls).toContain('ec2:StartInstances');
  });

  test('is half done where its first step does not take effect in an hour and a half', async () => {
    const { performed, calls, seconds, out } = await play({ course: () => [[0, { state: 'stopping' }]] });
    expect(performed).toMatchObject({ result: 'half-done', error: { code: 'NotSettled', message: expect.stringContaining('1 h 30 min') } });
    expect(calls).not.toContain('ec2:StartInstances');
    expect(seconds).toBe(5400);
    expect(out).toMatchObject([{ instance: instanceId, group: null, since: noon }]);
  });

  test('goes on all the same where a step may take longer, and says so', async () => {
    const [stop, ...rest] = stopStartInstance.steps;
    const action: Action = {
      ...stopStartInstance,
      steps: [{ ...stop, settled: { when: () => false, within: 600, goesOn: true } }, ...rest] as Action['steps'],
    };
    const { performed, calls, timeline } = await play({ action });
    expect(performed.result).toBe('acted');
    expect(calls).toContain('ec2:StartInstances');
    expect(timeline.map(({ text }) => text)).toContain('stop had not taken effect after 10 min 00 s: going on');
  });

  test('is not started again where its start has failed for good, though the answer to that was lost', async () => {
    const { performed, calls, out } = await play({
      answer: (call) => (call === 'ec2:StartInstances' ? lost : undefined),
      course: (call, nth) =>
        call === 'ec2:StopInstances'
          ? usual(call, nth)
          : [
              [0, { state: 'pending', stateReason: null }],
              [5, { state: 'stopped', stateReason: 'Client.InternalError: Client error on launch' }],
            ],
    });
    expect(calls.filter((call) => call === 'ec2:StartInstances')).toHaveLength(1);
    expect(performed).toMatchObject({ result: 'half-done', error: { code: 'NotStarted' } });
    expect(out).toHaveLength(1);
  });

  test('is not started again within two minutes of a lost answer where nobody can look, and is then', async () => {
    let starts = 0;
    const { performed, trail } = await play({
      answer: (call, nth) => (call === 'ec2:StartInstances' && nth === 1 ? lost : undefined),
      course: (call, nth) => {
        if (call === 'ec2:StopInstances') return usual(call, nth);
        starts = nth;
        return nth === 1 ? [] : usual(call, nth);
      },
      blind: () => starts === 1,
    });
    const waits = trail.filter((entry) => entry.startsWith('act-stop-start-instance-'));
    expect(waits).toContain('act-stop-start-instance-backoff 120');
    expect(starts).toBe(2);
    expect(performed.result).toBe('acted');
  });

  test('leaves it noted as out of service where nobody could look whether its start took effect', async () => {
    let started = false;
    const { performed, out } = await play({
      answer: (call) => {
        started ||= call === 'ec2:StartInstances';
        return undefined;
      },
      blind: () => started,
    });
    expect(performed.result).toBe('acted');
    expect(out).toMatchObject([{ instance: instanceId }]);
  });

  test('looks a few times a minute at first, and every minute and a half at last', async () => {
    const { trail } = await play({ course: () => [[0, { state: 'stopping' }]] });
    const waits = trail.filter((entry) => entry.startsWith('settle-stop ')).map((entry) => Number(entry.split(' ')[1]));
    expect(waits.slice(0, 6)).toEqual([15, 30, 60, 90, 90, 90]);
  });
});

describe('what an action has stopped', () => {
  test.each([
    ['EC2 has no capacity', noCapacity, 'InsufficientInstanceCapacity'],
    ['it is refused as too early', sdkError('IncorrectInstanceState', 400), 'IncorrectInstanceState'],
    ['the call is throttled', sdkError('RequestLimitExceeded', 503), 'RequestLimitExceeded'],
  ])('is started again where %s, for hours, and the ledger says why it is out', async (_, error, code) => {
    const { performed, calls, seconds, out, record, results, timeline } = await play({
      answer: (call, nth) => (call === 'ec2:StartInstances' && nth <= 20 ? error : undefined),
    });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls.filter((call) => call === 'ec2:StartInstances')).toHaveLength(21);
    expect(seconds).toBeGreaterThan(3600);
    expect(results.slice(1, -1)).toEqual(Array.from({ length: 20 }, () => expect.stringContaining(code)));
    // Back, so there is nothing to be told.
    expect(out).toEqual([]);
    expect(record?.out).toBeNull();
    expect(timeline.filter(({ text }) => text.includes('try 2 of 50'))).toHaveLength(1);
  });

  test('is half done after fifty tries, and stands in the ledger with the reason, noted once for each', async () => {
    const { performed, calls, out, trail } = await play({ answer: (call) => (call === 'ec2:StartInstances' ? noCapacity : undefined) });
    expect(performed).toMatchObject({ result: 'half-done', error: { code: 'InsufficientInstanceCapacity' } });
    expect(calls.filter((call) => call === 'ec2:StartInstances')).toHaveLength(50);
    expect(out).toMatchObject([{ why: 'ec2:StartInstances: InsufficientInstanceCapacity: words', notified: false, seen: null }]);
    expect(trail.filter((name) => name === 'note-why')).toHaveLength(1);
    expect(trail).not.toContain('note-back');
    // Each is half of what it may be at most.
    const pauses = trail.filter((name) => name.startsWith('act-stop-start-instance-backoff ')).map((name) => Number(name.split(' ')[1]));
    expect(pauses).toEqual([8, 15, 30, 60, 120, 240, ...Array(43).fill(300)]);
  });

  test('is half done at once where a start is refused for good', async () => {
    const { performed, calls } = await play({
      answer: (call) => (call === 'ec2:StartInstances' ? sdkError('InvalidInstanceID.NotFound', 400) : undefined),
    });
    expect(performed).toMatchObject({ result: 'half-done', error: { code: 'InvalidInstanceID.NotFound' } });
    expect(calls.filter((call) => call === 'ec2:StartInstances')).toHaveLength(1);
  });

  test('is started once the permission that was taken away meanwhile is back', async () => {
    let starts = 0;
    const { performed, out, calls } = await play({
      answer: (call) => (call === 'ec2:StartInstances' && ++starts <= 3 ? sdkError('UnauthorizedOperation', 403) : undefined),
    });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls.filter((call) => call === 'ec2:StartInstances')).toHaveLength(4);
    expect(out).toEqual([]);
  });

  const stopsAgain =
    (reason: string, times: number): NonNullable<Scene['course']> =>
    (call, nth) =>
      call === 'ec2:StartInstances' && nth <= times
        ? [
            [0, { state: 'pending', stateReason: null }],
            [20, { state: 'stopped', stateReason: reason }],
          ]
        : usual(call, nth);

  test('is started again where a start was accepted and EC2 had no room after all', async () => {
    const { performed, calls } = await play({ course: stopsAgain('Server.InsufficientInstanceCapacity', 2) });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls.filter((call) => call === 'ec2:StartInstances')).toHaveLength(3);
  });

  test.each(['Client.InternalError', 'Client.VolumeLimitExceeded', 'Client.SomethingNew'])(
    'is left to a person where a start was accepted and failed with %s',
    async (reason) => {
      const { performed, calls, out } = await play({ course: stopsAgain(reason, 99) });
      expect(performed).toMatchObject({ result: 'half-done', error: { code: 'NotStarted', message: expect.stringContaining(reason) } });
      expect(calls.filter((call) => call === 'ec2:StartInstances')).toHaveLength(1);
      expect(out).toHaveLength(1);
    },
  );

  test.each([
    ['EC2 had no room after all', stopsAgain('Server.InsufficientInstanceCapacity', 99)],
    ['somebody stopped it meanwhile', stopsAgain('Client.UserInitiatedShutdown', 99)],
  ])('that follows no stop of ours goes back to the guards where %s', async (_, course) => {
    const stopped = instance({ state: 'stopped', stateReason: 'Server.SpotInstanceShutdown' });
    const { performed, calls } = await play({ action: startInstance, first: facts({ instance: stopped }), state: 'stopped', course });
    expect(performed.result).toBe('not-done');
    expect(calls).toEqual(['ec2:StartInstances']);
  });

  test('that is under way by another hand and comes to nothing goes back to the guards', async () => {
    const pending = instance({ state: 'pending', stateReason: null });
    const { performed, calls } = await play({ action: startInstance, first: facts({ instance: pending }), state: 'pending' });
    expect(performed.result).toBe('not-done');
    expect(calls).toEqual([]);
  });

  test('has not failed because of what stood there before the start', async () => {
    const { performed, calls } = await play({
      action: startInstance,
      first: facts({ instance: instance({ state: 'stopped', stateReason: 'Client.InternalError' }) }),
      state: 'stopped',
      // What EC2 tells lags behind.
      course: () => [
        [20, { state: 'pending', stateReason: null }],
        [40, { state: 'running' }],
      ],
    });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls).toEqual(['ec2:StartInstances']);
  });

  test('is asked for again where it is pending for more than ten minutes', async () => {
    const { performed, calls, timeline } = await play({
      course: (call, nth) =>
        call === 'ec2:StartInstances' && nth === 1 ? [[0, { state: 'pending', stateReason: null }]] : usual(call, nth),
    });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls.filter((call) => call === 'ec2:StartInstances')).toHaveLength(2);
    expect(timeline.map(({ text }) => text)).toContain('NotSettled: start had not taken effect after 10 min 00 s');
  });

  test('is not started again by us where it runs by then', async () => {
    const { performed, calls } = await play({
      answer: (call) => (call === 'ec2:StartInstances' ? sdkError('RequestLimitExceeded', 503) : undefined),
      course: (call, nth) => (call === 'ec2:StopInstances' ? [...usual(call, nth), [120, { state: 'running' }]] : []),
    });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls.filter((call) => call === 'ec2:StartInstances').length).toBeLessThan(6);
  });

  test.each<[string, number, { reason: string; passing: boolean } | null, string]>([
    [
      'is left to a person where somebody has taken its tag away in hours of a gap',
      3000,
      { reason: 'no tag', passing: false },
      'half-done',
    ],
    ['is started where the guards can not find out', 3000, { reason: 'no answer', passing: true }, 'acted'],
    ['is started where they still say yes', 3000, null, 'acted'],
    ['is asked about again as soon as a lease’s time is over', 1500, { reason: 'no tag', passing: false }, 'half-done'],
    ['is not asked about again within a lease’s time', 600, { reason: 'no tag', passing: false }, 'acted'],
  ])('%s', async (_, seconds, answer, result) => {
    const { performed, calls } = await play({
      position: (at) => (at > 5 && at < seconds ? 'off' : 'on'),
      mayGoOn: async () => answer,
    });
    expect(performed.result).toBe(result);
    expect(calls.includes('ec2:StartInstances')).toBe(result === 'acted');
  });

  test('is started where an empty answer is all that can be had after hours of a gap', async () => {
    const { performed, calls } = await play({
      position: (at) => (at > 5 && at < 3000 ? 'off' : 'on'),
      nothing: (at) => at > 100 && at < 4000,
      mayGoOn: async ({ instance }) => (instance ? null : { reason: 'can’t tell whether it is opted in', passing: false }),
    });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls).toContain('ec2:StartInstances');
  });

  test.each(['off', 'dry-run'] as const)('stays so while selfheal is %s, and is started once it is on again', async (position) => {
    const { calls, performed, timeline, results, seconds } = await play({
      position: (seconds) => (seconds > 5 && seconds < 3000 ? position : 'on'),
    });
    expect(calls).toEqual(['would ec2:StartInstances', 'ec2:StopInstances', 'ec2:StartInstances']);
    expect(performed).toEqual({ result: 'acted' });
    expect(seconds).toBeGreaterThan(3000);
    expect(results[1]).toContain('SwitchedOff');
    expect(timeline.map(({ text }) => text).join()).toContain('selfheal is switched off');
  });

  test('is not asked of the kill switch before its first call, which the guards have just done', async () => {
    const { calls } = await play({ action: rebootInstance, position: () => 'off' });
    expect(calls).toEqual(['ec2:RebootInstances']);
  });
});

describe('what is begun', () => {
  test('stands in the ledger before the call, with the story so far and what it takes out of service', async () => {
    const { noted, attempts } = await play({});
    expect(noted).toMatchObject({
      begun: [{ at: noon, action: 'stop-start-instance', target: resource, attempt: 1 }],
      out: { instance: instanceId, group: null },
    });
    expect(attempts).toEqual([{ at: noon, action: 'stop-start-instance', incident: own.key }]);
  });

  test('is recorded with its lease, for as long as that lasts', async () => {
    const recorded: unknown[] = [];
    await play({ action: rebootInstance, ledger: { recordAttempt: async (...given) => void recorded.push(given) } });
    expect(recorded).toEqual([
      [placedAt(own, resource), { at: noon, action: 'reboot-instance', incident: own.key }, [], noon + policy().lease.seconds * 1000],
    ]);
  });

  test('stands in the ledger with what it makes and raises for a while, and where that is', async () => {
    const noted: unknown[] = [];
    const ledger: Partial<Ledger> = {
      noteReader: async (reader) => void noted.push(reader),
      noteRaised: async (raised) => void noted.push(raised),
    };
    const away = { account: '210987654321', region: 'eu-west-1' };
    const action: Action = { ...rebootInstance, makes: () => ({ reader: 'r-1', replica: true }), raises: () => ({ from: 1, to: 2 }) };
    await play({ action, ledger, away });
    const about = { incident: own.key, place: away };
    expect(noted).toEqual([
      { ...about, id: 'r-1', cluster: instanceId, replica: true, alarm: 'web-status', calmFrom: noon },
      { ...about, name: instanceId, from: 1, to: 2, at: noon },
    ]);
    await play({ action: { ...rebootInstance, makes: () => ({ reader: 'r-1' }), raises: () => null }, ledger });
    expect(noted.slice(2)).toEqual([{ incident: own.key, id: 'r-1', cluster: instanceId, alarm: 'web-status', calmFrom: noon }]);
    const late = { noteReader: () => Promise.reject(new Error('words')), noteRaised: () => Promise.reject(new Error('words')) };
    for (const change of [{ makes: action.makes }, { raises: action.raises }] as Partial<Action>[])
      expect((await play({ action: { ...rebootInstance, ...change }, ledger: late })).calls).toEqual([]);
  });

  test('takes nothing out of service where it only reboots', async () => {
    const { noted, out } = await play({ action: rebootInstance });
    expect(noted).toMatchObject({ begun: [{ action: 'reboot-instance' }], out: null });
    expect(out).toEqual([]);
  });

  const known: Replacements = { of: placedAt(incident(), { type: 'group', id: 'web' }), earlier: [], version: 0 };
  const failing = (error: Error) => async () => Promise.reject(error);
  test.each<[string, Partial<Ledger>]>([
    ['the lease is lost', { recordAttempt: failing(new LeaseLostError('somebody else holds it')) }],
    ['the attempt can not be written', { recordAttempt: failing(sdkError('InternalServerError', 500)) }],
    ['the incident can not be written', { noteBegun: failing(sdkError('ProvisionedThroughputExceededException', 400)) }],
    ['another replacement was noted meanwhile', { recordReplacement: failing(new OutdatedError('another')) }],
  ])('is not done where %s', async (_, ledger) => {
    const { performed, calls, results } = await play({ action: rebootInstance, ledger, replacements: [known] });
    expect(performed).toMatchObject({ result: 'not-done', error: { code: 'AttemptNotRecorded' } });
    expect(calls).toEqual([]);
    expect(results).toEqual(['not begun']);
  });

  const leaving = memberFacts({ group: group({ members: [memberOf(instanceId), memberOf('i-0ffffffffffffffff')] }) });
  test('of a member stands as out of service until its incident ends, and is counted with its group', async () => {
    const recorded: unknown[] = [];
    const { out, noted, trail, performed } = await play({
      action: replaceMember,
      first: leaving,
      replacements: [{ ...known, earlier: [{ at: noon - 40 * minute, key: 'earlier', young: false }], version: 1 }],
      ledger: { recordReplacement: async ({ of }, one) => void recorded.push([of.region, of.id, one]) },
    });
    expect(performed).toEqual({ result: 'acted' });
    expect(noted?.out).toEqual({ instance: instanceId, group: 'web' });
    expect(out).toMatchObject([{ instance: instanceId, group: 'web' }]);
    expect(trail).not.toContain('note-back');
    expect(recorded).toEqual([['us-east-1', 'web', { at: noon, key: replacementKey(own.key, instanceId), young: false }]]);
  });

  test('of a member that was itself born of a replacement, and fails within the hour, is noted as young', async () => {
    const recorded: { young: boolean }[] = [];
    const young = { ...leaving, instance: instance({ groupName: 'web', launchedAt: noon - 30 * minute }) };
    await play({
      action: replaceMember,
      first: young,
      replacements: [{ ...known, earlier: [{ at: noon - 40 * minute, key: 'earlier', young: false }], version: 1 }],
      ledger: { recordReplacement: async (_, one) => void recorded.push(one) },
    });
    expect(recorded).toMatchObject([{ young: true }]);
  });
});

describe('work that a later call starts', () => {
  const found = { id: 'w-1', state: 'done', says: 'Success', output: [] } as const;
  const working: Action = {
    ...rebootInstance,
    steps: [
      rebootInstance.steps[0],
      {
        name: 'work',
        call: async () => {},
        follow: { find: async () => found, cancel: async () => {}, within: 60 },
        proof: { within: () => 150, wrong: ({ at }, since) => (at - since.at >= 140_000 ? 'it fails more' : null) },
      },
    ],
  };
  const proven = (within: number): Action => {
    const [first, ...later] = working.steps;
    const by = { within: () => within, wrong: () => null };
    return { ...working, steps: [first, ...later.map((step) => ({ ...step, proof: by }))] };
  };
  const proving = (trail: readonly string[]) => trail.filter((name) => name.startsWith('prove-'));

  test('is looked at every minute until it is proven to do no harm', async () => {
    const { performed, trail } = await play({ action: proven(130) });
    expect(performed).toEqual({ result: 'acted' });
    expect(proving(trail)).toEqual(['prove-work 60', 'prove-work 60', 'prove-work 10']);
    const harm = await play({ action: working });
    expect(harm.performed).toEqual({ result: 'half-done', error: { kind: 'refused', code: 'DidHarm', message: 'it fails more' } });
  });

  test('is not proven where nobody can look at it any more', async () => {
    for (const from of [0, 60]) {
      const { performed } = await play({ action: proven(130), blind: (seconds) => seconds > from });
      expect(performed).toMatchObject({ result: 'half-done', error: { code: 'NotSeen' } });
    }
  });

  test('is neither started nor followed where selfheal is switched off, or where its lease is lost', async () => {
    const off = await play({ action: working, position: () => 'off' });
    expect(off.performed).toMatchObject({ result: 'half-done', error: { code: 'SwitchedOff' } });
    const real = await emptyLedger();
    let asked = 0;
    const acquire: Ledger['acquire'] = async (...given) =>
      ++asked === 2 ? { acquired: false, holder: 'another', until: noon } : real.acquire(...given);
    const lost = await play({ action: working, ledger: { ...real, acquire } });
    expect(lost.performed).toMatchObject({
      result: 'half-done',
      error: { code: 'LeaseLost', message: `incident another now holds instance ${instanceId}` },
    });
    for (const { trail } of [off, lost]) expect(trail.filter((name) => name.startsWith('follow-'))).toEqual([]);
  });
});

describe('a call whose fate nobody knows', () => {
  test('is not made again where a look shows that it took effect', async () => {
    const { performed, calls, results } = await play({ answer: (_, nth) => (nth === 1 ? lost : undefined) });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls.slice(1)).toEqual(['ec2:StopInstances', 'ec2:StartInstances']);
    expect(results).toEqual(['uncertain: TimeoutError', 'uncertain: TimeoutError']);
  });

  test('counts as not done where a look shows that it had no effect', async () => {
    const { performed, calls } = await play({ answer: () => sdkError('InternalError', 500) });
    expect(performed).toMatchObject({ result: 'not-done', error: { code: 'InternalError' } });
    expect(calls.slice(1)).toEqual(['ec2:StopInstances']);
  });

  test('counts as done where no look could show it, so that it is not done twice', async () => {
    const { performed, calls } = await play({ action: rebootInstance, answer: () => sdkError('InternalError', 500) });
    expect(performed).toMatchObject({ result: 'acted', uncertain: { code: 'InternalError' } });
    expect(calls).toEqual(['ec2:RebootInstances']);
  });

  test('is that of a call during which the process died', async () => {
    const { performed, calls, results } = await play({ loses: (name) => name === 'act-stop-start-instance-stop' });
    expect(performed).toMatchObject({ result: 'not-done', error: { code: 'Interrupted' } });
    expect(calls).toEqual(['would ec2:StartInstances']);
    expect(results).toEqual(['uncertain: Interrupted']);
  });

  test('is looked at half a minute later, since what EC2 tells lags behind', async () => {
    const { trail } = await play({ answer: () => sdkError('InternalError', 500) });
    expect(trail.at(-1)).toBe('act-stop-start-instance-settling 30');
  });
});

describe('a dry run', () => {
  test('rehearses every step, writes nothing down and changes nothing', async () => {
    const { performed, calls, results, attempts, record, trail } = await play({ dryRun: true, position: () => 'off' });
    expect(performed).toEqual({ result: 'acted' });
    expect(calls).toEqual(['would ec2:StartInstances', 'would ec2:StopInstances']);
    expect(results).toEqual(['would']);
    expect(attempts).toEqual([]);
    expect(record).toMatchObject({ begun: [], out: null });
    expect(trail).not.toContain('note-back');
  });

  test('says what AWS would refuse', async () => {
    const { performed } = await play({ dryRun: true, action: rebootInstance, rehearsed: sdkError('UnauthorizedOperation', 403) });
    expect(performed).toMatchObject({ result: 'refused', error: { code: 'UnauthorizedOperation' } });
  });
});

describe('a first call', () => {
  test.each([
    ['refused', sdkError('IncorrectInstanceState', 400), 'refused'],
    ['throttled', sdkError('RequestLimitExceeded', 503), 'not-done'],
  ] as const)('that is %s is made once, and the guards have the word before another', async (_, error, result) => {
    const { performed, calls } = await play({ action: rebootInstance, answer: () => error });
    expect(performed).toMatchObject({ result });
    expect(calls).toEqual(['ec2:RebootInstances']);
  });
});
