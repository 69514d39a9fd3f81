import { describe, expect, test } from '@jest/globals';
import type { Told } from '../../local/input/events.ts';
import { createPace } from '../../local/replay/pace.ts';
import { replayStream, type StreamOptions } from '../../local/replay/stream.ts';
import type { Host } from '../../local/testbed/host.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { testWhole } from '../runner/whole.ts';
import { alarm, alarmEvent, event } from '../signals/fixtures.ts';

// A machine that does much else at once needs long for a world.

const minute = 60_000;
const noon = Date.parse('2026-11-20T12:00:00Z');

/** An alarm of an instance's reachability, so many minutes after noon. */
const unreachable = (id: string, minutes: number) => {
  const time = new Date(noon + minutes * minute).toISOString();
  const told = alarmEvent(alarm({ name: `${id}-check`, dimensions: { InstanceId: id }, time: time.replace('Z', '') }));
  return { ...told, time: time.replace(/\.\d+Z$/, 'Z') };
};
const instance = (n: number) => `i-${n.toString(16).padStart(17, '0')}`;

const play = async (events: unknown[], options: Partial<StreamOptions> = {}) => {
  const outcomes: Outcome[] = [];
  const delivered: string[] = [];
  const notes: string[] = [];
  let hosts = 0;
  const told: Told[] = events.map((value, i) => ({ file: `s:${i + 1}`, value }));
  const result = await replayStream(
    (async function* () {
      yield* told;
    })(),
    {
      seed: 1,
      onOutcome: (outcome) => outcomes.push(outcome),
      onEvent: ({ file }) => delivered.push(file),
      onNote: (text) => notes.push(text),
      ...options,
      onHost: (host) => {
        hosts++;
        options.onHost?.(host);
      },
    },
  );
  return { result, outcomes, delivered, notes, hosts };
};

describe('a stream of events', () => {
  test('is played by the order of its times, in one world, whatever its own order', async () => {
    const { result, outcomes, delivered, hosts } = await play([
      unreachable(instance(2), 90),
      unreachable(instance(1), 0),
      unreachable(instance(3), 45),
    ]);
    expect(delivered).toEqual(['s:2', 's:3', 's:1']);
    expect(hosts).toBe(1);
    expect(outcomes.map(({ resource, status }) => [resource.id, status])).toEqual([1, 3, 2].map((n) => [instance(n), 'healed']));
    expect(result).toEqual({ events: 3, late: 0, rejected: 0, ignored: 0, open: [], unplayable: [], cutShort: false });
  });

  test('tells an episode once, however often and late it is told', async () => {
    const first = unreachable(instance(1), 0);
    const again = { ...first, time: '2026-11-20T15:00:00Z' };
    const { result, outcomes } = await play([first, first, again]);
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]?.actions.map(({ action }) => action)).toEqual(['reboot-instance']);
    expect(result).toMatchObject({ events: 3, open: [] });
  });

  test('remembers what was done to a resource, as selfheal does', async () => {
    const events = [0, 40, 80].map((minutes) => unreachable(instance(1), minutes));
    const { outcomes } = await play(events, { policy: policySchema.parse({ budget: { actions: 2, window: 6 * 3600 } }) });
    expect(outcomes.map(({ status }) => status)).toEqual(['healed', 'healed', 'escalated']);
    expect(outcomes[2]?.reason).toContain('the budget is used up');
  });

  test('begins a new world after a pause that nobody remembers, and says so', async () => {
    const { hosts, outcomes, notes } = await play([unreachable(instance(1), 0), unreachable(instance(1), 30 * 24 * 60)]);
    expect(hosts).toBe(2);
    expect(outcomes.map(({ status }) => status)).toEqual(['healed', 'healed']);
    expect(notes).toEqual([expect.stringContaining('a new world begins')]);
  });

  test('says what it could not play, and goes on', async () => {
    const hostile = alarmEvent(alarm({ name: 'evil\u0007name', dimensions: { InstanceId: instance(1) } }));
    const { outcomes, notes } = await play([hostile, unreachable(instance(2), 200)]);
    expect(notes).toEqual([expect.stringMatching(/^instance-unreachable on i-0+1 can't be played: alarm "evil.*": .*control characters/)]);
    expect(outcomes.map(({ resource }) => resource.id)).toEqual([instance(2)]);
  });

  test('treats the cause where a composite alarm stands over alarms that the stream has told of', async () => {
    const child = alarmEvent(
      alarm({
        name: 'web-check',
        metric: 'StatusCheckFailed_Instance',
        dimensions: { InstanceId: instance(1) },
        time: '2026-11-20T13:35:10.000',
      }),
    );
    const arn = 'arn:aws:cloudwatch:us-west-2:111122223333:alarm:';
    const composite = event(
      'aws.cloudwatch',
      'CloudWatch Alarm State Change',
      {
        alarmName: 'shop-down',
        state: {
          value: 'ALARM',
          reason: 'x',
          reasonData: JSON.stringify({ triggeringAlarms: [{ arn: `${arn}web-check`, state: { value: 'ALARM' } }] }),
          timestamp: '2026-11-20T13:35:12.681+0000',
        },
        previousState: { value: 'OK', timestamp: '2026-11-20T12:00:00.000+0000' },
        configuration: { alarmRule: 'ALARM("web-check")' },
      },
      { resources: [`${arn}shop-down`] },
    );
    const { outcomes } = await play([child, composite]);
    expect(outcomes.filter(({ actions }) => actions.length > 0)).toHaveLength(1);
    expect(outcomes.map(({ failure, resource, status }) => [failure, resource.id, status])).toEqual([
      ['instance-unreachable', instance(1), expect.stringMatching(/^healed/)],
      ['instance-unreachable', instance(1), expect.stringMatching(/^healed/)],
    ]);
  });

  testWhole('keeps no more of a long past than policies look back upon', async () => {
    let host: Host | undefined;
    const sizes: Record<string, number[]> = { calls: [], instances: [], executions: [], outcomes: [] };
    const each = 4;
    const total = 4 * each;
    let ended = 0;
    await play(
      Array.from({ length: total }, (_, i) => unreachable(instance(i + 1), i * 720)),
      {
        policy: policySchema.parse({ mode: 'off' }),
        onHost: (made) => {
          host = made;
        },
        onOutcome: () => {
          if (++ended % each !== 0 || !host) return;
          sizes.calls?.push(host.aws.world.calls.length);
          sizes.instances?.push([...host.aws.ec2.list()].length);
          sizes.executions?.push(host.engine.executions.size);
          sizes.outcomes?.push(host.outcomes.length);
        },
      },
    );
    expect(ended).toBe(total);
    // Without forgetting, each would have grown to four times its first size.
    for (const grown of Object.values(sizes)) expect(grown.at(-1)).toBeLessThan(1.5 * (grown[0] ?? 0) + 5);
  });
});

describe('the pace', () => {
  const events = [unreachable(instance(1), 0)];

  test('stops at a simulated time, and says what was open then', async () => {
    const { result, outcomes } = await play(events, { pace: createPace({ until: () => noon + 2 * minute }) });
    expect(outcomes).toEqual([]);
    expect(result).toMatchObject({ cutShort: true, open: [expect.stringMatching(/^instance-unreachable-/)] });
  });

  test('stops where it is interrupted, and what has been told stands', async () => {
    let stop = false;
    const { result, outcomes } = await play([unreachable(instance(1), 0), unreachable(instance(2), 300)], {
      pace: createPace({ interrupted: () => stop }),
      onEvent: ({ file }) => {
        if (file === 's:2') stop = true;
      },
    });
    expect(outcomes.map(({ status }) => status)).toEqual(['healed']);
    expect(result.cutShort).toBe(true);
  });

  test('lets so many simulated seconds go by in a real one', async () => {
    let real = 0;
    const slept: number[] = [];
    const pace = createPace({
      speed: 60,
      now: () => real,
      sleep: async (milliseconds) => {
        slept.push(milliseconds);
        real += milliseconds;
      },
    });
    let host: Host | undefined;
    const { outcomes } = await play(events, { pace, onHost: (made) => (host = made) });
    expect(outcomes).toHaveLength(1);
    const simulated = ((host?.aws.world.clock.now() ?? 0) - (noon - 60 * minute)) / 60;
    expect(Math.abs(real - simulated)).toBeLessThan(1000);
    expect(Math.max(...slept)).toBeLessThanOrEqual(250);
  });
});
