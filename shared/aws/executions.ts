import {
  type Execution,
  type LambdaClient,
  ListDurableExecutionsByFunctionCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { badEnds, type Ended } from '../incident/watch.ts';

/** Permissions of the calls; held against the packaged template. */
export const executionsPermissions = ['lambda:ListDurableExecutionsByFunction', 'lambda:ListVersionsByFunction'] as const;

export type Executions = {
  /** Those that failed, timed out or were stopped within `reach` milliseconds before `now`. Throws what the SDK throws. */
  endedBadly(now: number, reach: number): AsyncIterable<Ended>;
};

/** No execution lasts longer; the template says so. In milliseconds. */
const longest = 30 * 24 * 3600 * 1000;

/** Every published version of a function that is still there. */
async function* versionsOf(lambda: LambdaClient, FunctionName: string): AsyncIterable<string> {
  let Marker: string | undefined;
  do {
    const { Versions = [], NextMarker } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName, Marker }));
    for (const { Version } of Versions) if (Version && Version !== '$LATEST') yield Version;
    Marker = NextMarker || undefined;
  } while (Marker !== undefined);
}

async function* listed(lambda: LambdaClient, FunctionName: string, Qualifier: string | undefined, since: Date): AsyncIterable<Execution> {
  let Marker: string | undefined;
  do {
    const { DurableExecutions = [], NextMarker } = await lambda.send(
      new ListDurableExecutionsByFunctionCommand({
        FunctionName,
        Qualifier,
        Statuses: [...badEnds],
        StartedAfter: since,
        MaxItems: 100,
        Marker,
      }),
    );
    yield* DurableExecutions;
    Marker = NextMarker || undefined;
  } while (Marker !== undefined);
}

/** Without a version first, which has those of `$LATEST` in any case, then of each that is published. */
async function* everywhere(lambda: LambdaClient, functionName: string, since: Date): AsyncIterable<Execution> {
  yield* listed(lambda, functionName, undefined, since);
  for await (const version of versionsOf(lambda, functionName)) yield* listed(lambda, functionName, version, since);
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
    for await (const execution of everywhere(lambda, functionName, new Date(now - reach - longest))) {
      const { DurableExecutionArn = '', DurableExecutionName: key, Status: status, StartTimestamp, EndTimestamp } = execution;
      if (!key || !status || !StartTimestamp || seen.has(DurableExecutionArn)) continue;
      seen.add(DurableExecutionArn);
      if (EndTimestamp && EndTimestamp.getTime() < now - reach) continue;
      const [, , , region = '', account = ''] = DurableExecutionArn.split(':');
      yield { key, status, account, region, startedAt: StartTimestamp.getTime() };
    }
  },
});
