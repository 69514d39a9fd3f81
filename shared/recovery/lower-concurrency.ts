import { GetFunctionCommand, type LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import type { Clients } from '../aws/clients.ts';
import { isOptedIn } from '../guards/opt-in.ts';
import { clockTime, formatDuration, hourMs, inSeconds } from '../model/duration.ts';
import { errorMessage, isNamed } from '../model/errors.ts';
import { unbounded } from '../ports/deadline.ts';
import type { RaisedReserve, RaisedReserves } from '../ports/raised-reserves.ts';
import { readMetrics } from '../resources/read-metrics.ts';
import { inPlaceOf, type TakeBackDeps, tellTakenBack } from './take-back.ts';

/** IAM actions of its calls, which packaging grants only where the policy lets reserved concurrency be raised. */
export const lowerConcurrencyPermissions = {
  act: ['lambda:PutFunctionConcurrency'],
  /** Lambda tells the tags only to those who may list them. */
  looks: ['lambda:GetFunction', 'lambda:ListTags'],
  metrics: ['cloudwatch:GetMetricData'],
} as const;

type Callers = { lambda: Pick<LambdaClient, 'send'>; cloudWatch: Clients['cloudWatch'] };
export type LowerConcurrencyDeps = TakeBackDeps<Callers> & { reserves: RaisedReserves };

/** Whether a function was never throttled in this time, and would not have been with what it had before. */
const isCalm = async (cloudWatch: Clients['cloudWatch'], { name, from }: RaisedReserve, since: number, now: number): Promise<boolean> => {
  const of = (metric: string, statistic: string) => ({ namespace: 'AWS/Lambda', metric, statistic, dimensions: { FunctionName: name } });
  const period = (now - since) / hourMs > 24 ? 3600 : 300;
  const queries = [of('Throttles', 'Sum'), of('ConcurrentExecutions', 'Maximum')];
  const [throttles, most] = await readMetrics({ cloudWatch }, queries, since, now, period);
  return [...(throttles?.values() ?? [])].every((count) => count === 0) && Math.max(0, ...(most?.values() ?? [])) <= from;
};

/** Tells people, and notes on the incident that raised it, that it is as before. Without a record of the incident there is only the log. */
const tell = async (
  one: RaisedReserve,
  { reserves, ledger, reporter, policy, now, log }: LowerConcurrencyDeps,
  again: boolean,
): Promise<void> => {
  const { name, from, incident, lowering } = one;
  const { from: raised, at } = lowering ?? { from: null, at: now() };
  const { calm } = policy.lambda.concurrency ?? { calm: '24h' };
  const reason = `reserved concurrency of function ${name} was lowered from ${raised} back to ${from} at ${clockTime(at)}, after ${formatDuration(inSeconds(calm))} without need of more`;
  await tellTakenBack({ ledger, reporter, now }, { incident, headline: 'LOWERED again by selfheal', reason }, again);
  await reserves.forgetRaised(one);
  log?.({ level: 'INFO', message: 'reserved concurrency lowered again', function: name, from: raised, to: from, incident });
};

const lower = async (one: RaisedReserve, given: LowerConcurrencyDeps): Promise<boolean> => {
  const deps = inPlaceOf(one, given);
  const { reserves, lambda, cloudWatch, policy, now, log } = deps;
  const { name, from, to } = one;
  // A member has a switch of its own.
  if (one.place && (await deps.killSwitch.read(now())) !== 'on') return false;
  const since = now() - inSeconds(policy.lambda.concurrency?.calm ?? '24h') * 1000;
  if (one.at > since) return false;
  const found = await lambda.send(new GetFunctionCommand({ FunctionName: name })).catch((error: unknown) => {
    if (isNamed(error, 'ResourceNotFoundException')) return null;
    throw error;
  });
  const reserved = found?.Concurrency?.ReservedConcurrentExecutions;
  // An earlier sweep has lowered it, and could not tell.
  if (one.lowering && reserved === from) {
    await tell(one, deps, true);
    return true;
  }
  if (reserved === undefined || !to.includes(reserved)) {
    await reserves.forgetRaised(one);
    log?.({ level: 'INFO', message: 'reserved concurrency is not as selfheal left it', function: name, reserved: reserved ?? null });
    return false;
  }
  if (!isOptedIn(found?.Tags ?? {}, policy) || !(await isCalm(cloudWatch, one, since, now()))) return false;
  const lowering = { from: reserved, at: now() };
  await reserves.noteLowering(one, lowering);
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: from }));
  await tell({ ...one, lowering }, deps, false);
  return true;
};

/**
 * Takes back what selfheal has raised of the reserved concurrency of functions, once that has not been needed for as long as the policy
 * says: a reserve often protects what is behind a function. Only what still is as selfheal set it; whoever has changed it since wants it so.
 * People are notified of each. Returns how many were lowered.
 * @throws {Error} in the end if any could not be looked at or lowered; the next sweep retries
 */
export const lowerConcurrency = async ({ bounded = unbounded, ...deps }: LowerConcurrencyDeps): Promise<number> => {
  const { reserves, policy, killSwitch, now } = deps;
  if (!policy.lambda.concurrency || policy.mode !== 'enforce') return 0;
  const raised = await bounded(() => reserves.raisedReserves());
  if (raised.length === 0 || (await bounded(() => killSwitch.read(now()))) !== 'on') return 0;
  const failures: string[] = [];
  let lowered = 0;
  for (const one of raised) {
    try {
      if (await bounded(() => lower(one, deps))) lowered++;
    } catch (error) {
      failures.push(`${one.name}: ${errorMessage(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(`${failures.length} reserves could not be lowered: ${failures.slice(0, 5).join('; ')}`);
  return lowered;
};
