import { createRandom } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';

const minute = 60;
const kinds = ['mixed', 'groups', 'people'] as const;

/** Every service that a treatment of instances and groups calls. */
const services = ['ec2', 'autoscaling', 'cloudwatch', 'cloudtrail', 'elb', 'kms', 'ssm', 'sns', 'events', 'dynamodb', 'lambda'] as const;

/** How calls fail: refused for good, with credentials that are too old, busy, broken. */
const faults = [
  ['AccessDenied', 403],
  ['AccessDenied', 403],
  ['ExpiredToken', 403],
  ['Throttling', 400],
  ['InternalFailure', 500],
] as const;

/** A world in which whole services fail for a while, one after another or at once, and events come that are none. */
export const drawOutages = (
  seed: number,
  minutes: number,
  drawWorld: (kind: (typeof kinds)[number]) => WrittenScenario,
): WrittenScenario => {
  const random = createRandom(seed).fork('outages');
  const span = minutes * minute;
  const world = drawWorld(random.pick(kinds));
  const steps: WrittenStep[] = Array.from({ length: 3 + random.int(5) }, () => {
    const service = random.pick(services);
    // Where the ledger refuses for good, people are told all the same, and nothing remembers that: it only is busy or broken here.
    const [code, status] = random.pick(service === 'dynamodb' ? faults.slice(3) : faults);
    return {
      at: writeDuration(random.int(Math.floor(span * 0.8))),
      do: 'fail-calls',
      service,
      code,
      status,
      rate: random.pick([0.3, 1, 1]),
      for: writeDuration((2 + random.int(20)) * minute),
    };
  });
  for (let i = random.int(3); i > 0; i--)
    steps.push({
      at: writeDuration(random.int(span)),
      do: 'deliver',
      event: random.pick<unknown>([
        { Records: [{ EventSource: 'aws:sns', Sns: { Message: '{' } }] },
        { source: 'aws.ec2', detail: 7 },
        'nothing',
        [],
      ]),
    });
  if (random.chance(0.5)) steps.push({ at: writeDuration(span + (2 + random.int(40)) * 60 * minute), do: 'redeliver' });
  return {
    ...world,
    name: `${world.name}, with outages`,
    timeline: [...world.timeline, ...steps],
    expect: { ...world.expect, refused: { atMost: world.timeline.length + steps.length } },
  };
};
