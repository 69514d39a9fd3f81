import {
  DeleteFunctionCommand,
  type Execution,
  type LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { badEnds, type Executions } from '../ports/executions.ts';

/** Permissions of the calls; held against the packaged template. */
export const executionsPermissions = [
  'lambda:DeleteFunction',
  'lambda:ListDurableExecutionsByFunction',
  'lambda:ListVersionsByFunction',
] as const;

/** No execution lasts longer; the template says so. In milliseconds. */
const longest = 30 * 24 * 3600 * 1000;
/** So many of the newest versions stay in any case: somebody may have to go back to one. */
const spared = 5;

/** A published version; `supersededAt`, in milliseconds since the epoch, is when the next one was made. Null for the newest. */
type Version = { version: string; supersededAt: number | null };

/** Every published version of a function that is still there, the newest first. */
const versionsOf = async (lambda: LambdaClient, FunctionName: string): Promise<Version[]> => {
  const found: { version: string; madeAt: number }[] = [];
  let Marker: string | undefined;
  do {
    const { Versions = [], NextMarker } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName, Marker }));
    for (const { Version, LastModified } of Versions) {
      // Of what doesn't tell its age nothing is left out.
      if (Version && Version !== '$LATEST') found.push({ version: Version, madeAt: Date.parse(LastModified ?? '') || Infinity });
    }
    Marker = NextMarker || undefined;
  } while (Marker !== undefined);
  const newest = found.sort((a, b) => Number(b.version) - Number(a.version));
  return newest.map(({ version }, i) => ({ version, supersededAt: i === 0 ? null : (newest[i - 1]?.madeAt ?? null) }));
};

/** New incidents begin on the newest version alone, so nothing that could be told of has run on one that was superseded long before. */
const isOver = ({ supersededAt }: Version, now: number, reach: number): boolean =>
  supersededAt !== null && supersededAt < now - longest - reach;

async function* listed(lambda: LambdaClient, FunctionName: string, Qualifier: string | undefined, since: Date): AsyncIterable<Execution> {
  let Marker: string | undefined;
  do {
    const { DurableExecutions = [], NextMarker } = await lambda.send(
      new ListDurableExecutionsByFunctionCommand({
        FunctionName,
        Qualifier,
        Statuses: [...badEnds],
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

/** Without a version first, which has those of `$LATEST` in any case, then of each that is published. */
async function* everywhere(lambda: LambdaClient, functionName: string, now: number, reach: number): AsyncIterable<Execution> {
  const since = new Date(now - reach - longest);
  yield* listed(lambda, functionName, undefined, since);
  for (const version of await versionsOf(lambda, functionName)) {
    if (!isOver(version, now, reach)) yield* listed(lambda, functionName, version.version, since);
  }
}

/**
 * The executions of a durable function, as Lambda remembers them, of every version: an execution stays on the one that it began with.
 * What a list without a version holds has been told in two ways: executions of all versions, and those of `$LATEST` alone. Nobody tells
 * what a list by an alias holds. So each version is asked as well: whichever is true, nothing is missed, and nothing comes twice.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html
 */
export const createExecutions = (lambda: LambdaClient, functionName: string): Executions => ({
  async *endedBadly(now, reach) {
    const seen = new Set<string>();
    for await (const execution of everywhere(lambda, functionName, now, reach)) {
      const { DurableExecutionArn = '', DurableExecutionName: key, Status: status, StartTimestamp, EndTimestamp } = execution;
      if (!key || !status || !StartTimestamp || seen.has(DurableExecutionArn)) continue;
      seen.add(DurableExecutionArn);
      if (EndTimestamp && EndTimestamp.getTime() < now - reach) continue;
      const [, , , region = '', account = ''] = DurableExecutionArn.split(':');
      yield { key, status, account, region, startedAt: StartTimestamp.getTime() };
    }
  },
  prune: async (now, reach, most) => {
    const versions = await versionsOf(lambda, functionName);
    const old = versions.slice(spared).filter((version) => isOver(version, now, reach));
    const gone: string[] = [];
    // The oldest first.
    for (const { version } of old.reverse().slice(0, most)) {
      try {
        await lambda.send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: version }));
        gone.push(version);
      } catch (error) {
        // An alias still leads to it, somebody having gone back to it: it stays, and the others needn't.
        if ((error as { name?: string }).name !== 'ResourceConflictException') throw error;
      }
    }
    return gone;
  },
});
