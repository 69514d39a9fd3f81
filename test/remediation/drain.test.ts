import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { lease } from '../../shared/guards/lease.ts';
import { mode } from '../../shared/guards/mode.ts';
import { RefusedError } from '../../shared/model/errors.ts';
import { rung } from '../../shared/playbooks/playbook.ts';
import type { DrainParts } from '../../shared/remediation/drain.ts';
import { sdkError } from '../aws/recorder.ts';
import { drive, type Moment, type Scene } from './drive.ts';
import { alarm, instanceId, noon } from './examples.ts';

const targetGroup = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/0123456789abcdef';
const place = { targetGroup, id: instanceId, port: 80, zone: null };
type Plan = Awaited<ReturnType<DrainParts['plan']>>;
const serving = { kind: 'drain', drained: { places: [place], standby: null }, delay: 60 } satisfies Plan;
const inTargetGroup = (State: string | null) => ({
  output: {
    TargetHealthDescriptions: [
      { Target: { Id: 'i-1', Port: 80 }, TargetHealth: { State: 'healthy' } },
      ...(State === null ? [] : [{ Target: { Id: instanceId, Port: 80 }, TargetHealth: { State } }]),
    ],
  },
});

type Given = {
  drain?: Record<string, unknown>;
  plan?: Plan | Error;
  /** How many times it fails, and how. */
  takeOut?: Error;
  putBack?: { times: number; error: Error };
  /** When it is out, in seconds; never if left out. */
  outAt?: number;
  /** Its state in its target group after all; null if it isn't listed there. */
  state?: string | null | Error | ((seconds: number) => string);
  dryRun?: boolean;
  /** Why the ledger can't note it. */
  noteDrained?: Error;
  incident?: Scene['incident'];
  /** The seconds of its rung. */
  within?: number;
  position?: Scene['position'];
};

/** An instance that serves is rebooted, which cures it; and what was done, with the second of each. */
const played = async ({
  drain = {},
  plan = serving,
  takeOut,
  putBack,
  outAt,
  state = 'healthy',
  dryRun,
  noteDrained,
  position,
  incident,
  within,
}: Given = {}) => {
  const done: [what: string, seconds: number][] = [];
  const whys: string[] = [];
  let moment: () => Moment = () => ({ seconds: 0, looks: 0, acted: 0 });
  let failures = putBack?.times ?? 0;
  const parts: DrainParts = {
    plan: async () => {
      if (plan instanceof Error) throw plan;
      return plan;
    },
    takeOut: async () => {
      done.push(['out', moment().seconds]);
      if (takeOut) throw takeOut;
    },
    isOut: async () => moment().seconds >= (outAt ?? Number.POSITIVE_INFINITY),
    putBack: async () => {
      if (failures-- > 0) throw putBack?.error;
      done.push(['back', moment().seconds]);
    },
  };
  const scene: Scene = {
    look: ({ acted }) => ({ alarm: alarm({ state: acted === 0 ? 'ALARM' : 'OK' }) }),
    policy: { drain, ...(dryRun ? { mode: 'dry-run' } : {}) },
    guards: [mode, lease],
    drain: parts,
    ...(position ? { position } : {}),
    ...(incident ? { incident } : {}),
    ...(within ? { playbook: { ladder: [rung(rebootInstance, { within })] } } : {}),
    ledger: (_, now) => {
      moment = now;
      const noteWhyOut = async (_: string, why: string) => void whys.push(why);
      return { noteWhyOut, ...(noteDrained ? { noteDrained: () => Promise.reject(noteDrained) } : {}) };
    },
    answer: (call, _, { seconds }) => {
      if (call === 'ec2:RebootInstances') done.push(['reboot', seconds]);
      if (call === 'elasticloadbalancing:DescribeTargetHealth' && state instanceof Error) return state;
      return call === 'elasticloadbalancing:DescribeTargetHealth' && !(state instanceof Error)
        ? inTargetGroup(typeof state === 'function' ? state(seconds) : state)
        : undefined;
    },
  };
  const run = await drive(scene);
  const at = (what: string) => done.find(([one]) => one === what)?.[1] ?? Number.NaN;
  const waits = (name: string) => run.trail.flatMap((entry) => (entry.startsWith(`${name} `) ? Number(entry.split(' ')[1]) : []));
  return { ...run, at, waits, whys, done: done.map(([what]) => what), out: (await run.ledger.read(run.own.key))?.out };
};

describe('an instance that serves', () => {
  test('is waited for until its targets are healthy again', async () => {
    const { outcome } = await played({ outAt: 40, state: (seconds) => (seconds < 400 ? 'initial' : 'healthy') });
    expect(outcome).toMatchObject({ status: 'healed', reason: expect.stringContaining('it is healthy in its target groups again') });
    const { outcome: sick } = await played({ outAt: 40, state: 'unhealthy' });
    expect(sick).toMatchObject({ status: 'escalated' });
  });

  test('is out before it is rebooted and back before it is healed, and nothing is left of that in the ledger', async () => {
    const { outcome, done, out, texts } = await played({ outAt: 40 });
    expect(done).toEqual(['out', 'reboot', 'back']);
    expect(outcome).toMatchObject({
      status: 'healed',
      reason: 'alarm web-status is OK; it is healthy in its target groups again',
    });
    expect(out).toBeNull();
    expect(texts).toContain(`${instanceId} leaves target group shop, for which it gets at most 1 min 00 s`);
  });

  test.each<[string, Given, number, number]>([
    ['as soon as no request reaches it', { outAt: 40 }, 40, 56],
    // Load balancers go on sending requests for a while.
    ['after 20 seconds at the earliest', { outAt: 0 }, 20, 22],
    ['once its target groups have had their delay', {}, 60, 62],
    ['once the policy gives it no more time', { drain: { atMost: '45s' } }, 45, 47],
    ['after 20 seconds, though its target groups have no delay', { plan: { ...serving, delay: 0 } }, 20, 22],
  ])('is rebooted %s', async (_, given, from, to) => {
    const { at } = await played(given);
    expect(at('reboot') - at('out')).toBeGreaterThanOrEqual(from);
    expect(at('reboot') - at('out')).toBeLessThan(to);
  });

  test('is looked at every quarter of a minute, and its leases are renewed meanwhile', async () => {
    expect((await played({ outAt: 40 })).waits('drain')).toEqual([20, 15, 15]);
    const slow = await played({ plan: { ...serving, delay: 51 } });
    expect(slow.waits('drain')).toEqual([20, 15, 15, 1]);
    expect(slow.texts).toContain('after 51 s it is not waited for any longer');
    const long = await played({ plan: { ...serving, delay: 600 }, drain: { atMost: '10m' } });
    expect(long.trail.slice(long.trail.indexOf('drain'), long.trail.lastIndexOf('drain-look'))).toContain('renew');
  });

  test.each<[string, Given, string[], string, string]>([
    [
      'it can not be told what it serves',
      { plan: new Error('words') },
      [],
      'escalated',
      `${instanceId} serves requests and can't be drained: Error: words`,
    ],
    [
      'a person has stopped the incident',
      { noteDrained: new RefusedError('IncidentStopped', 'it was stopped') },
      [],
      'escalated',
      'it was stopped',
    ],
    [
      'the ledger can not note it',
      { noteDrained: sdkError('AccessDenied', 403) },
      [],
      'held',
      "the ledger can't be written: AccessDenied: words",
    ],
    [
      'selfheal is switched off meanwhile',
      { position: () => 'off' },
      ['back'],
      'escalated',
      `${instanceId} serves requests and can't be drained: SwitchedOff: selfheal is switched off`,
    ],
  ])('stays in service where %s', async (_, given, then, status, reason) => {
    const { outcome, done, out } = await played(given);
    expect({ done, out, outcome }).toMatchObject({ done: then, out: null, outcome: { status, reason } });
  });

  test.each<[string, Given]>([
    ['no request reaches it', { plan: { kind: 'nothing', because: 'it is in no target group' } }],
    ['the policy has it acted upon all the same', { plan: { kind: 'cannot', because: 'too few' }, drain: { else: 'act' } }],
  ])('is rebooted as it is where %s', async (_, given) => {
    const { outcome, done, texts } = await played(given);
    expect(done).toEqual(['reboot']);
    expect(outcome).toMatchObject({ status: 'healed', reason: 'alarm web-status is OK' });
    expect(texts.filter((text) => text.startsWith('it is not drained: '))).toHaveLength(1);
  });

  test('is not drained in a dry run', async () => {
    const { outcome, done } = await played({ dryRun: true });
    expect(done).toEqual(['reboot']);
    expect(outcome.status).toBe('dry-run');
  });

  test('that cannot be drained is rebooted where the policy says so, and that it was not is told', async () => {
    const { done, texts } = await played({ drain: { else: 'act' }, plan: { kind: 'cannot', because: 'too few' } });
    expect(done).toEqual(['reboot']);
    expect(texts).toContain('it is not drained: too few');
  });

  test('that cannot be drained is left to a person', async () => {
    const { outcome, done } = await played({ plan: { kind: 'cannot', because: 'too few' } });
    expect(done).toEqual([]);
    expect(outcome).toMatchObject({ status: 'escalated', reason: `${instanceId} serves requests and can't be drained: too few` });
  });

  test('whose draining fails half-way is put back and left to a person, or rebooted where the policy says so', async () => {
    const takeOut = sdkError('AccessDenied', 403);
    const one = await played({ takeOut });
    expect(one.done).toEqual(['out', 'back']);
    expect(one.outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining("can't be drained: ") });
    const other = await played({ takeOut, drain: { else: 'act' } });
    expect(other.done).toEqual(['out', 'back', 'reboot']);
    expect([one.out, other.out]).toEqual([null, null]);
    const left = await played({ takeOut, putBack: { times: 1, error: takeOut }, drain: { else: 'act' } });
    expect(left.done).toEqual(['out']);
    expect(left.outcome).toMatchObject({ status: 'escalated', reason: expect.stringMatching(/^DRAINED by selfheal: /) });
  });

  test('is put back however busy AWS is, for about an hour', async () => {
    const error = sdkError('Throttling', 400);
    const busy = await played({ putBack: { times: 30, error } });
    expect(busy.outcome.status).toBe('healed');
    expect(busy.texts).toContain('it is not put back yet: Throttling: words');
    expect(busy.texts).toContain(`${instanceId} is put back into target group shop`);
    const never = await played({ putBack: { times: 1000, error } });
    expect(never.outcome).toMatchObject({ status: 'escalated', reason: expect.stringMatching(/^DRAINED by selfheal: /) });
    expect(never.whys).toEqual(['Throttling: words']);
    // Each is half of what it may be at most.
    expect(never.waits('put-back-backoff')).toEqual([3, 5, 10, 20, 40, ...Array(34).fill(60)]);
  });

  test('that may not be put back is told of, with the command, and stays in the ledger', async () => {
    for (const error of [sdkError('AccessDenied', 403), new RefusedError('TargetGroupNotFound', 'there is no such target group')]) {
      const { outcome, done, out, at } = await played({ putBack: { times: 1, error } });
      expect(done).toEqual(['out', 'reboot']);
      expect(outcome).toMatchObject({ status: 'escalated', verified: false });
      expect(outcome.reason).toMatch(/^DRAINED by selfheal: \S+ is out of target group shop and could not be put back \(/);
      expect(outcome.reason).toContain(`aws elbv2 register-targets --target-group-arn ${targetGroup} --targets Id=${instanceId},Port=80`);
      expect(out).toMatchObject({ instance: instanceId, drained: { places: [place] } });
      // From when it is out, a minute to drain and half an hour for its treatment.
      expect(out?.drained?.until).toBe(noon + (at('out') + 31 * 60) * 1000);
    }
  });

  test('whose incident is about its target group is put back before it is looked at, and told of where that fails', async () => {
    const incident: Scene['incident'] = { failure: 'target-unhealthy', resource: { type: 'target-group', id: targetGroup } };
    const { trail } = await played({ incident });
    expect(trail.indexOf('put-back')).toBeLessThan(trail.indexOf('verify'));
    const left = await played({ incident, putBack: { times: 1, error: sdkError('AccessDenied', 403) } });
    expect(left.outcome).toMatchObject({ status: 'escalated', verified: false, reason: expect.stringMatching(/^DRAINED by selfheal: /) });
    expect(left.trail).not.toContain('verify');
  });

  test.each([
    ['unhealthy', 'it is unhealthy in shop'],
    [null, 'it is not listed in shop'],
    [sdkError('AccessDenied', 403), 'elasticloadbalancing:DescribeTargetHealth: AccessDenied: words'],
  ])('is not healed while it is %s in its target group', async (state, why) => {
    const { outcome, waits } = await played({ state });
    expect(waits('target-wait')).toEqual(Array(60).fill(15));
    expect(outcome).toMatchObject({
      status: 'escalated',
      reason: `treated and put back, but ${why}: alarm web-status is OK`,
    });
  });

  test('is looked at there up to the last second of its time', async () => {
    const { outcome, waits } = await played({ within: 31, state: 'unhealthy' });
    expect(waits('target-wait')).toEqual([15, 15, 1]);
    expect(outcome.status).toBe('escalated');
  });
});
