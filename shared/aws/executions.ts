import { type LambdaClient, ListDurableExecutionsByFunctionCommand } from '@aws-sdk/client-lambda';
import { badEnds, type Ended } from '../incident/watch.ts';

/** Permissions of the calls; held against the packaged template. */
export const executionsPermissions = ['lambda:ListDurableExecutionsByFunction'] as const;

export type Executions = {
  /** Those that failed, timed out or were stopped within `reach` milliseconds before `now`. Throws what the SDK throws. */
  endedBadly(now: number, reach: number): AsyncIterable<Ended>;
};

/** No execution lasts longer; the template says so. In milliseconds. */
const longest = 30 * 24 * 3600 * 1000;

/**
 * The executions of a durable function, as Lambda remembers them.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListDurableExecutionsByFunction.html
 */
export const createExecutions = (lambda: LambdaClient, functionName: string, qualifier: string): Executions => ({
  async *endedBadly(now, reach) {
    let Marker: string | undefined;
    do {
      const { DurableExecutions = [], NextMarker } = await lambda.send(
        new ListDurableExecutionsByFunctionCommand({
          FunctionName: functionName,
          Qualifier: qualifier,
          Statuses: [...badEnds],
          StartedAfter: new Date(now - reach - longest),
          MaxItems: 100,
          Marker,
        }),
      );
      for (const {
        DurableExecutionArn = '',
        DurableExecutionName: key,
        Status: status,
        StartTimestamp,
        EndTimestamp,
      } of DurableExecutions) {
        if (!key || !status || !StartTimestamp) continue;
        if (EndTimestamp && EndTimestamp.getTime() < now - reach) continue;
        const [, , , region = '', account = ''] = DurableExecutionArn.split(':');
        yield { key, status, account, region, startedAt: StartTimestamp.getTime() };
      }
      Marker = NextMarker || undefined;
    } while (Marker !== undefined);
  },
});
