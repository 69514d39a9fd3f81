import type { StaticOperationSchema, StaticStructureSchema } from '@smithy/types';

const namespace = 'com.amazonaws.synthetics';
const text = 0;
const time = 4;

const struct = (name: string, members: Readonly<Record<string, unknown>>, required = 0): StaticStructureSchema =>
  [3, namespace, name, 0, Object.keys(members), Object.values(members), required] as unknown as StaticStructureSchema;

/** A path parameter. */
const name = [0, { httpLabel: 1 }];

const canaryStatus = struct('CanaryStatus', { State: text, StateReason: text, StateReasonCode: text });
const canaryTimeline = struct('CanaryTimeline', { Created: time, LastModified: time, LastStarted: time, LastStopped: time });
const canary = struct('Canary', {
  Id: text,
  Name: text,
  Status: () => canaryStatus,
  Timeline: () => canaryTimeline,
  RuntimeVersion: text,
});
const runStatus = struct('CanaryRunStatus', { State: text, StateReason: text, StateReasonCode: text });
const runTimeline = struct('CanaryRunTimeline', { Started: time, Completed: time });
const canaryRun = struct('CanaryRun', { Id: text, Name: text, Status: () => runStatus, Timeline: () => runTimeline });
const canaryRuns = [1, namespace, 'CanaryRuns', 0, () => canaryRun];

const operation = (method: string, path: string, operationName: string, input: StaticStructureSchema, output: StaticStructureSchema) =>
  [9, namespace, operationName, { http: [method, path, 200] }, () => input, () => output] as unknown as StaticOperationSchema;

/** https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_GetCanary.html */
export const GetCanary$ = operation(
  'GET',
  '/canary/{Name}',
  'GetCanary',
  struct('GetCanaryRequest', { Name: name }, 1),
  struct('GetCanaryResponse', { Canary: () => canary }),
);

/** https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_GetCanaryRuns.html */
export const GetCanaryRuns$ = operation(
  'POST',
  '/canary/{Name}/runs',
  'GetCanaryRuns',
  struct('GetCanaryRunsRequest', { Name: name, NextToken: text, MaxResults: 1 }, 1),
  struct('GetCanaryRunsResponse', { CanaryRuns: () => canaryRuns, NextToken: text }),
);

type Status = { State?: string | undefined; StateReason?: string | undefined; StateReasonCode?: string | undefined };
export type Canary = {
  Id?: string;
  Name?: string;
  Status?: Status;
  Timeline?: { Created?: Date; LastModified?: Date; LastStarted?: Date; LastStopped?: Date };
  RuntimeVersion?: string;
};
export type CanaryRun = { Id?: string; Name?: string; Status?: Status; Timeline?: { Started?: Date; Completed?: Date } };
type Metadata = { $metadata: object };
export type GetCanaryOutput = Metadata & { Canary?: Canary };
export type GetCanaryRunsOutput = Metadata & { CanaryRuns?: CanaryRun[]; NextToken?: string };
