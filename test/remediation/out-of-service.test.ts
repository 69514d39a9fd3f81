import { describe, expect, test } from '@jest/globals';
import type { Ledger, OutOfService } from '../../shared/ports/ledger.ts';
import type { Interim } from '../../shared/ports/reporter.ts';
import { reportOutOfService } from '../../shared/recovery/out-of-service.ts';
import { type Answer, empty, recordingClients, sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { groupName, incident, instanceId, noon } from './examples.ts';

const minute = 60_000;
const own = incident();
/** An instance in a state, as EC2 tells of it; null where there is none. */
const inState = (Name: string | null): Answer =>
  Name === null
    ? sdkError('InvalidInstanceID.NotFound', 400)
    : { output: { Reservations: [{ Instances: [{ InstanceId: instanceId, State: { Name } }] }] } };
const members = (...states: string[]) =>
  states.map((LifecycleState, i) => ({ InstanceId: `i-${i}`, LifecycleState, HealthStatus: 'Healthy' }));
const inGroup = (DesiredCapacity: number, states: string[], more: object = {}): Answer => ({
  output: {
    AutoScalingGroups: [
      { AutoScalingGroupName: groupName, MinSize: 0, MaxSize: 9, DesiredCapacity, Instances: members(...states), ...more },
    ],
  },
});

type Scene = {
  /** What AWS says, minutes after it was taken out of service. */
  answer: (minutes: number) => Answer;
  group?: string | null;
  /** Minutes at which a sweep comes: every two, from the first one on. */
  sweeps?: number[];
  why?: string;
  /** What the ledger takes no note of. */
  ledger?: Partial<Ledger>;
};

const sweep = async ({ answer, group = null, sweeps = [2, 4, 6, 8], why, ledger: change }: Scene) => {
  const ledger = await emptyLedger();
  await ledger.open(own, noon);
  const begun = { at: noon, action: 'stop-start-instance', target: own.resource, attempt: 1 };
  await ledger.noteBegun(own.key, begun, [], { instance: instanceId, group });
  if (why) await ledger.noteWhyOut(own.key, why);
  const told: [minutes: number, interim: Interim][] = [];
  const counts: unknown[] = [];
  const seenHere = new Map();
  for (const minutes of sweeps) {
    const { clients } = recordingClients(() => answer(minutes));
    const counted = await reportOutOfService({
      ledger: { ...ledger, ...change },
      seenHere,
      clients,
      reporter: { interim: async (interim) => void told.push([minutes, interim]) },
      now: () => noon + minutes * minute,
    }).catch((error: Error) => error.message);
    counts.push(counted);
  }
  return { told, counts, ledger, minutes: told.map(([at]) => at), reason: told[0]?.[1].reason };
};

describe('an instance that was drained', () => {
  const targetGroup = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/shop/0123456789abcdef';
  const drained = { places: [{ targetGroup, id: instanceId, port: 8080, zone: null }], standby: null, until: noon + 30 * minute };
  const out = { instance: instanceId, group: null, drained };
  const sweep = async (sweeps: number[], state: string, back = false) => {
    const ledger = await emptyLedger();
    await ledger.open(own, noon);
    await ledger.noteDrained(own.key, noon, out);
    // The action's own record must not end that.
    await ledger.noteBegun(own.key, { at: noon, action: 'reboot-instance', target: own.resource, attempt: 1 }, [], null);
    if (back) await ledger.noteBack(own.key);
    const told: [minutes: number, interim: Interim][] = [];
    for (const minutes of sweeps) {
      const { clients } = recordingClients(() => inState(state));
      const now = () => noon + minutes * minute;
      await reportOutOfService({ ledger, clients, reporter: { interim: async (interim) => void told.push([minutes, interim]) }, now });
    }
    return { told, record: await ledger.read(own.key) };
  };

  test('is told once it should be back, within five minutes and once, with the command that puts it back', async () => {
    const { told, record } = await sweep([2, 10, 28, 30, 32, 34, 36], 'running');
    expect(told.map(([minutes]) => minutes)).toEqual([32]);
    expect(told[0]?.[1]).toMatchObject({ headline: 'DRAINED by selfheal', resource: { type: 'instance', id: instanceId } });
    expect(told[0]?.[1].reason).toContain(
      `${instanceId} is not known to be back in target group shop. selfheal keeps trying to put it back, as a person can: aws elbv2 register-targets --target-group-arn ${targetGroup} --targets Id=${instanceId},Port=8080;`,
    );
    expect(record?.out).toEqual(out);
  });

  test('is told again where it is drained again right after it was put back', async () => {
    const ledger = await emptyLedger();
    await ledger.open(own, noon);
    const told: number[] = [];
    const seenHere = new Map();
    const { clients } = recordingClients(() => inState('running'));
    for (let minutes = 0; minutes <= 70; minutes += 2) {
      if (minutes === 34) await ledger.noteBack(own.key);
      if (minutes === 0 || minutes === 34) {
        const again = { ...out, drained: { ...drained, until: noon + (minutes + 30) * minute } };
        await ledger.noteDrained(own.key, noon + minutes * minute, again);
      }
      const now = () => noon + minutes * minute;
      await reportOutOfService({ ledger, seenHere, clients, reporter: { interim: async () => void told.push(minutes) }, now });
    }
    expect(told).toEqual([32, 66]);
  });

  test('is told at once where it was stopped besides and stays so, and not at all once it is back', async () => {
    expect((await sweep([2, 4, 6], 'stopped')).told.map(([minutes]) => minutes)).toEqual([4]);
    expect((await sweep([32, 34, 36], 'running', true)).told).toEqual([]);
  });
});

describe('an instance that was stopped', () => {
  test.each(['noteOutSeen', 'noteOutNotified'] as const)('is told of on the second look, once, although %s fails', async (name) => {
    const no = () => Promise.reject(sdkError('InternalServerError', 500));
    const { minutes, counts } = await sweep({ answer: () => inState('stopped'), ledger: { [name]: no } });
    expect(minutes).toEqual([4]);
    expect(counts).toContainEqual(expect.stringContaining('could not be reported'));
  });

  test('and still is on the second look is told of, once, in so many words', async () => {
    const run = await sweep({ answer: () => inState('stopped'), why: 'InsufficientInstanceCapacity: no room' });
    expect(run.told).toEqual([
      [
        4,
        {
          ...{ incident: own.key, failure: own.failure, severity: own.severity, account: own.account, region: own.region },
          resource: { type: 'instance', id: instanceId },
          at: '2026-11-20T12:04:00.000Z',
          headline: 'STOPPED by selfheal',
          reason: `STOPPED by selfheal at 12:00 UTC, 4 min 00 s ago: ${instanceId} is still stopped (InsufficientInstanceCapacity: no room). selfheal keeps trying to start it; the outcome follows`,
        },
      ],
    ]);
    expect(run.counts).toEqual([
      { out: 1, notified: 0 },
      { out: 1, notified: 1 },
      { out: 1, notified: 0 },
      { out: 1, notified: 0 },
    ]);
  });

  test('is told of within five minutes of standing still, however the sweeps fall', async () => {
    for (const first of [0.1, 0.5, 1, 1.5, 1.9]) {
      const { minutes } = await sweep({ answer: () => inState('stopped'), sweeps: [0, 2, 4, 6].map((at) => at + first) });
      expect(minutes[0]).toBeLessThanOrEqual(5);
    }
  });

  test('is not told of by two sweeps that come close together, as when one is tried again', async () => {
    expect((await sweep({ answer: () => inState('stopped'), sweeps: [2, 2.5, 3] })).told).toEqual([]);
  });

  test('has its five minutes from when it was first seen, however often it is looked at', async () => {
    expect((await sweep({ answer: () => inState('stopped'), sweeps: [2, 3, 4] })).minutes).toEqual([4]);
  });

  test('and runs again is not told of', async () => {
    expect((await sweep({ answer: () => inState('running') })).told).toEqual([]);
    expect((await sweep({ answer: (minutes) => inState(minutes < 4 ? 'stopped' : 'running') })).told).toEqual([]);
  });

  test.each(['stopping', 'pending'])('and is %s is told of after some time, and not before', async (state) => {
    const { minutes, reason } = await sweep({ answer: () => inState(state), sweeps: [2, 4, 6, 8, 10.9, 11, 13, 15] });
    expect(minutes).toEqual([13]);
    expect(reason).toContain(`has been ${state} since then`);
  });

  test('and does not come to a stop is told of within fifteen minutes, whenever the sweeps come', async () => {
    for (const first of [0.1, 0.5, 0.9, 0.99, 1.5, 1.9]) {
      const sweeps = Array.from({ length: 9 }, (_, i) => first + 2 * i);
      const { minutes } = await sweep({ answer: () => inState('stopping'), sweeps });
      expect(minutes).toHaveLength(1);
      expect(minutes[0]).toBeLessThanOrEqual(15);
    }
  });

  test('and is gone, or in a state that nobody knows, is told of', async () => {
    expect((await sweep({ answer: () => inState(null) })).reason).toContain('no longer exists');
    expect((await sweep({ answer: () => inState('moonstruck') })).reason).toContain('is in a state that selfheal does not know');
  });
});

describe('a member that was taken from its group', () => {
  const of = (answer: Scene['answer'], sweeps?: number[]) => sweep({ answer, group: groupName, ...(sweeps ? { sweeps } : {}) });

  test('and has no successor is told of', async () => {
    const { minutes, reason } = await of(() => inGroup(2, ['InService', 'Terminating']));
    expect(minutes).toEqual([4]);
    expect(reason).toMatch(
      /^TERMINATED by selfheal at 12:00 UTC, .* has no replacement yet: 1 of 2 members of group web are in service\. Its group must/,
    );
  });

  test.each<[string, Answer]>([
    ['its group is whole', inGroup(2, ['InService', 'InService', 'Terminating'])],
    ['its group is being deleted', inGroup(2, [], { Status: 'Delete in progress' })],
    ['its group is gone', { output: { AutoScalingGroups: [] } }],
  ])('is not told of where %s', async (_, answer) => {
    expect((await of(() => answer)).told).toEqual([]);
  });

  test('and has a successor that is launched is told of only if that takes ten minutes', async () => {
    const { minutes } = await of(() => inGroup(2, ['InService', 'Pending']), [2, 4, 9.9, 10, 12]);
    expect(minutes).toEqual([12]);
  });

  test('has as long for its successor as the group takes to warm up', async () => {
    const { minutes } = await of(() => inGroup(2, ['InService', 'Pending'], { DefaultInstanceWarmup: 1200 }), [2, 4, 12, 19.9, 20, 22]);
    expect(minutes).toEqual([22]);
  });
});

describe('what is out of service', () => {
  test('and can not be looked at is told of all the same, and what can not be told does not keep the others waiting', async () => {
    const ledger = await emptyLedger();
    const out = (key: string, instance: string): OutOfService => ({
      ...{ incident: key, instance, group: null, since: noon, seen: noon + 2 * minute, why: null, notified: false },
    });
    const told: string[] = [];
    const { clients } = recordingClients((_, { InstanceIds }) =>
      (InstanceIds as string[]).includes('i-broken')
        ? sdkError('InternalError', 500)
        : { output: { Reservations: [{ Instances: [{ InstanceId: 'i', State: { Name: 'stopped' } }] }] } },
    );
    const noted: string[] = [];
    const telling = reportOutOfService({
      ledger: {
        ...ledger,
        outOfService: async () => [out('a', 'i-broken'), out('b', 'i-deaf'), { ...out('told', 'i-told'), notified: true }, out('c', 'i-c')],
        read: async (key) => ({ incident: { ...own, key } }) as never,
        noteOutNotified: async (key) => void noted.push(key),
      },
      reporter: {
        interim: async ({ resource, incident: key }) => {
          if (resource.id === 'i-deaf') throw new Error('nobody hears');
          told.push(key);
        },
      },
      clients,
      now: () => noon + 4 * minute,
    });
    await expect(telling).rejects.toThrow('1 could not be reported as out of service: b: nobody hears');
    expect(told).toEqual(['a', 'c']);
    // What could not be told is told the next time.
    expect(noted).toEqual(['a', 'c']);
  });

  test('is nothing, and nobody is asked, where nothing is', async () => {
    const { clients, calls } = recordingClients(() => empty);
    const ledger = await emptyLedger();
    expect(await reportOutOfService({ ledger, clients, reporter: { interim: async () => {} }, now: () => noon })).toEqual({
      out: 0,
      notified: 0,
    });
    expect(calls).toEqual([]);
  });
});
