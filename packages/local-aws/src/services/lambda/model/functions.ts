import { createHash } from 'node:crypto';
import { lambdaParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { createTraffic, demandOf, type Flow } from './traffic.ts';

/** How a version's code behaves: the share of its invocations that fail, and how long one takes on average. */
export type Behaviour = { errors: number; durationMs: number };
/** What differs from it. */
type Deviation = { [Key in keyof Behaviour]?: Behaviour[Key] | undefined };
const deviating = (behaviour: Behaviour, { errors, durationMs }: Deviation): Behaviour => ({
  errors: errors ?? behaviour.errors,
  durationMs: durationMs ?? behaviour.durationMs,
});

export type Version = {
  readonly version: string;
  modifiedAt: number;
  description: string;
  /** In base64. */
  sha: string;
  revisionId: string;
  timeout: number;
  memory: number;
  behaviour: Behaviour;
};
export type Routing = { version: string; weights: Readonly<Record<string, number>> };
export type Alias = Routing & { name: string; description: string; revisionId: string };

export type LambdaFunction = {
  readonly name: string;
  readonly runtime: string;
  readonly role: string;
  readonly handler: string;
  /** `$LATEST` first, then the published ones in their order. */
  readonly versions: Map<string, Version>;
  readonly aliases: Map<string, Alias>;
  readonly tags: Map<string, string>;
  state: { name: 'Active' | 'Inactive' | 'Failed'; reason: string | undefined };
  /** Until then it is pending. */
  readonly activeFrom: number;
  /** Until then the last update is in progress. */
  updatedBy: number;
  /** How many versions it has ever had: a number is never used again. */
  published: number;
  /** The version that `$LATEST` is the same as. */
  same: string | undefined;
  reserved: number | undefined;
  readonly url: string | undefined;
  /** Invocations in a minute, by what callers name: an empty text for the function alone, an alias or a version. */
  readonly rates: Map<string, number>;
  /** What makes all its versions fail or slow, from outside. */
  readonly troubles: Set<Partial<Behaviour>>;
};

/** A function as a world has it from the beginning. Times in milliseconds since the epoch. */
export type PlacedFunction = {
  name: string;
  modifiedAt: number;
  state?: LambdaFunction['state'];
  /** Versions by when they were published, in their order; the first is version 1. */
  published?: readonly number[];
  /** Aliases, and the version that each points to. */
  aliases?: Readonly<Record<string, string>>;
  /** Its URL, if it has one, that asks for no credentials. */
  url?: string;
  tags?: Readonly<Record<string, string>>;
  /** Reserved concurrency. */
  reserved?: number;
  /** Of all its versions, where `versions` says nothing else. */
  behaviour?: Deviation;
  versions?: Readonly<Record<string, Deviation>>;
  /** Invocations in a minute, by alias or version; an empty text for those that name the function alone. */
  rates?: Readonly<Record<string, number>>;
  /** In seconds. */
  timeout?: number;
};

export const shaOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('base64');

/** Functions, what they are invoked with, and what becomes of that. */
export const createFunctionStore = (world: World, account: { limit: number; reserved: Readonly<Record<string, number>> }) => {
  const all = new Map<string, LambdaFunction>();
  const traffic = createTraffic();
  const random = world.random.fork('lambda functions');
  const { clock } = world;

  const reserved = (): number => {
    const others = Object.entries(account.reserved).reduce((sum, [name, one]) => sum + (all.has(name) ? 0 : one), 0);
    return [...all.values()].reduce((sum, found) => sum + (found.reserved ?? 0), others);
  };

  const routed = (found: LambdaFunction, target: string): { version: string; share: number }[] => {
    const alias = found.aliases.get(target);
    if (!alias) return [{ version: target === '' ? '$LATEST' : target, share: 1 }];
    const others = Object.entries(alias.weights).map(([version, share]) => ({ version, share }));
    const rest = 1 - others.reduce((sum, { share }) => sum + share, 0);
    return [{ version: alias.version, share: rest }, ...others].filter(({ share }) => share > 0);
  };

  /** What invocations of a version meet now: its own code, and what is wrong around it. */
  const behaviourOf = ({ troubles }: LambdaFunction, { behaviour, timeout }: Version) => ({
    errors: 1 - [...troubles].reduce((well, { errors = 0 }) => well * (1 - errors), 1 - behaviour.errors),
    durationMs: Math.max(behaviour.durationMs, ...[...troubles].map(({ durationMs = 0 }) => durationMs)),
    timeoutMs: timeout * 1000,
  });

  const flowsOf = (found: LambdaFunction): Flow[] =>
    [...found.rates].flatMap(([target, perMinute]) =>
      routed(found, target).flatMap(({ version, share }) => {
        const of = found.versions.get(version);
        // What names a version or an alias that isn't there is refused, and counted nowhere.
        return of ? [{ target, version, perMinute: perMinute * share, ...behaviourOf(found, of) }] : [];
      }),
    );

  /** Throttles where a function's demand is above what it has reserved, or that of all others above what is left of the account's. */
  const flow = (): void => {
    const flows = [...all.values()].map((found) => ({ found, flows: flowsOf(found), demand: 0 }));
    for (const one of flows) one.demand = demandOf(one.flows);
    const unreserved = flows.reduce((sum, { found, demand }) => sum + (found.reserved === undefined ? demand : 0), 0);
    const pool = account.limit - reserved();
    for (const { found, flows: own, demand } of flows) {
      const [room, asked] = found.reserved === undefined ? [pool, unreserved] : [found.reserved, demand];
      traffic.set(clock.now(), found.name, own, asked > room ? room / asked : 1);
    }
  };

  const publish = (found: LambdaFunction, at: number, description?: string): string => {
    const latest = found.versions.get('$LATEST') as Version;
    const version = String(++found.published);
    found.versions.set(version, {
      ...latest,
      version,
      modifiedAt: at,
      description: description ?? latest.description,
      revisionId: random.uuid(),
    });
    found.same = version;
    return version;
  };

  const add = (
    name: string,
    {
      modifiedAt,
      behaviour = {},
      ...how
    }: Omit<PlacedFunction, 'name' | 'published' | 'aliases' | 'rates' | 'versions'> & {
      sha?: string;
      role?: string;
      handler?: string;
      runtime?: string;
      memory?: number;
      description?: string;
      activeFrom?: number;
    },
  ): LambdaFunction => {
    const latest: Version = {
      version: '$LATEST',
      modifiedAt,
      description: how.description ?? '',
      sha: how.sha ?? shaOf(name),
      revisionId: random.uuid(),
      timeout: how.timeout ?? lambdaParameters.timeoutSeconds,
      memory: how.memory ?? lambdaParameters.memoryMegabytes,
      behaviour: deviating(lambdaParameters.behaviour, behaviour),
    };
    const found: LambdaFunction = {
      name,
      runtime: how.runtime ?? 'nodejs24.x',
      role: how.role ?? `arn:${world.partition}:iam::${world.account}:role/${name}`,
      handler: how.handler ?? 'index.handler',
      versions: new Map([['$LATEST', latest]]),
      aliases: new Map(),
      tags: new Map(Object.entries(how.tags ?? {})),
      state: how.state ?? { name: 'Active', reason: undefined },
      activeFrom: how.activeFrom ?? 0,
      updatedBy: 0,
      published: 0,
      same: undefined,
      reserved: how.reserved,
      url: how.url,
      rates: new Map(),
      troubles: new Set(),
    };
    all.set(name, found);
    return found;
  };

  const need = (name: string): LambdaFunction => {
    const found = all.get(name);
    if (!found) throw new RangeError(`there is no function ${name.slice(0, 100)}`);
    return found;
  };

  /** Something is wrong around a function until it ends. */
  const trouble = (name: string, what: Partial<Behaviour>) => {
    const { troubles } = need(name);
    troubles.add(what);
    flow();
    return () => {
      troubles.delete(what);
      flow();
    };
  };

  return {
    traffic,
    random,
    get: (name: string): LambdaFunction | undefined => all.get(name),
    list: (): LambdaFunction[] => [...all.values()],
    add,
    publish,
    routed,
    behaviourOf,
    /** To be called after every change: what is invoked, and how it ends, may be another from now on. */
    flow,
    /** What functions have reserved of the account's concurrency. */
    reserved,
    limit: account.limit,

    remove: (name: string): void => {
      all.get(name)?.rates.clear();
      flow();
      all.delete(name);
      flow();
    },

    place: ({ name, published = [], aliases = {}, versions = {}, rates = {}, ...how }: PlacedFunction): void => {
      if (all.has(name)) return;
      const found = add(name, how);
      for (const at of published) publish(found, at);
      for (const [number, differs] of Object.entries(versions)) {
        const version = found.versions.get(number);
        if (version) version.behaviour = deviating(version.behaviour, differs);
      }
      for (const [alias, version] of Object.entries(aliases))
        found.aliases.set(alias, { name: alias, version, description: '', weights: {}, revisionId: random.uuid() });
      for (const [target, perMinute] of Object.entries(rates)) found.rates.set(target, perMinute);
      flow();
    },

    /** What comes of a version, for ever: its code is so. */
    behave: (name: string, version: string, differs: Deviation): void => {
      const found = need(name).versions.get(version);
      if (!found) throw new RangeError(`the function ${name} has no version ${version}`);
      found.behaviour = deviating(found.behaviour, differs);
      flow();
    },

    fail: (name: string, errors: number) => trouble(name, { errors }),
    slow: (name: string, durationMs: number) => trouble(name, { durationMs }),

    /** From now on it is invoked so often, by what callers name; returns what brings the rate before back. */
    invoked: (name: string, target: string, perMinute: number): (() => void) => {
      const { rates } = need(name);
      const before = rates.get(target) ?? 0;
      const set = (rate: number) => {
        rates.set(target, rate);
        flow();
      };
      set(perMinute);
      return () => set(before);
    },
  };
};
export type FunctionStore = ReturnType<typeof createFunctionStore>;
