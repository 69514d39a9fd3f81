import { createRandom, type Random } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';
import { drawChange } from './changes.ts';
import { drawDeployed } from './releases.ts';
import {
  drawCommanded,
  drawDeadLetters,
  drawLeakingService,
  drawLostAgents,
  drawServed,
  drawSilent,
  drawStories,
  type Story,
} from './stories.ts';

const minute = 60;
const span = 90 * minute;
const hour = 60 * minute;

/** Rare ones, of which this world has one in any case. */
const rare =
  (draw: (random: Random, span: number) => Story | null) =>
  (random: Random): Story => {
    for (let i = 0; ; i++) {
      const story = draw(random.fork(`${i}`), 40 * minute);
      if (story) return story;
    }
  };

const tales: readonly ((random: Random) => Story)[] = [
  ...Array.from({ length: 8 }, () => (random: Random) => drawChange(random, 40 * minute)),
  ...Array.from({ length: 5 }, () => (random: Random) => drawStories(random, 40 * minute)),
  ...[drawServed, drawCommanded, drawSilent, drawDeadLetters, drawLostAgents, drawLeakingService, drawDeployed].map(rare),
];

const lostAnswers = [
  { service: 'ec2', operation: 'RebootInstances' },
  { service: 'ec2', operation: 'StopInstances' },
  { service: 'ec2', operation: 'StartInstances' },
  { service: 'autoscaling', operation: 'TerminateInstanceInAutoScalingGroup' },
  { service: 'ssm', operation: 'SendCommand' },
] as const;

/** That an alarm goes off of which nothing else is known. */
const ringing = {
  id: '5e1f0000-0000-4000-8000-000000000001',
  source: 'aws.cloudwatch',
  'detail-type': 'CloudWatch Alarm State Change',
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the scenario's own language
  account: '${account}',
  region: '${region}',
  time: '${now}',
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the scenario's own language
  detail: {
    alarmName: 'much-to-say',
    state: { value: 'ALARM', reason: 'much' },
    configuration: {
      metrics: [
        {
          id: 'm',
          returnData: true,
          metricStat: {
            metric: { namespace: 'AWS/EC2', name: 'StatusCheckFailed_Instance', dimensions: { InstanceId: 'i-0123456789abcdef0' } },
            period: 60,
            stat: 'Maximum',
          },
        },
      ],
    },
  },
};

const failing = { do: 'fail-calls', rate: 0.3 } as const;
/** What goes wrong with selfheal itself meanwhile. */
const troubles: readonly ((random: Random) => WrittenStep[])[] = [
  () => [{ at: '0s', ...failing, service: 'ec2', code: 'RequestLimitExceeded', status: 503, for: '1h' }],
  () => [{ at: '0s', ...failing, service: 'dynamodb', code: 'InternalServerError', status: 500, for: '1h' }],
  () => [{ at: '0s', ...failing, service: 'autoscaling', code: 'ExpiredToken', status: 403, for: '1h' }],
  (random) => [{ at: '0s', do: 'fail-calls', ...random.pick(lostAnswers), when: 'after', count: 1 }],
  (random) => [{ at: '0s', do: 'fail-calls', ...random.pick(lostAnswers), when: 'after', count: 1 }],
  (random) => [{ at: '0s', do: 'deliveries', how: random.pick(['duplicate', 'reorder'] as const), rate: 1, for: '1h' }],
  (random) => [{ at: writeDuration(random.int(hour)), do: 'stop-executions' }],
  (random) => [{ at: writeDuration(random.int(40 * minute)), do: 'switch', to: random.pick(['off', 'dry-run'] as const) }],
  (random) => [
    { at: writeDuration(random.int(10 * minute)), do: 'switch', to: 'off' },
    { at: '0s', do: 'fail-calls', service: 'ssm', operation: 'GetParameter', code: 'InternalServerError', status: 500, for: '80m' },
  ],
  (random) => [{ at: writeDuration(random.int(hour)), do: 'redeliver', batched: true }],
  (random) => [{ at: writeDuration(random.int(hour)), do: 'deliver', event: ringing, padding: random.pick([200_000, 300_000, 900_000]) }],
];

/** Hours and days later: by then some of what the ledger keeps has expired. */
const redeliveries = (random: Random): WrittenStep[] =>
  [3 + random.int(20), 26 + random.int(40), 72 + random.int(48)]
    .slice(0, 1 + random.int(3))
    .map((hours) => ({ at: writeDuration(span + hours * hour), do: 'redeliver', batched: random.chance(0.3) }));

/** A new version is deployed in the middle of it, of which the policy allows less. */
const redeployed = (random: Random): WrittenStep => ({
  at: writeDuration(random.int(50 * minute)),
  do: 'change-policy',
  policy: random.pick<Record<string, unknown>>([
    { mode: 'dry-run' },
    { budget: { actions: 1, window: 3 * 3600 } },
    { approval: { timeout: 30 * minute, required: [{ action: 'reboot-instance' }, { action: 'replace-member' }] } },
  ]),
});

/** Draws one small story, and at most a little that goes wrong beside it; the same for the same seed. */
export const drawTale = (seed: number): WrittenScenario => {
  const random = createRandom(seed).fork('tale');
  const late = random.fork('version');
  const { steps, policy, ...fleet } = random.pick(tales)(random.fork('story'));
  const timeline: WrittenStep[] = [
    ...steps.sort((a, b) => a.at - b.at).map(({ at, step }) => ({ at: writeDuration(at), ...step }) as WrittenStep),
    ...(random.chance(0.4) ? random.pick(troubles)(random) : []),
    ...(late.chance(0.12) ? [redeployed(late)] : []),
    { at: writeDuration(span), do: 'switch', to: 'on' },
    { at: writeDuration(5 * hour), do: 'all-clear' },
    ...(random.chance(0.1) ? redeliveries(random) : []),
  ];
  return {
    name: `Seed ${seed}: one story`,
    hypothesis: 'Whatever changes while something is mended, every promise is kept.',
    seed,
    start: '2026-03-02T02:00:00Z',
    watch: '2h',
    interleave: true,
    ...(random.chance(0.2) ? { deaths: 0.01 } : {}),
    ...(random.chance(0.3) ? { clockSkew: random.pick(['1s', '3s', '5s']) } : {}),
    ...(random.chance(0.3) ? { staleReads: random.pick(['1s', '2s']) } : {}),
    policy: { budget: { actions: 4, window: 3 * 3600 }, calm: { fromHour: 0, toHour: 24 }, ...policy },
    fleet,
    timeline,
    expect: { promises: 'kept', refused: { atMost: timeline.length } },
  };
};
