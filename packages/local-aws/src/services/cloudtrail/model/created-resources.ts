import type { RunInstancesCommandOutput } from '@aws-sdk/client-ec2';

type Instances = Pick<RunInstancesCommandOutput, 'Instances'>;

/** Ids of what a call has made, out of its answer: the record of the call names them, as nothing in what was asked for could. */
export const createdResources = (service: string, operation: string, output: unknown): string[] =>
  service === 'ec2' && operation === 'RunInstances'
    ? ((output as Instances).Instances ?? []).flatMap(({ InstanceId }) => (InstanceId === undefined ? [] : [InstanceId]))
    : [];
