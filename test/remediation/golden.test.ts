import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Operation } from '@aws-sdk/client-lambda';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { DeathPoint, Execution } from '../../local/testbed/engine/durable.ts';
import type { Host } from '../../local/testbed/host.ts';
import { findScenario, loadScenario, readBeside } from '../../local/worlds/library.ts';
import { playScenario } from '../../local/worlds/play.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type BuiltInPlaybookId, playbookIds } from '../../shared/model/playbook-id.ts';
import { partOf } from '../runner/whole.ts';

/** A scenario in which each playbook heals. */
const scenes: Readonly<Record<BuiltInPlaybookId, string>> = {
  'recover-host': 'failed-host',
  'restart-instance': 'hung-instance',
  'restore-status-checks': 'either-check',
  'start-instance': 'stopped-by-aws',
  'leave-retiring-host': 'retiring-host',
  'replace-ahead': 'spot-warning',
  'scale-out': 'load-spike',
  'relieve-memory': 'memory-leak',
  'heal-targets': 'sick-target',
  'restart-application': 'dead-process',
  'clean-disk': 'disk-grown',
  'reboot-database': 'database-rebooted',
  'catch-up-replica': 'replica-rebooted',
  'grow-storage': 'database-storage-grown',
  'add-reader': 'cluster-reader-added',
  'fail-over-cluster': 'cluster-failed-over',
  'relieve-queue': 'dead-letters-moved-back',
  'heal-service': 'service-rolled-back',
  'scale-service': 'service-scaled-out',
  'restore-agent': 'agent-host-replaced',
  'rollback-alias': 'function-rolled-back',
  'raise-concurrency': 'function-throttled',
  'renew-certificate': 'certificate-record-gone',
};

/** The keys and types of a value: what a replay by the next version would have to read. */
const shapeOf = (value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  if (Array.isArray(value)) return [...new Set(value.map((one) => JSON.stringify(shapeOf(one))))].sort();
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, shapeOf(one)]),
  );
};
const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(shapeOf(value)))
    .digest('hex')
    .slice(0, 8);

/** An operation in one line: its type, its name, its end where it is not a success, how often it checks, how long it waits, the digest of its result's shape. */
const lineOf = ({ Type, SubType, Name, Status, StartTimestamp, StepDetails, ContextDetails, WaitDetails }: Operation): string => {
  const result = StepDetails?.Result ?? ContextDetails?.Result;
  const polls = SubType === 'WaitForCondition';
  const until = WaitDetails?.ScheduledEndTimestamp;
  const parts = [
    ...[polls ? 'poll' : Type?.toLowerCase(), Name],
    polls ? `×${(StepDetails?.Attempt ?? 0) + 1}` : '',
    Status === 'SUCCEEDED' ? '' : Status,
    until && StartTimestamp ? `${(until.getTime() - StartTimestamp.getTime()) / 1000} s` : '',
    result === undefined ? '' : digestOf(JSON.parse(result)),
  ];
  return parts.filter(Boolean).join(' ');
};

const historyOf = ({ operations, result, status }: Execution) => ({
  operations: [...operations.values()].filter(({ Type }) => Type !== 'EXECUTION').map(lineOf),
  ends: result === undefined ? status : digestOf(JSON.parse(result)),
});

type Played = { scenario: string; outcomes: Outcome[]; executions: ReturnType<typeof historyOf>[] };

/** A scenario's outcomes, and the histories of its executions in the order of their starts. */
const play = async (scenario: string, dies?: (point: DeathPoint) => boolean): Promise<Played> => {
  const found = findScenario(scenario);
  if ('problem' in found) throw new Error(found.problem);
  const read = loadScenario(found.file);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  const hosts: Host[] = [];
  const { outcomes } = await playScenario(read.scenario, {
    readFile: readBeside(found.file),
    ...(dies ? { host: { dies } } : {}),
    onHost: (host) => hosts.push(host),
  });
  const executions = hosts.flatMap(({ engine }) => [...engine.executions.values()]).map(historyOf);
  return { scenario, outcomes, executions };
};

/**
 * After every checkpoint that completes something: what comes next then goes on from the record alone. A step that runs at most once and
 * has just begun would be taken for interrupted, which is another course.
 */
const afterEach = ({ when, updates }: DeathPoint): boolean =>
  when === 'after' &&
  updates.some(({ Action }) => Action === 'SUCCEED') &&
  !updates.some(({ Type, Action }) => Type === 'STEP' && Action === 'START');

const fileOf = (id: BuiltInPlaybookId) => new URL(`../golden/${id}.history.json`, import.meta.url);

/** `RECORD=1` writes the histories anew. */
const recording = process.env.RECORD === '1';
const playedHere = recording ? playbookIds : partOf(playbookIds, 2);
const restartedHere = partOf(playbookIds, 4);

describe('the history of', () => {
  const straight = new Map<BuiltInPlaybookId, Played>();
  const restarted = new Map<BuiltInPlaybookId, Played & { deaths: number }>();

  // Side by side: the durable SDK waits a little, in real time, before each of its suspensions.
  beforeAll(async () => {
    const runs = playedHere.map(async (id) => {
      let deaths = 0;
      const dies = (point: DeathPoint) => afterEach(point) && ++deaths > 0;
      const [once, often] = await Promise.all([play(scenes[id]), restartedHere.includes(id) ? play(scenes[id], dies) : undefined]);
      straight.set(id, once);
      if (often) restarted.set(id, { ...often, deaths });
      const { scenario, executions } = once;
      if (recording) writeFileSync(fileOf(id), `${JSON.stringify({ scenario, executions }, null, 2)}\n`);
    });
    await Promise.all(runs);
  });

  test.each(playedHere)('%s is the one that is recorded', (id) => {
    const { outcomes, scenario, executions } = straight.get(id) as Played;
    expect(outcomes).toContainEqual(expect.objectContaining({ playbook: id, status: 'healed', verified: true }));
    expect({ scenario, executions }).toEqual(JSON.parse(readFileSync(fileOf(id), 'utf8')));
  });

  test.each(restartedHere)('%s goes on in the same way from each of its beginnings', (id) => {
    const { deaths, ...played } = restarted.get(id) as Played & { deaths: number };
    expect(deaths).toBeGreaterThan(5);
    expect(played).toEqual(straight.get(id));
  });
});
