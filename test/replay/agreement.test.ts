import { describe, expect, test } from '@jest/globals';
import { createRandom } from '#local-aws/random';
import type { Told } from '../../local/input/events.ts';
import { readTold } from '../../local/replay/reading.ts';
import { replayStream } from '../../local/replay/stream.ts';
import { playScenario } from '../../local/worlds/play.ts';
import { type Scenario, scenarioSchema, type WrittenScenario } from '../../local/worlds/schema.ts';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import { whole } from '../runner/whole.ts';

// A machine that does much else at once needs long for a world.

/** So many pairs are played; PAIRS=100 npm test -- test/replay/agreement.test.ts plays as many as there should be now and then. */
const pairs = Number(process.env.PAIRS ?? (whole ? 8 : 2));

const id = 'i-0a1b2c3d4e5f60718';
const shop = { AutoScalingGroupName: 'shop' };
const web = { InstanceId: id };

type Kind = {
  metric: { namespace: string; name: string; dimensions: Record<string, string> };
  fleet: WrittenScenario['fleet'];
  step: Record<string, unknown>;
  thresholds: readonly number[];
  comparisons: readonly ('>' | '>=' | '<' | '<=')[];
  periods: readonly number[];
  period: number;
  /** What the alarm does besides telling people. */
  verbs: readonly string[];
  /** What a rule may take it for, and who then treats it. */
  rules: readonly { failure: string; playbook?: string }[];
  /** Whether EC2 may mend it first. */
  chance?: boolean;
};

const lone = { instances: { web: { id } } };
const restarts = [
  { failure: 'instance-unreachable', playbook: 'restart-instance' },
  { failure: 'status-check-failed', playbook: 'restore-status-checks' },
  { failure: 'host-impaired', playbook: 'recover-host' },
  { failure: 'memory-exhausted', playbook: 'relieve-memory' },
  { failure: 'load-saturated' },
];
const check = { thresholds: [1, 0.5], comparisons: ['>='], periods: [1, 2, 3], period: 60, fleet: lone, rules: restarts } as const;

const kinds: readonly Kind[] = [
  {
    ...check,
    metric: { namespace: 'AWS/EC2', name: 'StatusCheckFailed_Instance', dimensions: web },
    step: { do: 'hang-kernel', on: 'web' },
    verbs: ['reboot'],
  },
  {
    ...check,
    metric: { namespace: 'AWS/EC2', name: 'StatusCheckFailed', dimensions: web },
    step: { do: 'hang-kernel', on: 'web' },
    verbs: ['reboot', 'stop'],
  },
  {
    ...check,
    metric: { namespace: 'AWS/EC2', name: 'StatusCheckFailed_System', dimensions: web },
    step: { do: 'fail-host', on: 'web' },
    verbs: ['recover'],
    chance: true,
  },
  {
    ...check,
    metric: { namespace: 'CWAgent', name: 'mem_used_percent', dimensions: web },
    step: { do: 'leak-memory', on: 'web' },
    thresholds: [60, 75, 80],
    comparisons: ['>', '>='],
    periods: [1, 2],
    verbs: ['reboot'],
  },
  {
    // Nothing computes on an instance that doesn't answer.
    ...check,
    metric: { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions: web },
    step: { do: 'hang-kernel', on: 'web' },
    thresholds: [1],
    comparisons: ['<', '<='],
    period: 300,
    periods: [1, 2],
    verbs: ['reboot'],
  },
  {
    metric: { namespace: 'AWS/EC2', name: 'CPUUtilization', dimensions: shop },
    fleet: { groups: { shop: { min: 2, desired: 2, max: 6 } } },
    step: { do: 'add-load', on: 'shop', percent: 180 },
    thresholds: [70, 80],
    comparisons: ['>', '>='],
    period: 300,
    periods: [1, 2],
    verbs: [],
    rules: [{ failure: 'load-saturated', playbook: 'scale-out' }, { failure: 'latency-high' }],
  },
];

/** Who else may mend it first: then it is a matter of seconds how it ends, or even what is seen of it. */
type Other = 'nobody' | 'EC2' | 'its alarm';

/** The status checks that any look found impaired: what was really broken. */
const impaired = ({ timeline }: Outcome) =>
  ['system', 'instance'].filter((check) => timeline.some(({ text }) => new RegExp(`\\b${check} (?:check )?impaired`).test(text)));

/** What two runs must have in common. */
const gist = (outcome: Outcome, other: Other) => {
  const { failure, resource, playbook, status, actions } = outcome;
  return {
    failure,
    resource,
    playbook,
    ...(other === 'nobody' ? { status, actions: [...new Set(actions.map(({ action }) => action))].sort() } : {}),
    ...(other === 'its alarm' ? {} : { impaired: impaired(outcome) }),
  };
};

const drawPair = (seed: number): { scenario: Scenario; policy: Policy; other: Other; told: string } => {
  const random = createRandom(seed).fork('pairs');
  const kind = random.pick(kinds);
  const comparison = random.pick(kind.comparisons);
  const verb = kind.verbs.length > 0 && random.chance(0.25) ? random.pick(kind.verbs) : undefined;
  const rule = random.chance(0.6) ? random.pick(kind.rules) : undefined;
  const [[dimension = '']] = Object.entries(kind.metric.dimensions) as [[string, string]];
  const policy = policySchema.parse({
    mode: random.chance(0.2) ? 'dry-run' : 'enforce',
    classification: {
      alarms: rule
        ? [
            {
              namespace: kind.metric.namespace,
              metric: kind.metric.name,
              direction: comparison.startsWith('<') ? 'below' : 'above',
              subject: { type: dimension === 'InstanceId' ? 'instance' : 'group', dimension },
              ...rule,
            },
          ]
        : [],
    },
  });
  const alarm = {
    metric: kind.metric,
    comparison,
    threshold: random.pick(kind.thresholds),
    statistic: random.pick(['Maximum', 'Average']),
    period: `${kind.period}s`,
    periods: random.pick(kind.periods),
    actions: ['notify', ...(verb ? [verb] : [])],
  };
  const scenario = scenarioSchema.parse({
    name: `pair ${seed}`,
    hypothesis: 'as a replay of its alarm',
    seed,
    fleet: { ...kind.fleet, alarms: { 'the-alarm': alarm } },
    timeline: [{ at: '5m', ...kind.step }],
    watch: '90m',
    expect: {},
  });
  return {
    scenario,
    policy,
    other: verb ? 'its alarm' : kind.chance ? 'EC2' : 'nobody',
    told: JSON.stringify({ alarm, rule, mode: policy.mode }),
  };
};

/** Plays the scenario, and then its alarm alone. */
const playPair = async (seed: number) => {
  const { scenario, policy, other, told } = drawPair(seed);
  const events: unknown[] = [];
  const { outcomes } = await playScenario(scenario, { policy, onEvent: (event) => events.push(event) });
  const readings = events.map((value) => readTold({ file: 'it', value }, rulesOf(policy)));
  // By SNS: what the alarm does is told there alone.
  const heard = readings.find(
    ({ incidents, value }) => incidents.some(({ alarm }) => alarm?.name === 'the-alarm') && JSON.stringify(value).includes('Sns'),
  );
  if (!heard) return { told, wanted: null, seen: null };
  const { key } = heard.incidents[0] ?? {};
  const wanted = outcomes.find(({ incident }) => incident === key);
  const replayed: Outcome[] = [];
  const { unplayable } = await replayStream(
    (async function* (): AsyncGenerator<Told> {
      yield { file: 'it', value: heard.value };
    })(),
    { seed, policy, onOutcome: (outcome) => replayed.push(outcome) },
  );
  return {
    told,
    wanted: wanted ? [gist(wanted, other)] : [],
    seen: unplayable.length > 0 ? unplayable : replayed.map((outcome) => gist(outcome, other)),
  };
};

describe('a replay and a scenario of the same metric and rule', () => {
  test('agree', async () => {
    let silent = 0;
    const differing: unknown[] = [];
    for (let seed = 1; seed <= pairs; seed++) {
      const { told, wanted, seen } = await playPair(seed);
      if (wanted === null) silent++;
      else if (JSON.stringify(wanted) !== JSON.stringify(seen)) differing.push({ seed, told, wanted, seen });
    }
    expect(differing).toEqual([]);
    // In nearly all of them the alarm goes off: else nothing has been compared.
    expect(silent).toBeLessThanOrEqual(pairs / 4);
  });
});
