import type { Random } from '#local-aws/random';
import { lagAlarm } from '../worlds/alarms.ts';
import type { WrittenScenario } from '../worlds/schema.ts';
import { writeDuration } from '../worlds/values.ts';

type Step = WrittenScenario['timeline'][number];
type Answers = NonNullable<WrittenScenario['answers']>;

const minute = 60;

/** What happens to a replica, and how often that is drawn. */
const courses = {
  'source-fails': 50,
  'falls-behind': 20,
  'catches-up': 10,
  'source-stops': 10,
  'replication-stops': 10,
} as const;
type Course = keyof typeof courses;
const drawn: readonly Course[] = Object.entries(courses).flatMap(([course, times]) => Array<Course>(times).fill(course as Course));

const lag = (more: object, at: number): Step => ({ at: writeDuration(at), do: 'lag-replica', database: 'orders-replica', ...more }) as Step;
const becomes = (status: string, message: string, at: number): Step => ({
  at: writeDuration(at),
  do: 'change-database',
  database: 'orders',
  status,
  message,
});

const stepsOf = (course: Course, random: Random): Step[] => {
  const at = minute * random.int(3);
  const falls = { perMinute: 30 + random.int(60) };
  switch (course) {
    case 'source-fails':
      return [
        becomes('failed', 'DB instance put into failed state.', at),
        lag({ ...falls, survives: true }, at),
        // What must not be promoted any more: it is well again, or somebody else is at work on it.
        ...(random.chance(0.2) ? [becomes('available', 'DB instance restarted', at + (8 + random.int(10)) * minute)] : []),
      ];
    case 'source-stops':
      return [becomes('stopped', 'DB instance stopped', at), lag({ ...falls, survives: true }, at)];
    case 'catches-up':
      return [lag({ seconds: 600 + random.int(1800), for: '1m' }, at)];
    case 'replication-stops':
      return [lag({ seconds: 200 }, at), lag({ state: 'stopped' }, at + 5 * minute)];
    case 'falls-behind':
      return [lag({ ...falls, survives: random.chance(0.3) }, at)];
  }
};

/** What two people say, in the order in which they are asked. One yes is the temptation. */
const answersOf = (random: Random): Answers => {
  const yes = (by: string) => ({ answer: 'approve' as const, after: writeDuration(minute * (1 + random.int(6))), by });
  const no = (by: string) => ({ ...yes(by), answer: 'reject' as const });
  return random.pick<Answers>([
    [],
    [yes('Ana')],
    [yes('Ana')],
    [yes('Ana'), no('Ben')],
    [no('Ana'), yes('Ben')],
    [yes('Ana'), yes('Ana')],
    [yes('Ana'), yes('Ben')],
  ]);
};

const faultsOf = (random: Random): Step[] => {
  const fails = (more: object): Step => ({ at: '0m', do: 'fail-calls', ...more }) as Step;
  return random.pick<Step[]>([
    [],
    [],
    [fails({ service: 'rds', operation: 'PromoteReadReplica', when: 'after', count: 1 })],
    [fails({ service: 'sns', operation: 'Publish', when: random.chance(0.5) ? 'after' : 'before', count: 1 + random.int(2) })],
    [fails({ service: 'rds', operation: 'DescribeDBInstances', count: 2 })],
    [fails({ service: 'dynamodb', operation: 'UpdateItem', when: 'after', count: 2 })],
  ]);
};

/** A read replica that falls behind, mostly since its source is lost, and what people say to its promotion. */
export const drawReplicasIncident = (random: Random): Pick<WrittenScenario, 'policy' | 'fleet' | 'timeline' | 'watch' | 'answers'> => ({
  policy: {
    databases: {
      promote: random.chance(0.9) ? 'on' : 'off',
      reboot: random.chance(0.5) ? 'on' : 'off',
      approval: random.chance(0.5) ? 'waived' : 'required',
    },
    approval: { timeout: 20 * minute },
  },
  fleet: {
    databases: { orders: {}, 'orders-replica': { replicaOf: 'orders', optedIn: random.chance(0.9) } },
    alarms: {
      'orders-lag': lagAlarm(2),
    },
  },
  timeline: [...stepsOf(random.pick(drawn), random), ...faultsOf(random)],
  watch: writeDuration(30 * minute),
  answers: answersOf(random),
});
