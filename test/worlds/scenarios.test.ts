import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Decision } from '../../local/backtest/decision.ts';
import { type Check, checkScenario } from '../../local/worlds/check.ts';
import type { Amount, Expectation, ExpectedOutcome } from '../../local/worlds/expect-schema.ts';
import { findScenario, loadScenario, readBeside, scenarioNames } from '../../local/worlds/library.ts';
import { type Observation, playScenario } from '../../local/worlds/play.ts';
import type { Scenario } from '../../local/worlds/schema.ts';
import { guards } from '../../shared/guards/index.ts';
import { failureIds } from '../../shared/model/failure-id.ts';
import { playbookIds } from '../../shared/model/playbook-id.ts';
import { statuses } from '../../shared/model/status.ts';
import { partOf, whole } from '../runner/whole.ts';
import { agrees, recordHistory } from './back-tested.ts';

const names = scenarioNames();
const playedHere = partOf(names, 20);
const sideBySide = 8;

const loaded = new Map<string, { scenario: Scenario; file: string }>();
const load = (name: string): { scenario: Scenario; file: string } => {
  const known = loaded.get(name);
  if (known) return known;
  const found = findScenario(name);
  if ('problem' in found) throw new Error(found.problem);
  const read = loadScenario(found.file);
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  loaded.set(name, { scenario: read.scenario, file: found.file });
  return load(name);
};

const broken = (checks: Check[]) => checks.filter(({ holds }) => !holds).map(({ text, seen }) => `${text}: ${seen}`);

/** The expectation with one thing in it that isn't so. */
type Altered = { what: string; expect: Expectation };

const other = <T>(all: readonly T[], one: T): T => all.find((each) => each !== one) as T;

const alteredOutcomes = (expected: ExpectedOutcome): [string, ExpectedOutcome][] => {
  const counted: [string, ExpectedOutcome] = ['count', { ...expected, count: expected.count + 1 }];
  // What must never be is altered by wanting it.
  if (expected.count === 0) return [counted];
  const { resource, failure, verified, actions, reason, story, told, guards: said = {} } = expected;
  const changes: [string, Partial<ExpectedOutcome>][] = [
    ['status', { status: other(statuses, expected.status) }],
    ['quiet', { quiet: !expected.quiet }],
    ...(resource === undefined ? [] : ([['resource', { resource: 'nobody' }]] as [string, Partial<ExpectedOutcome>][])),
    ...(failure === undefined ? [] : ([['failure', { failure: other(failureIds, failure) }]] as [string, Partial<ExpectedOutcome>][])),
    ...(verified === undefined ? [] : ([['verified', { verified: !verified }]] as [string, Partial<ExpectedOutcome>][])),
    ...(actions === undefined ? [] : ([['actions', { actions: [...actions, 'reboot-instance'] }]] as [string, Partial<ExpectedOutcome>][])),
    ...(reason === undefined ? [] : ([['reason', { reason: `${reason} no more` }]] as [string, Partial<ExpectedOutcome>][])),
    ...(story === undefined ? [] : ([['story', { story: `${story} no more` }]] as [string, Partial<ExpectedOutcome>][])),
    ...(told === undefined ? [] : ([['told', { told: { ...told, within: -1 } }]] as [string, Partial<ExpectedOutcome>][])),
    ...Object.keys(said).map((guard): [string, Partial<ExpectedOutcome>] => [
      `guards.${guard}`,
      // Only one guard ever asks a person.
      { guards: { ...said, [guard]: said[guard] === 'ask' ? 'escalate' : 'ask' } },
    ]),
  ];
  return [counted, ...changes.map(([what, change]): [string, ExpectedOutcome] => [what, { ...expected, ...change }])];
};

const altered = (expectation: Expectation, { calls }: Observation): Altered[] => {
  const all: Altered[] = expectation.outcomes.flatMap((expected, i) =>
    alteredOutcomes(expected).map(([what, changed]) => ({
      what: `outcomes[${i}].${what}`,
      expect: { ...expectation, outcomes: expectation.outcomes.with(i, changed) },
    })),
  );
  const amount = (what: string, value: Amount | undefined, change: (value: Amount) => Expectation): void => {
    // Fewer than there can be: only where there was something does this say anything.
    if (value !== undefined) all.push({ what, expect: change(typeof value === 'number' ? value + 1 : { atMost: -1 }) });
  };
  for (const key of ['incidents', 'actions', 'messages', 'approvals', 'rejected', 'refused'] as const)
    amount(key, expectation[key], (value) => ({ ...expectation, [key]: value }));
  const { counts = {}, calls: wanted = {}, never = [], resources = {}, failedRequests = {}, queues = {}, told } = expectation;
  const { databases = {} } = expectation;
  for (const [status, value] of Object.entries(counts))
    amount(`counts.${status}`, value, (changed) => ({ ...expectation, counts: { ...counts, [status]: changed } }));
  for (const [call, value] of Object.entries(wanted))
    amount(`calls.${call}`, value, (changed) => ({ ...expectation, calls: { ...wanted, [call]: changed } }));
  for (const [ref, value] of Object.entries(failedRequests))
    amount(`failedRequests.${ref}`, value, (changed) => ({ ...expectation, failedRequests: { ...failedRequests, [ref]: changed } }));
  for (const [ref, value] of Object.entries(queues))
    amount(`queues.${ref}`, value, (changed) => ({ ...expectation, queues: { ...queues, [ref]: changed } }));
  for (const [ref, one] of Object.entries(resources))
    for (const [key, value] of Object.entries(one)) {
      const changed = typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : 'nothing';
      all.push({
        what: `resources.${ref}.${key}`,
        expect: { ...expectation, resources: { ...resources, [ref]: { ...one, [key]: changed } } },
      });
    }
  for (const [ref, one] of Object.entries(databases))
    for (const [key, value] of Object.entries(one)) {
      const changed = typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : 'nothing';
      all.push({
        what: `databases.${ref}.${key}`,
        expect: { ...expectation, databases: { ...databases, [ref]: { ...one, [key]: changed } } },
      });
    }
  if (told) all.push({ what: 'told', expect: { ...expectation, told: { within: -1 } } });
  for (const i of never.keys()) {
    const made = calls.find((call) => call.startsWith('dynamodb:'));
    if (made) all.push({ what: `never[${i}]`, expect: { ...expectation, never: never.with(i, made) } });
  }
  return all;
};

describe('scenarios', () => {
  const played = new Map<string, Observation>();
  const backTested = new Map<string, Map<string, Decision>>();

  // Some side by side: the durable SDK waits a little, in real time, before each of its suspensions. All at once fill the memory.
  beforeAll(async () => {
    const left = [...playedHere];
    const playNext = async (): Promise<void> => {
      const name = left.pop();
      if (name === undefined) return;
      const { scenario, file } = load(name);
      const { backTest, ...history } = recordHistory();
      played.set(name, await playScenario(scenario, { readFile: readBeside(file), ...history }));
      backTested.set(name, await backTest());
      await playNext();
    };
    await Promise.all(Array.from({ length: sideBySide }, playNext));
  });

  test.each(playedHere)('%s comes out as it says, and not if what it says were altered', (name) => {
    const { scenario } = load(name);
    const observation = played.get(name) as Observation;
    expect(broken(checkScenario(scenario.expect, observation))).toEqual([]);
    const variants = altered(scenario.expect, observation);
    expect(variants.length).toBeGreaterThanOrEqual(3);
    const unnoticed = variants.filter(({ expect: changed }) => broken(checkScenario(changed, observation)).length === 0);
    expect(unnoticed.map(({ what }) => what)).toEqual([]);
  });

  test('are decided by a back-test of their events as they were live', () => {
    const claims = playedHere.flatMap((name) =>
      (played.get(name)?.outcomes ?? []).flatMap((outcome) => {
        const decision = backTested.get(name)?.get(outcome.incident);
        const same = decision ? agrees(decision, outcome) : null;
        return same === null ? [] : [{ name, outcome, decision, same }];
      }),
    );
    expect(claims.filter(({ same }) => !same)).toEqual([]);
    expect(claims.length).toBeGreaterThan(whole ? 100 : 5);
    if (!whole) return;
    expect(new Set(claims.map(({ decision }) => decision?.status))).toEqual(new Set(['treated', 'would', 'asked', 'held', 'escalated']));
  });

  test('there is one for each playbook, and one in which each guard says no', () => {
    const expected = names.flatMap((name) => load(name).scenario.expect.outcomes);
    const said = new Set(
      expected.flatMap((outcome) => Object.entries(outcome.guards ?? {}).flatMap(([id, answer]) => (answer === 'pass' ? [] : [id]))),
    );
    expect(guards.map(({ id }) => id).filter((id) => !said.has(id))).toEqual([]);
    const failures: Record<(typeof playbookIds)[number], string> = {
      'recover-host': 'host-impaired',
      'restart-instance': 'instance-unreachable',
      'restore-status-checks': 'status-check-failed',
      'start-instance': 'instance-stopped',
      'leave-retiring-host': 'instance-retiring',
      'replace-ahead': 'spot-interruption',
      'scale-out': 'load-saturated',
      'relieve-memory': 'memory-exhausted',
      'heal-targets': 'target-unhealthy',
      'restart-application': 'application-down',
      'clean-disk': 'disk-full',
      'reboot-database': 'database-impaired',
      'catch-up-replica': 'replica-behind',
      'grow-storage': 'disk-full',
      'add-reader': 'load-saturated',
      'fail-over-cluster': 'database-impaired',
      'relieve-queue': 'queue-backlog',
      'heal-service': 'service-impaired',
      'scale-service': 'load-saturated',
      'restore-agent': 'agent-lost',
      'rollback-alias': 'error-rate',
      'raise-concurrency': 'error-rate',
      'renew-certificate': 'certificate-expiring',
    };
    const healed = new Set(expected.flatMap(({ failure, status }) => (status === 'healed' ? [failure as string] : [])));
    expect(playbookIds.filter((id) => !healed.has(failures[id]))).toEqual([]);
  });

  test('the same seed takes the same course', async () => {
    const { scenario } = load('hung-instance');
    const first = await playScenario(scenario);
    expect(await playScenario(scenario)).toEqual(first);
    expect((await playScenario(scenario, { seed: 2 })).outcomes[0]?.incident).not.toBe(first.outcomes[0]?.incident);
  });
});

describe('a world', () => {
  const { scenario } = load('two-alarms');
  const course = async (change: Partial<Scenario>) => {
    const { watched } = await playScenario({ ...scenario, ...change, expect: { ...scenario.expect, promises: 'kept' } });
    return watched?.history;
  };

  test('takes another course where processes die', async () => {
    // That it takes the same course otherwise, a simulated world shows.
    expect(await course({ deaths: 0.2 })).not.toEqual(await course({}));
  });
});

describe('what is checked without being asked for', () => {
  const { scenario } = load('hung-instance');

  test('a step that AWS refuses', async () => {
    const timeline = [{ at: 0, do: 'force-alarm' as const, alarm: 'no-such-alarm', state: 'ALARM' as const }];
    const observation = await playScenario({ ...scenario, timeline });
    expect(broken(checkScenario({ outcomes: [] }, observation))).toEqual([
      expect.stringMatching(/every step was carried out: force-alarm: .*no-such-alarm/),
    ]);
  });

  test('a member that there is not', async () => {
    const timeline = [{ at: 0, do: 'hang-kernel' as const, on: 'shop[3]' }];
    const observation = await playScenario({ ...scenario, timeline });
    expect(broken(checkScenario({ outcomes: [] }, observation))).toEqual([expect.stringContaining('there is no shop[3] any more')]);
  });

  test('an outcome that nobody expected, where outcomes are named', async () => {
    const observation = await playScenario(scenario);
    const [outcome] = observation.outcomes;
    const twice = {
      ...observation,
      outcomes: [...observation.outcomes, ...(outcome ? [{ ...outcome, failure: 'unclassified' as const, actions: [] }] : [])],
    };
    expect(broken(checkScenario(scenario.expect, twice))).toEqual([expect.stringContaining('nothing else that people are told of')]);
  });

  test('a promise that was broken, and that nobody watched', async () => {
    const observation = await playScenario({ ...scenario, expect: { ...scenario.expect, promises: 'kept' } });
    const { watched } = observation;
    expect(watched?.history.length).toBeGreaterThan(3);
    const violation = { promise: 'once' as const, at: 0, resource: 'i-1', text: 'RebootInstances again' };
    const broke = watched && { ...watched, violations: [violation] };
    const kept = { outcomes: [], promises: 'kept' as const };
    expect(broken(checkScenario(kept, observation))).toEqual([]);
    expect(broken(checkScenario(kept, { ...observation, watched: broke }))).toEqual([
      expect.stringContaining('i-1: RebootInstances again'),
    ]);
    expect(broken(checkScenario(kept, { ...observation, watched: null }))).toEqual(['every promise is kept: nobody watched']);
  });

  test('steps that AWS refuses, unless so many may be', async () => {
    const timeline = [{ at: 0, do: 'stop' as const, on: 'shop[3]' }];
    const observation = await playScenario({ ...scenario, timeline });
    expect(broken(checkScenario({ outcomes: [], refused: { atMost: 1 } }, observation))).toEqual([]);
    expect(broken(checkScenario({ outcomes: [], refused: { atMost: 0 } }, observation))).toEqual(['steps refused: at most 0: 1']);
    expect(broken(checkScenario({ outcomes: [], refused: 2 }, observation))).toEqual(['steps refused: 2: 1']);
  });

  test('an incident that is still open', () => {
    const observation: Observation = {
      began: 0,
      unsteady: ['i-1 is stopped'],
      done: [],
      outcomes: [],
      messages: 0,
      approvals: 0,
      rejected: 0,
      calls: [],
      ids: new Map(),
      cutShort: false,
      open: 1,
      watched: null,
      told: [],
      stopped: new Map(),
      resources: new Map(),
      failedRequests: new Map(),
      requests: { total: 0, failed: 0 },
      services: new Map(),
      databases: new Map(),
      messagesIn: new Map(),
      certificates: new Map(),
      fileSystems: new Map(),
    };
    expect(broken(checkScenario({ outcomes: [] }, observation))).toEqual([
      'all was well before: i-1 is stopped',
      'every incident has ended: 1 are open',
    ]);
  });
});
