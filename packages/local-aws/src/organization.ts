import { createClock } from './core/clock.ts';
import { createRandom } from './core/random.ts';
import { partitionOf } from './core/world.ts';
import { createLocalAws, type LocalAws, type LocalAwsOptions } from './local-aws.ts';
import { createIdentity } from './services/iam/model/identity.ts';
import type { Driven } from './wire/driven.ts';
import { credentialScope, isGlobal } from './wire/gateway.ts';
import type { HttpRequest, HttpResponse } from './wire/protocol/http.ts';

/** The accounts and regions of an organisation, and what holds for all of them. */
export type LocalOrganizationOptions = Omit<LocalAwsOptions, 'account' | 'region'> & {
  /** The organisation's id, `o-…`; without one its accounts are not members of any. */
  id?: string;
  /** 12 digits each. The first one gets the calls of keys that nobody knows. */
  accounts: readonly string[];
  /** All of one partition. The first one gets what is signed for no region, and Route 53. */
  regions: readonly string[];
  /** Access keys of accounts; an account's own number is always one. */
  keys?: Readonly<Record<string, string>>;
  /** What is different in one account and region: what carries out its functions, say. */
  each?: (account: string, region: string) => Partial<Omit<LocalAwsOptions, 'account' | 'region' | 'seed' | 'start'>>;
};

/** Several accounts and regions of AWS behind one gateway and on one clock. */
export type LocalOrganization = Driven & {
  options: LocalOrganizationOptions;
  /** The first account in the first region. */
  aws: LocalAws;
  /** An account in a region. It comes to be when it is first needed. Throws a RangeError for one that isn't listed. */
  world(account: string, region?: string): LocalAws;
  /** Those that have come to be, in the order in which they did. */
  worlds(): Iterable<LocalAws>;
  /** Makes calls with this access key those of an account. */
  addKey(accessKey: string, account: string): void;
  /**
   * Answers a request: its key or session says which account is meant, and the region in the scope of its signature which region. Never
   * rejects.
   */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Brings what is due everywhere to where it goes; returns how many deliveries were taken. */
  dispatch(): Promise<number>;
};

/** How far deliveries may follow from one another at one moment, from world to world. */
const rounds = 16;

/**
 * An embedded AWS of several accounts and regions. Each is a world of its own, with its own random values, throttles and faults; what they
 * have in common is the clock, the roles and sessions, DNS, and the buses that send events on.
 */
export const createLocalOrganization = (options: LocalOrganizationOptions): LocalOrganization => {
  const { id, accounts, regions, keys = {}, each = () => ({}), ...rest } = options;
  const [homeAccount, homeRegion] = [accounts[0], regions[0]];
  if (homeAccount === undefined || homeRegion === undefined) throw new RangeError('an organisation needs an account and a region');
  const wrong = accounts.find((account) => !/^\d{12}$/.test(account));
  if (wrong !== undefined) throw new RangeError(`an account has 12 digits: ${wrong}`);
  const partition = partitionOf(homeRegion);
  if (regions.some((region) => partitionOf(region) !== partition)) throw new RangeError('all regions have to be of one partition');

  const clock = createClock(options.start);
  const identity = createIdentity({
    seed: options.seed,
    partition,
    accounts,
    clock,
    foreignTokens: false,
    ...(id === undefined ? {} : { organization: id }),
  });
  const accountOfKey = new Map<string, string>();
  const addKey = (accessKey: string, account: string) => {
    if (!accounts.includes(account)) throw new RangeError(`there is no account ${account}`);
    accountOfKey.set(accessKey, account);
  };
  for (const account of accounts) addKey(account, account);
  for (const [accessKey, account] of Object.entries(keys)) addKey(accessKey, account);

  const made = new Map<string, LocalAws>();
  const find = (account: string, region: string): LocalAws | undefined => {
    const key = `${account} ${region}`;
    const known = made.get(key);
    if (known || !accounts.includes(account) || !regions.includes(region)) return known;
    // A seed and names of zones of its own, whenever it comes to be.
    const seed = createRandom(options.seed).fork(key).int(0x1_0000_0000);
    const created = createLocalAws(
      { ...rest, ...each(account, region), account, region, seed, zoneShift: accounts.indexOf(account) },
      surroundings,
    );
    made.set(key, created);
    return created;
  };
  const surroundings = {
    clock,
    identity,
    hasRegion: (region: string) => regions.includes(region),
    advanceTo: (time: number) => advanceTo(time),
    neighbours: (account: string, region: string) => {
      const there = find(account, region);
      return (
        there && {
          deliver: there.world.deliver,
          takesEvents: there.eventBridge.takesEvents,
          takesInvocation: there.lambda.takesInvocation,
          serveTopic: there.backends.serveTopic,
        }
      );
    },
    resolve: (name: string, type: string) => {
      for (const { route53 } of made.values()) {
        const told = route53.resolve(name, type);
        if (told) return told;
      }
      return undefined;
    },
  };

  const world = (account: string, region = homeRegion): LocalAws => {
    const found = find(account, region);
    if (!found) throw new RangeError(`there is no account ${account} in ${region}`);
    return found;
  };
  const home = world(homeAccount);

  const handle = (request: HttpRequest): Promise<HttpResponse> => {
    const scope = credentialScope(request);
    const account = identity.sessions.get(scope?.accessKey ?? '')?.account ?? accountOfKey.get(scope?.accessKey ?? '') ?? homeAccount;
    const region = scope === undefined || isGlobal(scope.service) ? homeRegion : scope.region;
    const there = find(account, region);
    // It refuses what is signed for a region that there isn't.
    return (there ?? world(account)).handle(request);
  };

  const anyDeliveries = (): boolean => {
    for (const { faults } of made.values()) if (faults.anyDeliveries()) return true;
    return false;
  };

  const dispatch = async (): Promise<number> => {
    let taken = 0;
    for (let round = 0; round < rounds && anyDeliveries(); round++) for (const one of [...made.values()]) taken += await one.dispatch();
    return taken;
  };

  const advanceTo = async (time: number): Promise<void> => {
    // What is due before the clock moves leads to more on the way.
    if (anyDeliveries()) await dispatch();
    for (let next = clock.next(); next !== undefined && next <= time; next = clock.next()) {
      clock.advanceTo(next);
      if (anyDeliveries()) await dispatch();
    }
    clock.advanceTo(time);
    await dispatch();
  };

  return {
    options,
    aws: home,
    world,
    find,
    worlds: () => made.values(),
    addKey,
    handle,
    dispatch,
    advanceTo,
    settle: async () => {
      await dispatch();
    },
    again: async ({ seed = options.seed, start = options.start }) => createLocalOrganization({ ...options, seed, start }),
    close: async () => {
      for (const one of made.values()) await one.close();
    },
  };
};
