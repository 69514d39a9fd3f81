import {
  type AliasConfiguration,
  GetAccountSettingsCommand,
  GetAliasCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListTagsCommand,
} from '@aws-sdk/client-lambda';
import type { Clients } from '../aws/clients.ts';
import { clockTime, formatDuration, inSeconds, minuteMs } from '../model/duration.ts';
import { isNamed } from '../model/errors.ts';
import type { Incident } from '../model/incident.ts';
import { enoughAtFirst, type FormerRelease, type ReleaseEvidence } from '../model/release.ts';
import { servingAlias } from '../model/remedies.ts';
import type { ConcurrencyFacts, FunctionFacts } from '../model/snapshot.ts';
import { disabledMappings, disabledMappingsPermissions } from './disabled-mappings.ts';
import { lambdaTimeOf, partsOfFunction } from './lambda-function.ts';
import { type MetricValues, readMetrics } from './read-metrics.ts';
import type { LookPolicy, TreatedLook } from './resource-kind.ts';

/** Read-only calls of this look, which packaging grants only where the policy names what may be done to functions. */
export const functionLookPermissions = {
  tags: ['lambda:ListTags'],
  account: ['cloudwatch:GetMetricData', ...disabledMappingsPermissions],
  /** Where reserved concurrency may be raised. */
  concurrency: { functions: ['lambda:GetFunctionConcurrency'], account: ['lambda:GetAccountSettings'] },
} as const;

/** So many versions below and above the one that serves are looked for in the metrics. */
const candidates = { below: 20, above: 5 };
/** How far the metrics are read beyond the time in which an alias must have moved. */
const margin = 15 * minuteMs;
/** How far back concurrency is looked at. */
const minSpan = 10 * minuteMs;
/** Its latest minutes, and the last ones of what served before. */
const latest = 3 * minuteMs;
const lastMinutes = 2 * minuteMs;
/** The share of the alias's invocations that must be known by version. */
const known = 0.98;

const sum = (minutes: MetricValues, from: number, to: number): number =>
  [...minutes].reduce((total, [at, count]) => (at >= from && at < to ? total + count : total), 0);

/** The alias that an incident is about, or that the policy names for a function alone. */
const aliasOf = (name: string, qualifier: string | undefined, { lambda }: Pick<LookPolicy, 'lambda'>): string | undefined =>
  qualifier ?? servingAlias(lambda.rollback, name);

const isVersion = (qualifier: string): boolean => /^(\d+|\$LATEST.*)$/.test(qualifier);

const ifThere = async <Value>(look: Promise<Value>): Promise<Value | null> => {
  try {
    return await look;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return null;
    throw error;
  }
};

/**
 * When the version that an alias points to began to serve, and what came of its requests and of those before, from the metrics alone:
 * CloudTrail is late. That ExecutedVersion is published for an alias without weights is assumed; if it isn't, most invocations are of no
 * known version, and nothing is concluded.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html
 */
const releaseOf = async (
  clients: Clients,
  FunctionName: string,
  { Name = '', FunctionVersion = '' }: AliasConfiguration,
  { at: failedAt, now, within }: { at: number; now: number; within: number },
): Promise<ReleaseEvidence> => {
  const current = Number(FunctionVersion);
  const versions = Array.from({ length: candidates.below + 1 + candidates.above }, (_, i) => current - candidates.below + i).filter(
    (version) => version > 0,
  );
  const from = Math.floor((failedAt - within - margin) / minuteMs) * minuteMs;
  const Resource = `${FunctionName}:${Name}`;
  const ofVersion = (version: number) => ({ FunctionName, Resource, ExecutedVersion: String(version) });
  const queries = [
    { metric: 'Invocations', dimensions: { FunctionName, Resource } },
    ...versions.flatMap((version) => (['Invocations', 'Errors'] as const).map((metric) => ({ metric, dimensions: ofVersion(version) }))),
  ].map((query) => ({ namespace: 'AWS/Lambda', statistic: 'Sum', ...query }));
  const [all = new Map(), ...byVersion] = await readMetrics(clients, queries, from, now);
  const of = versions.map((version, i) => ({
    version,
    requests: byVersion[2 * i] ?? new Map(),
    errors: byVersion[2 * i + 1] ?? new Map(),
  }));
  const serving = of.find(({ version }) => version === current);
  const name = `version ${current}`;
  if (!serving || serving.requests.size === 0) return { unread: `the metrics show no invocation of ${name} by ${Resource} yet` };
  const first = Math.min(...serving.requests.keys());
  const counts = ({ requests, errors }: (typeof of)[number], start: number, end: number) => ({
    requests: sum(requests, start, end),
    errors: sum(errors, start, end),
  });
  const total = sum(all, from, now);
  const counted = of.reduce((so, { requests }) => so + sum(requests, from, now), 0);
  if (total === 0 || counted < known * total)
    return { unread: `the metrics show the version of only ${counted} of ${total} invocations of ${Resource}` };
  // Before its first minute another one must have served: otherwise it may have done so for long.
  const began = of.some((one) => one !== serving && counts(one, from, first).requests > 0) ? first : null;
  const lately = counts(serving, now - latest, now);
  if (began === null)
    return {
      newer: { name, ...counts(serving, from, now) },
      since: null,
      first: { requests: 0, errors: 0 },
      lately,
      errors: 0,
      before: [],
    };
  // In the minute in which the alias moved, both served.
  const moved = began + minuteMs;
  const start = Math.max(from, Math.floor((began - (now - began)) / minuteMs) * minuteMs);
  const served = of.filter((one) => one !== serving && counts(one, start, moved).requests > 0);
  const before: FormerRelease[] = await Promise.all(
    served.map(async (one) => {
      const Qualifier = String(one.version);
      const found = await ifThere(clients.of(LambdaClient).send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })));
      return {
        id: Qualifier,
        name: `version ${one.version}`,
        ...counts(one, start, moved),
        last: counts(one, moved - lastMinutes, moved),
        gone: found === null,
        later: one.version > current,
      };
    }),
  );
  let end = moved;
  while (end < now && counts(serving, began, end).requests < enoughAtFirst) end += minuteMs;
  return {
    newer: { name, ...counts(serving, began, now) },
    since: began,
    first: counts(serving, began, end),
    lately,
    // Those of the others until the alias moved are from before.
    errors: of.reduce((so, one) => so + counts(one, one === serving ? began : moved, now).errors, 0),
    before,
  };
};

const concurrencyOf = async (clients: Clients, FunctionName: string, now: number): Promise<ConcurrencyFacts> => {
  const lambda = clients.of(LambdaClient);
  const metric = (name: string, statistic: string) => ({ namespace: 'AWS/Lambda', metric: name, statistic, dimensions: { FunctionName } });
  const [{ ReservedConcurrentExecutions }, { AccountLimit }, [most = new Map(), throttles = new Map()]] = await Promise.all([
    lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    lambda.send(new GetAccountSettingsCommand({})),
    readMetrics(clients, [metric('ConcurrentExecutions', 'Maximum'), metric('Throttles', 'Sum')], now - minSpan, now),
  ]);
  return {
    reserved: ReservedConcurrentExecutions ?? null,
    unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
    most: Math.max(0, ...most.values()),
    throttles: sum(throttles, now - minSpan, now),
  };
};

/** Why there is no release to go back from: no alias, or one that points to what can't be gone back from. */
const unreleasedOf = (
  { at }: Pick<Incident, 'at'>,
  {
    name,
    wanted,
    alias,
    changedAt,
  }: { name: string; wanted: string | undefined; alias: AliasConfiguration | null; changedAt: number | null },
): string | null => {
  const changed =
    changedAt === null || changedAt > at
      ? ''
      : `; its code or settings last changed at ${clockTime(changedAt)}, ${formatDuration((at - changedAt) / 1000)} before the failure`;
  if (wanted === undefined) return `no alias is named that serves function ${name}, so there is nothing to go back from${changed}`;
  if (isVersion(wanted)) return `the alarm is about ${name}:${wanted}, and a version is never changed${changed}`;
  if (!alias) return `function ${name} has no alias ${wanted}${changed}`;
  return /^\d+$/.test(alias.FunctionVersion ?? '')
    ? null
    : `alias ${wanted} of function ${name} points to ${alias.FunctionVersion}${changed}`;
};

/**
 * Reads what decides about an action on a function; null if Lambda has none with that name.
 * @throws whatever the SDK throws
 */
export const describeFunction: TreatedLook = async (clients, { incident, now, policy }) => {
  const { name, qualifier } = partsOfFunction(incident);
  const lambda = clients.of(LambdaClient);
  const { rollback, concurrency } = policy.lambda;
  const wanted = rollback ? aliasOf(name, qualifier, policy) : undefined;
  const found = await ifThere(lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name })));
  if (!found) return { service: null };
  const { FunctionArn: Resource } = found;
  const [{ Tags = {} }, disabled, alias] = await Promise.all([
    lambda.send(new ListTagsCommand({ Resource })),
    disabledMappings(clients, { FunctionName: name }, now),
    wanted === undefined || isVersion(wanted) ? null : ifThere(lambda.send(new GetAliasCommand({ FunctionName: name, Name: wanted }))),
  ]);
  const unreleased = rollback
    ? unreleasedOf(incident, { name, wanted, alias, changedAt: lambdaTimeOf(found.LastModified) })
    : `lambda.rollback in the policy is off`;
  const others = Object.entries(alias?.RoutingConfig?.AdditionalVersionWeights ?? {});
  const span = { at: incident.at, now, within: inSeconds(rollback?.within ?? 0) * 1000 };
  const [release, ofConcurrency] = await Promise.all([
    unreleased === null && alias ? releaseOf(clients, name, alias, span) : null,
    concurrency ? concurrencyOf(clients, name, now) : null,
  ]);
  const service: FunctionFacts = {
    kind: 'function',
    id: name,
    tags: Tags,
    alias: alias && { name: alias.Name ?? '', version: alias.FunctionVersion ?? '', revisionId: alias.RevisionId ?? '' },
    unreleased,
    // CodeDeploy shifts an alias by weights, and so do people.
    shifting:
      others.length === 0
        ? null
        : `alias ${alias?.Name} of function ${name} is being shifted: ${others.map(([version, share]) => `${Math.round(share * 100)} % to version ${version}`).join(', ')}`,
    release,
    concurrency: ofConcurrency,
  };
  return { service, ...(disabled.length > 0 ? { disabledMappings: disabled } : {}) };
};
