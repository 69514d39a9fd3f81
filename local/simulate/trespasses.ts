import type { DriverDeps } from '../../shared/remediation/deps.ts';
import { type Sabotage, withLedger } from './meddling.ts';

type Members = NonNullable<DriverDeps['members']>;

/** Changes what incidents of members are treated with. */
const mapMembers =
  (change: (given: NonNullable<ReturnType<Members>>, ...about: Parameters<Members>) => ReturnType<Members>) =>
  (deps: DriverDeps): DriverDeps => {
    const { members } = deps;
    if (!members) return deps;
    return {
      ...deps,
      members: (...about) => {
        const given = members(...about);
        return given && change(given, ...about);
      },
    };
  };

/** The clients of whichever member of a region was treated first. */
const firstOfRegion = (deps: DriverDeps): DriverDeps => {
  const known = new Map<string, DriverDeps['clients']>();
  return mapMembers((given, { region }) => {
    const clients = known.get(region) ?? given.clients;
    known.set(region, clients);
    return { ...given, clients };
  })(deps);
};

/** Whoever sends an alarm may speak of any account. */
const everybody = Object.assign([], { includes: () => true }) as string[];

/** Ways to do something in the wrong account or region, or to take one for the other. */
export const trespasses: Readonly<Record<string, Sabotage>> = {
  'wrong-account': {
    summary: "members are treated with the hub's own clients",
    breaks: ['own-place'],
    kind: 'organization',
    minutes: 40,
    meddle: { deps: (deps) => mapMembers((given) => ({ ...given, clients: deps.clients }))(deps) },
  },
  'stale-credentials': {
    summary: 'the session of one member is used for the next one of its region',
    breaks: ['own-place'],
    kind: 'organization',
    minutes: 40,
    meddle: { deps: firstOfRegion },
  },
  'trust-event-account': {
    summary: 'an alarm may name any account, whoever sent it',
    breaks: ['own-place'],
    kind: 'organization',
    minutes: 40,
    meddle: { rules: (rules) => ({ ...rules, scope: { ...rules.scope, monitoring: everybody } }) },
  },
  'told-by-each-account': {
    summary: 'lets each account of a region tell people of its mass failure',
    breaks: ['one-cause'],
    kind: 'regions',
    meddle: { deps: withLedger(() => ({ joinMass: async () => ({ role: 'first' }) })) },
  },
  'zones-by-name': {
    summary: 'takes zones of two accounts for one by what they are called',
    breaks: ['one-cause'],
    kind: 'regions',
    meddle: {
      deps: withLedger(({ joinMass }) => ({
        joinMass: ({ of, id }, incident, own, ...rest) =>
          joinMass({ of, id: of === 'zone' ? (own.zone ?? id) : id }, incident, own, ...rest),
      })),
    },
  },
};
