import {
  DeleteFunctionCommand,
  type Execution,
  type LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { dayMs } from '../model/duration.ts';
import { isNamed } from '../model/errors.ts';
import { type Executions, terminalFailureStatuses } from '../ports/executions.ts';

/** IAM actions of the calls. A test compares them with the packaged template. */
export const executionsPermissions = [
  'lambda:DeleteFunction',
  'lambda:ListDurableExecutionsByFunction',
  'lambda:ListVersionsByFunction',
] as const;

/** The maximum duration of an execution, which the template is checked against. In milliseconds. */
export const maxDuration = 30 * dayMs;
/** This many of the newest versions are always kept, for a rollback. */
const keptVersions = 5;

/** A published version. `supersededAt` is when the next one was published, in milliseconds since the epoch; null for the newest. */
type Version = { version: string; supersededAt: number | null };

/** All published versions of a function, newest first. */
const versionsOf = async (lambda: LambdaClient, FunctionName: string): Promise<Version[]> => {
  const found: { version: string; madeAt: number }[] = [];
  let Marker: string | undefined;
  do {
    const { Versions = [], NextMarker } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName, Marker }));
    for (const { Version, LastModified } of Versions) {
      // A version without a date counts as new, so that it is never skipped or deleted.
      if (Version && Version !== '$LATEST') found.push({ version: Version, madeAt: Date.parse(LastModified ?? '') || Infinity });
    }
    Marker = NextMarker || undefined;
  } while (Marker !== undefined);
  const newest = found.sort((a, b) => Number(b.version) - Number(a.version));
  return newest.map(({ version }, i) => ({ version, supersededAt: i === 0 ? null : (newest[i - 1]?.madeAt ?? null) }));
};

/**
 * Whether a version was superseded so long ago that no execution on it can have ended within `reachMs`: new incidents start on the newest
 * version only.
 */
const isOver = ({ supersededAt }: Version, now: number, reachMs: number): boolean =>
  supersededAt !== null && supersededAt < now - maxDuration - reachMs;

async function* listed(lambda: LambdaClient, FunctionName: string, Qualifier: string | undefined, since: Date): AsyncIterable<Execution> {
  let Marker: string | undefined;
  do {
    const { DurableExecutions = [], NextMarker } = await lambda.send(
      new ListDurableExecutionsByFunctionCommand({
        FunctionName,
        Qualifier,
        Statuses: [...terminalFailureStatuses],
        StartedAfter: since,
        ReverseOrder: true,
        MaxItems: 100,
        Marker,
      }),
    );
    yield* DurableExecutions;
    Marker = NextMarker || undefined;
  } while (Marker !== undefined);
}

/** First without a version, which includes those of `$LATEST` in any case, then each published version. */
async function* everywhere(lambda: LambdaClient, functionName: string, now: number, reachMs: number): AsyncIterable<Execution> {
  const since = new Date(now - reachMs - maxDuration);
  yield* listed(lambda, functionName, undefined, since);
  for (const version of await versionsOf(lambda, functionName)) {
    if (!isOver(version, now, reachMs)) yield* listed(lambda, functionName, version.version, since);
  }
}

/**
 * The executions of all versions of a durable function: an execution stays on the version that it started with. AWS's documentation is
 * inconsistent on what a list without a version contains (all versions, or `$LATEST` only), and silent on a list by alias. So each version
 * is listed as well, and duplicates are dropped.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html
 */
export const createExecutions = (lambda: LambdaClient, functionName: string): Executions => ({
  async *listFailed(now, reachMs) {
    const seen = new Set<string>();
    for await (const execution of everywhere(lambda, functionName, now, reachMs)) {
      const { DurableExecutionArn = '', DurableExecutionName: key, Status: status, StartTimestamp, EndTimestamp } = execution;
      if (!key || !status || !StartTimestamp || seen.has(DurableExecutionArn)) continue;
      seen.add(DurableExecutionArn);
      if (EndTimestamp && EndTimestamp.getTime() < now - reachMs) continue;
      const [, , , region = '', account = ''] = DurableExecutionArn.split(':');
      const ends = EndTimestamp ? { endedAt: EndTimestamp.getTime() } : {};
      yield { key, status, account, region, startedAt: StartTimestamp.getTime(), ...ends };
    }
  },
  prune: async (now, reachMs, most) => {
    const versions = await versionsOf(lambda, functionName);
    const old = versions.slice(keptVersions).filter((version) => isOver(version, now, reachMs));
    const gone: string[] = [];
    // Oldest first.
    for (const { version } of old.reverse().slice(0, most)) {
      try {
        await lambda.send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version }));
        gone.push(version);
      } catch (error) {
        // An alias still points to it after a rollback: keep it, and go on with the others.
        if (!isNamed(error, 'ResourceConflictException')) throw error;
      }
    }
    return gone;
  },
});
