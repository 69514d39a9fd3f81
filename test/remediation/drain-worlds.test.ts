import { describe, expect, test } from '@jest/globals';
import type { Host, HostOptions } from '../../local/testbed/host.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { scenarioSchema, type WrittenScenario } from '../../local/worlds/schema.ts';
import { partOf } from '../runner/whole.ts';

type Steps = WrittenScenario['timeline'];

/** A process dies on one of four instances that serve; restart-application reboots it, drained. */
const scenario = (more: Steps = [], policy: WrittenScenario['policy'] = {}) =>
  scenarioSchema.parse({
    name: 'Drained',
    hypothesis: 'What was taken out is put back, or people know.',
    policy: { drain: { atMost: '1m' }, playbooks: { 'application-down': 'restart-application' }, ...policy },
    fleet: {
      instances: { web: { count: 4 } },
      targetGroups: { shop: { instances: ['web-1', 'web-2', 'web-3', 'web-4:8080'], optedIn: true, delay: '60s', alarm: false } },
      alarms: {
        worker: {
          metric: {
            namespace: 'CWAgent',
            name: 'procstat_lookup_pid_count',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the scenario fills it in
            dimensions: { InstanceId: '${web-4}', exe: 'worker', pid_finder: 'native' },
          },
          comparison: '<',
          threshold: 1,
          period: '1m',
          periods: 1,
        },
      },
    },
    timeline: [{ at: '+0m', do: 'kill-process', on: 'web-4', process: 'worker' }, ...more],
    expect: { promises: 'kept' },
  } satisfies WrittenScenario);

type Calls = (name: string) => Host['aws']['world']['calls'];
type Dies = NonNullable<HostOptions['dies']>;

/** `dies`: where a process dies, by what was called before. */
const play = async (given: ReturnType<typeof scenario>, dies: (point: Parameters<Dies>[0], calls: Calls) => boolean = () => false) => {
  let made: Host | undefined;
  const calls: Calls = (name) => (made as Host).aws.world.calls.filter(({ operation, error }) => operation === name && error === null);
  const { outcomes, watched } = await playScenario(given, {
    host: { dies: (point) => dies(point, calls) },
    onHost: (one) => {
      made = one;
    },
  });
  const { aws } = made as unknown as Host;
  const targets = () => (aws.loadBalancing.list()[0]?.targets ?? []).map(({ port, state }) => `${port} ${state}`).sort();
  const own = outcomes.filter(({ failure }) => failure === 'application-down');
  return { own, violations: watched?.violations, calls, targets: targets() };
};

const whole = ['80 healthy', '80 healthy', '80 healthy', '8080 healthy'];

const inputOf = (call: { input: unknown } | undefined) => call?.input as Record<string, unknown>;

describe('an instance that serves', () => {
  test('is deregistered by its exact id and port, rebooted, and registered as it was', async () => {
    const { own, violations, calls, targets } = await play(scenario());
    expect(violations).toEqual([]);
    expect(own).toMatchObject([{ status: 'healed', verified: true, actions: [{ action: 'reboot-instance', result: 'done' }] }]);
    const [out] = calls('DeregisterTargets');
    const [reboot] = calls('RebootInstances');
    const back = calls('RegisterTargets').at(-1);
    const [Id] = inputOf(reboot).InstanceIds as string[];
    expect(inputOf(out).Targets).toEqual([{ Id, Port: 8080 }]);
    expect(inputOf(back).Targets).toEqual([{ Id, Port: 8080 }]);
    expect((reboot?.at ?? 0) - (out?.at ?? 0)).toBeGreaterThanOrEqual(60_000);
    expect(back?.at).toBeGreaterThan(reboot?.at ?? 0);
    expect(targets).toEqual(whole);
  });

  test('is put back, or people know, where its process dies between any two checkpoints while it is out', async () => {
    const seen: ('in' | 'out' | 'back')[] = [];
    await play(scenario(), ({ checkpoint, when }, calls) => {
      const [out] = calls('DeregisterTargets');
      const back = calls('RegisterTargets').some(({ at }) => out && at > out.at);
      if (when === 'before') seen[checkpoint] = back ? 'back' : out ? 'out' : 'in';
      return false;
    });
    // What was done just before is not known then, which is the harder half. What leads up to it and what follows it belong to it.
    const all = [...seen.keys()].filter((at) => seen.slice(Math.max(0, at - 2), at + 2).includes('out'));
    expect(all.length).toBeGreaterThan(15);
    const deaths = partOf(all, 3);
    const next = async (): Promise<void> => {
      for (let at = deaths.pop(); at !== undefined; at = deaths.pop()) {
        let died = 0;
        const { own, violations, calls, targets } = await play(
          scenario(),
          ({ checkpoint, when }) => checkpoint === at && when === 'before' && died++ === 0,
        );
        const story = `died before checkpoint ${at}`;
        expect({ story, died: died > 0, violations, targets }).toEqual({ story, died: true, violations: [], targets: whole });
        // A report that died is repeated, and a reboot that may have been made is not.
        const told = new Map(own.map(({ incident, status }) => [incident, status]));
        expect({ story, told: [...told.values()] }).toEqual({ story, told: [expect.stringMatching(/^healed$|^escalated$/)] });
        expect({ story, reboots: calls('RebootInstances').length <= 1 }).toEqual({ story, reboots: true });
      }
    };
    await Promise.all(Array.from({ length: 4 }, next));
  });

  test.each([
    ['while it drains', '+2m'],
    ['while it is rebooted', '+3m'],
    ['while it is verified', '+5m'],
  ])('is told of within five minutes, with the command that puts it back, where its execution ends %s', async (_, at) => {
    const { own, violations, calls } = await play(scenario([{ at, do: 'stop-executions' }]));
    expect(violations).toEqual([]);
    expect(own).toMatchObject([{ status: 'failed' }]);
    expect(own[0]?.reason).toMatch(/^DRAINED by selfheal: i-\w+ is out of target group shop\./);
    expect(own[0]?.reason).toMatch(/aws elbv2 register-targets --target-group-arn arn:\S+ --targets Id=i-\w+,Port=8080$/);
    const stopped = Date.parse('2026-03-02T10:00:00Z') + Number(at.slice(1, -1)) * 60_000;
    expect(Date.parse(own[0]?.endedAt ?? '') - stopped).toBeLessThan(5 * 60_000);
    // The test would be of nothing if it had been put back.
    expect(calls('RegisterTargets').filter(({ accessKey }) => accessKey === 'selfheal')).toEqual([]);
  });

  test('is put back, and not rebooted, where selfheal is switched off while it drains', async () => {
    const { own, violations, calls, targets } = await play(scenario([{ at: '+2m', do: 'switch', to: 'off' }]));
    expect(violations).toEqual([]);
    expect(own).toMatchObject([{ status: 'held' }]);
    expect(calls('RebootInstances')).toEqual([]);
    expect(calls('DeregisterTargets')).toHaveLength(1);
    expect(targets).toEqual(whole);
  });

  test('is put back where the reboot is refused', async () => {
    const denied = {
      at: '+0m',
      do: 'fail-calls',
      service: 'ec2',
      operation: 'RebootInstances',
      code: 'UnauthorizedOperation',
      status: 403,
    };
    const { own, violations, targets } = await play(scenario([denied as Steps[number]]));
    expect(violations).toEqual([]);
    expect(own).toMatchObject([{ status: 'escalated', reason: expect.stringContaining('selfheal lacks ec2:RebootInstances') }]);
    expect(targets).toEqual(whole);
  });

  test('is told of, with the command, where it may not be registered again', async () => {
    const denied = { at: '+0m', do: 'fail-calls', service: 'elb', operation: 'RegisterTargets', code: 'AccessDenied', status: 403 };
    const { own, violations } = await play(scenario([denied as Steps[number]]));
    expect(violations).toEqual([]);
    expect(own).toMatchObject([{ status: 'escalated' }]);
    expect(own[0]?.reason).toMatch(/^DRAINED by selfheal: .*could not be put back \(.*AccessDenied.*\): aws elbv2 register-targets /);
  });

  test('is told of as stopped too, where it can be neither started nor registered', async () => {
    const denied = { at: '+165s', do: 'fail-calls', service: 'ec2', operation: 'StartInstances', code: 'Unsupported', status: 400 };
    const stopped = {
      playbooks: { 'application-down': 'stop-it' },
      customPlaybooks: [
        {
          ...{ id: 'stop-it', summary: 'Stop and start.', treats: ['application-down'], failing: ['alarm-fires'] },
          ...{ healthy: ['alarm-says-ok', 'status-checks-pass'], steps: [{ do: 'stop-start-instance' }] },
        },
      ],
    } satisfies WrittenScenario['policy'];
    const { own, violations, calls } = await play(scenario([denied as Steps[number]], stopped));
    expect(violations).toEqual([]);
    expect(calls('StopInstances')).toHaveLength(1);
    expect(own).toMatchObject([{ status: 'escalated' }]);
    expect(own[0]?.reason).toMatch(/^DRAINED by selfheal: .*; STOPPED by selfheal: i-\w+ is stopped/);
  });

  test('is left to a person where its draining is refused, and nothing is done to it', async () => {
    const denied = { at: '+0m', do: 'fail-calls', service: 'elb', operation: 'DeregisterTargets', code: 'AccessDenied', status: 403 };
    const { own, calls, targets } = await play(scenario([denied as Steps[number]]));
    expect(own).toMatchObject([{ status: 'escalated', reason: expect.stringContaining("can't be drained: ") }]);
    expect(calls('RebootInstances')).toEqual([]);
    expect(targets).toEqual(whole);
  });
});
