import { createRandom, type Random } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import { writeDuration } from '../worlds/values.ts';

const minute = 60;

type Step = WrittenScenario['timeline'][number];
type Place = NonNullable<WrittenScenario['places']>[string];

const at = (seconds: number) => writeDuration(Math.max(0, Math.floor(seconds)));

/** Twenty accounts in three regions: in each world, a few of them have something that fails. */
const accounts = Array.from({ length: 20 }, (_, i) => String(200_000_000_000 + i));
const regions = ['us-east-1', 'eu-west-1', 'ap-southeast-2'] as const;

/** What is called the same everywhere. */
const names = ['lone-0', 'lone-1', 'web[0]', 'web[1]'] as const;

const drawFleet = (random: Random): Place['fleet'] => ({
  instances: {
    'lone-0': { optedIn: random.chance(0.85), autoRecovery: random.chance(0.5), alarms: ['system', 'instance'] },
    'lone-1': { optedIn: random.chance(0.85), autoRecovery: random.chance(0.5), alarms: ['system', 'instance'] },
  },
  groups: {
    web: {
      min: 0,
      desired: 2 + random.int(2),
      max: 5,
      optedIn: random.chance(0.85),
      suspended: random.chance(0.6) ? ['HealthCheck'] : [],
      alarms: ['cpu'],
      memberAlarms: ['system', 'instance'],
    },
  },
});

/** What fails in a place, by itself and by people, and what AWS answers there. */
const drawTimeline = (random: Random, span: number): Step[] => {
  const when = () => random.int(Math.floor(span * 0.7));
  const steps: Step[] = Array.from({ length: 1 + random.int(3) }, () => ({
    at: at(when()),
    do: random.pick(['hang-kernel', 'hang-kernel', 'fail-host'] as const),
    on: random.pick(names),
  }));
  if (random.chance(0.7))
    steps.push({ at: at(when()), do: 'add-load', on: 'web', percent: 150 + random.int(300), for: at((15 + random.int(30)) * minute) });
  if (random.chance(0.3)) steps.push({ at: at(when()), do: 'untag', on: random.pick(names), key: 'selfheal' });
  if (random.chance(0.3)) steps.push({ at: at(when()), do: random.pick(['stop', 'terminate'] as const), on: random.pick(names) });
  if (random.chance(0.4)) {
    const [service, code, status] = random.pick([
      ['ec2', 'RequestLimitExceeded', 503],
      ['ec2', 'InternalError', 500],
      ['autoscaling', 'Throttling', 400],
      ['cloudwatch', 'Throttling', 400],
    ] as const);
    const rate = Math.round(random.between(0.1, 0.6) * 100) / 100;
    const lost = random.chance(0.3) ? 'after' : 'before';
    steps.push({ at: at(when()), do: 'fail-calls', service, code, status, rate, when: lost, for: at((2 + random.int(12)) * minute) });
  }
  return steps;
};

/** What only a member has: a switch and a role of its own, and neighbours that it may say something of. */
const drawMember = (random: Random, span: number, others: readonly string[]): Step[] => {
  const when = () => random.int(Math.floor(span * 0.7));
  const steps: Step[] = [];
  if (random.chance(0.25)) {
    const off = when();
    steps.push({ at: at(off), do: 'switch', to: random.pick(['off', 'dry-run'] as const) });
    steps.push({ at: at(off + (15 + random.int(20)) * minute), do: 'switch', to: 'on' });
  }
  if (random.chance(0.25)) {
    const from = when();
    steps.push({ at: at(from), do: 'shut-out', out: true });
    steps.push({ at: at(from + (5 + random.int(30)) * minute), do: 'shut-out', out: false });
  }
  if (others.length > 0 && random.chance(0.6))
    steps.push({ at: at(when()), do: 'watch-other', account: random.pick(others), group: 'web' });
  return steps;
};

/** What AWS does to one account, or to one region of it, and to none of the others: it throttles everything, or loses what is sent from there. */
const drawTroubles = (random: Random, span: number): Step[] => {
  const when = () => at(random.int(Math.floor(span * 0.8)));
  const steps: Step[] = [];
  if (random.chance(0.35)) {
    const [service, code, status] = random.pick([
      ['ec2', 'RequestLimitExceeded', 503],
      ['autoscaling', 'Throttling', 400],
      ['cloudwatch', 'Throttling', 400],
    ] as const);
    const rate = Math.round(random.between(0.8, 1) * 100) / 100;
    steps.push({ at: when(), do: 'fail-calls', service, code, status, rate, for: at((5 + random.int(15)) * minute) });
  }
  if (random.chance(0.35)) {
    const how = random.pick(['lose', 'lose', 'duplicate', 'delay', 'reorder'] as const);
    const rate = Math.round(random.between(0.2, how === 'lose' ? 0.6 : 1) * 100) / 100;
    steps.push({ at: when(), do: 'deliveries', how, rate, for: at((10 + random.int(40)) * minute) });
  }
  return steps;
};

/** STS refuses the hub the sessions of every member, or loses them on their way. */
const drawSessionTroubles = (random: Random, span: number): Step[] => {
  if (!random.chance(0.25)) return [];
  const rate = Math.round(random.between(0.3, 1) * 100) / 100;
  const lasts = at((3 + random.int(12)) * minute);
  const when = random.chance(0.3) ? 'after' : 'before';
  const step = { do: 'fail-calls', service: 'sts', operation: 'AssumeRole', code: 'Throttling', status: 400, rate, when } as const;
  return [{ at: at(random.int(Math.floor(span * 0.7))), ...step, for: lasts }];
};

/** An organisation in whose accounts and regions things of the same names fail at the same time. */
export const drawOrganization = (seed: number, minutes: number): WrittenScenario => {
  const random = createRandom(seed).fork('organization');
  const span = minutes * minute;
  const all = accounts.flatMap((account) => regions.map((region) => ({ account, region })));
  // Two are of one region at least, where they could be taken for each other.
  const region = random.pick(regions);
  const take = (from: typeof all) => {
    const one = random.pick(from);
    all.splice(all.indexOf(one), 1);
    return one;
  };
  const inRegion = () => take(all.filter((one) => one.region === region));
  const chosen = [inRegion(), inRegion(), ...Array.from({ length: random.int(3) }, () => take(all))];
  // What all have to carry at once, when one is easily taken for the other.
  const rush: Step[] = random.chance(0.5)
    ? [{ at: at(random.int(10 * minute)), do: 'add-load', on: 'web', percent: 250 + random.int(200), for: '40m' }]
    : [];
  const places = Object.fromEntries(
    chosen.map(({ account, region }, i): [string, Place] => {
      const others = chosen.flatMap((one) => (one.account === account ? [] : [one.account]));
      const member = random.chance(0.9);
      const own = member ? drawMember(random, span, others) : [];
      // Each from a source of its own, so that what is drawn above stays what it was.
      const troubles = drawTroubles(random.fork(`troubles ${i}`), span);
      const timeline = [...drawTimeline(random, span), ...rush, ...own, ...troubles];
      const ends: Step[] = [
        { at: at(span), do: 'all-clear' },
        ...(member ? [{ at: at(span), do: 'switch', to: 'on' } as Step, { at: at(span), do: 'shut-out', out: false } as Step] : []),
      ];
      return [`place-${i}`, { account, region, member, fleet: drawFleet(random), timeline: [...timeline, ...ends] }];
    }),
  );
  const home = random.chance(0.6);
  const deliveries: Step[] = random.chance(0.6)
    ? [
        {
          at: at(random.int(span)),
          do: 'deliveries',
          how: random.pick(['duplicate', 'delay', 'reorder'] as const),
          rate: 0.5,
          for: at((10 + random.int(30)) * minute),
        },
      ]
    : [];
  const timeline: Step[] = [
    ...(home ? drawTimeline(random, span) : []),
    ...deliveries,
    ...drawSessionTroubles(random.fork('sessions'), span),
    { at: at(span), do: 'all-clear' },
  ];
  const steps = timeline.length + Object.values(places).reduce((sum, one) => sum + (one.timeline?.length ?? 0), 0);
  return {
    name: `Seed ${seed}: organization`,
    hypothesis: 'What fails in one account is treated there, and nowhere else.',
    seed,
    interleave: true,
    watch: writeDuration(span + 11 * minute),
    ...(random.chance(0.3) ? { deaths: 0.004 } : {}),
    policy: { budget: { actions: 4, window: 3 * 3600 } },
    fleet: home ? drawFleet(random) : {},
    places,
    timeline,
    expect: { promises: 'kept', refused: { atMost: steps } },
  };
};
