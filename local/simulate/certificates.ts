import type { Random } from '#local-aws/random';
import type { WrittenScenario } from '../worlds/schema.ts';
import type { WrittenStep } from '../worlds/steps.ts';
import { writeDuration } from '../worlds/values.ts';

type Certificate = NonNullable<WrittenScenario['fleet']['certificates']>[string];
type Zones = NonNullable<WrittenScenario['fleet']['zones']>;

/** What may be written for a certificate whose record is gone, and what tempts to write something else; and how often each is drawn. */
const courses = {
  gone: 30,
  other: 20,
  'other-zone': 10,
  'zone-between': 10,
  misled: 10,
  'not-opted-in': 8,
  stands: 4,
  imported: 3,
  email: 3,
  unused: 2,
} as const;
type Course = keyof typeof courses;
const drawn: readonly Course[] = Object.entries(courses).flatMap(([course, times]) => Array<Course>(times).fill(course as Course));

const changes: Readonly<Record<Course, Partial<Certificate>>> = {
  gone: {},
  other: { record: 'other' },
  'other-zone': {},
  'zone-between': { domain: 'pay.web.shop.example' },
  misled: {},
  'not-opted-in': { optedIn: false },
  stands: { record: true },
  imported: { type: 'IMPORTED' },
  email: { validation: 'EMAIL' },
  unused: { inUse: false },
};

const call = { do: 'fail-calls', service: 'route53' } as const;

/** What goes wrong beside it. */
const troubles: readonly ((random: Random) => WrittenStep)[] = [
  () => ({ at: '0s', ...call, operation: 'ChangeResourceRecordSets', when: 'after', count: 1 }),
  () => ({ at: '0s', ...call, operation: 'ChangeResourceRecordSets', code: 'Throttling', status: 400, count: 1 }),
  (random) => ({ at: '0s', ...call, operation: 'ListResourceRecordSets', code: 'Throttling', status: 400, rate: random.pick([0.3, 0.7]) }),
  () => ({ at: '0s', ...call, operation: 'GetHostedZone', code: 'AccessDenied', status: 403 }),
  (random) => ({
    ...{ at: '0s', do: 'fail-calls', service: 'acm', operation: 'DescribeCertificate' },
    ...{ code: 'ThrottlingException', status: 400, rate: random.pick([0.3, 0.7]) },
  }),
  () => ({ at: '0s', do: 'deliveries', how: 'duplicate', rate: 1, for: '30m' }),
  () => ({ at: '0s', do: 'switch', to: 'off' }),
  (random) => ({ at: writeDuration(605 + random.int(60)), do: 'stop-executions' }),
];

/** A certificate that ACM can not renew, ten minutes after the beginning. */
export const drawCertificatesIncident = (random: Random): Pick<WrittenScenario, 'policy' | 'fleet' | 'timeline' | 'watch'> => {
  const course = random.pick(drawn);
  const zones: Zones = {
    'shop.example': { id: 'Z0SHOP', delegated: course !== 'misled' },
    'other.example': { id: 'Z0OTHER' },
    ...(course === 'zone-between' ? { 'web.shop.example': { id: 'Z0WEB' } } : {}),
  };
  const named = course === 'other-zone' ? ['Z0OTHER'] : random.pick([['Z0SHOP'], ['Z0OTHER', 'Z0SHOP']]);
  const certificate: Certificate = {
    domain: random.pick(['shop.example', '*.shop.example', 'www.shop.example']),
    expires: '45d10m',
    record: false,
  };
  const trouble = random.chance(0.4) ? [random.pick(troubles)(random)] : [];
  return {
    watch: '1h',
    policy: { certificates: { zones: named }, ...(random.chance(0.05) ? { mode: 'dry-run' } : {}) },
    fleet: { zones, certificates: { web: { ...certificate, ...changes[course] } } },
    timeline: [...trouble, { at: '50m', do: 'all-clear' }, { at: '50m', do: 'switch', to: 'on' }],
  };
};
