import type { CallRecord } from '#local-aws';
import { createRandom } from '#local-aws/random';
import type { Execution } from '../local/testbed/engine/durable.ts';
import { createFleet } from '../local/testbed/fleet.ts';
import { createHost, type Host } from '../local/testbed/host.ts';
import { hostIn, isOwn } from '../local/worlds/places.ts';
import { hourMs, minuteMs, secondMs } from '../shared/model/duration.ts';
import type { Outcome } from '../shared/model/outcome.ts';

const start = Date.UTC(2026, 2, 2, 9);

/** What breaks, by the failure class that it must come to. */
export const breakdowns = ['instance-unreachable', 'host-impaired', 'load-saturated'] as const;
export type Breakdown = (typeof breakdowns)[number];

/** An incident from outside: what the world knows, beside what selfheal said of it. All times in milliseconds of simulated time. */
export type Treated = {
  brokenAt: number;
  /** When it worked again, whoever brought that about. */
  lastHealedAt: number;
  outcome: Outcome;
};

/**
 * What comes by the clock, however many incidents there are: sweeps, every quarter of an hour and every two minutes, which look for pauses
 * that are over just before they query what is out of service, and once an hour what was learned from past incidents. The layout of the
 * table is looked for once by each process.
 */
export const isSweep = ({ operation, input }: CallRecord, next: CallRecord | undefined): boolean => {
  const text = JSON.stringify(input);
  if (/^(List(DurableExecutions|Versions)ByFunction|Query|Scan)$/.test(operation)) return true;
  if (/#(sweep|digest|layout)#/.test(text)) return true;
  const learns = operation === 'BatchGetItem' && text.includes('#incident#');
  return learns || (operation === 'GetItem' && next?.operation === 'Query' && text.includes('#pauses#'));
};

export type Trial = {
  treated: Treated[];
  calls: CallRecord[];
  /** Of the durable executions: their operations, each retry and each check of a poll among them, and the bytes of what was checkpointed. */
  operations: number;
  checkpointedBytes: number;
  invocations: number;
  simulatedSeconds: number;
};

/** Apart enough for each to be over before the next one begins, so that the counts belong to one incident. */
const apart: Record<Breakdown, number> = {
  'instance-unreachable': 25 * minuteMs,
  'host-impaired': hourMs,
  'load-saturated': 30 * minuteMs,
};

type Subject = { id: string; break: () => void; works: () => boolean };

const buildSubjects = async (host: Host, breakdown: Breakdown, count: number): Promise<Subject[]> => {
  const { aws } = host;
  const fleet = createFleet(host);
  const subjects: Subject[] = [];
  for (let i = 0; i < count; i++) {
    if (breakdown === 'load-saturated') {
      const id = `group-${i}`;
      await fleet.group({ name: id, min: 2, max: 8, desired: 2 });
      await fleet.cpuAlarm(id);
      const serving = () => aws.autoScaling.get(id)?.inServiceIds.length ?? 0;
      // 160 % of one instance's capacity, over so many that none is above the threshold of 80 %.
      subjects.push({ id, break: () => aws.faults.inject({ fault: 'add-load', target: id, percent: 180 }), works: () => serving() >= 3 });
    } else {
      const id = await fleet.instance({ name: `instance-${i}` });
      await fleet.statusAlarm(id, breakdown === 'host-impaired' ? 'System' : 'Instance');
      const fault = breakdown === 'host-impaired' ? 'fail-host' : 'hang-kernel';
      subjects.push({ id, break: () => aws.faults.inject({ fault, target: id }), works: () => aws.ec2.get(id)?.reachable === true });
    }
  }
  return subjects;
};

const throttledReboot = {
  fault: 'fail-call',
  service: 'ec2',
  operation: 'RebootInstances',
  code: 'RequestLimitExceeded',
  message: 'Request limit exceeded.',
  status: 503,
} as const;

/** `refused`: so many reboots of each are throttled. `from`: treated by a hub, in its own account or in a member; alarms then come by the bus alone. */
type TrialOptions = { refused?: number; from?: 'hub' | 'member' };

const home = { account: '111122223333', region: 'us-east-1' };
const elsewhere = { account: '444455556666', region: 'us-east-1' };
const organization = { id: 'o-a1b2c3d4e5', accounts: [elsewhere.account], regions: [], members: [elsewhere] };

/** Breaks one subject after the other in one world and waits until each is treated. */
export const treatOneByOne = async (
  breakdown: Breakdown,
  count: number,
  seed: number,
  { refused = 0, from }: TrialOptions = {},
): Promise<Trial> => {
  const host = await createHost({ seed, start, ...home, ...(from ? { organization } : {}) });
  try {
    const { engine } = host;
    const there = from === 'member' ? hostIn(host, elsewhere) : host;
    const { aws } = there;
    const nobody = aws.world.arn('sns', 'nobody');
    const { clock } = aws.world;
    const worlds = [...new Set([host.aws.world, aws.world])];
    const subjects = await buildSubjects(from ? { ...there, alarmTopicArn: nobody } : there, breakdown, count);
    await host.run(() => false, start + 20 * minuteMs);
    const first = worlds.map(({ calls }) => calls.length);
    const began = clock.now();
    const random = createRandom(seed).fork('bench');
    const treated: Treated[] = [];
    for (const [i, subject] of subjects.entries()) {
      // At no particular second of the minutes in which checks and alarms work.
      await host.run(() => false, began + i * apart[breakdown] + random.int(5 * minuteMs));
      const brokenAt = clock.now();
      subject.break();
      if (refused > 0) aws.faults.inject({ ...throttledReboot, count: refused });
      let lastHealedAt: number | undefined;
      const stop = clock.every(3 * secondMs, () => {
        if (!subject.works()) lastHealedAt = undefined;
        else lastHealedAt ??= clock.now();
      });
      // What AWS Health says of the same breakdown is an incident of its own, and one for people.
      const told = () => host.outcomes.filter(({ resource, quiet }) => resource.id === subject.id && !quiet);
      await host.run(() => told().length > 0 && !host.busy(), brokenAt + 3 * hourMs);
      stop();
      const outcome = told().find(({ timeToRecoverSeconds }) => timeToRecoverSeconds !== null) ?? told()[0];
      if (outcome === undefined) throw new Error(`${breakdown} ${i} of seed ${seed} came to nothing`);
      treated.push({ brokenAt, lastHealedAt: lastHealedAt ?? clock.now(), outcome });
    }
    await host.run(() => !host.busy(), clock.now() + hourMs);
    const executions = [...engine.executions.values()];
    const sum = (of: (execution: Execution) => number) => executions.reduce((total, one) => total + of(one), 0);
    return {
      treated,
      calls: worlds.flatMap(({ calls }, i) =>
        calls
          .slice(first[i])
          .filter(isOwn)
          .filter((call, i, all) => !isSweep(call, all[i + 1])),
      ),
      // The start of an execution is an operation as well (assumed).
      operations: sum(({ taken }) => taken + 1),
      checkpointedBytes: sum(({ written }) => written),
      invocations: sum(({ invocations }) => invocations),
      simulatedSeconds: (clock.now() - began) / secondMs,
    };
  } finally {
    await host.close();
  }
};
