import type { FunctionFacts } from '../snapshot.ts';
import { defineResourceType } from './definition.ts';

/** A name, with an alias or a version or without; services of ECS are named with their cluster. */
const functionName = /^[\w-]{1,64}(?::[\w$-]{1,128})?$/;

const aFunction = (id: string, tags: Record<string, string>): FunctionFacts => ({
  ...{ kind: 'function', id, tags, alias: null, unreleased: null, shifting: null, release: null, concurrency: null },
});

/** Serves requests, and is none of the other types. */
export const service = defineResourceType({
  idPattern: /^[!-~][ -~]{0,1023}$/,
  arns: [{ service: 'lambda', prefix: 'function:' }],
  dimensions: {
    FunctionName: ['AWS/Lambda'],
    ApiName: ['AWS/ApiGateway'],
    ApiId: ['AWS/ApiGateway'],
    StateMachineArn: ['AWS/States'],
    DistributionId: ['AWS/CloudFront'],
    TableName: ['AWS/DynamoDB'],
    TopicName: ['AWS/SNS'],
    StreamName: ['AWS/Kinesis'],
  },
  unread: 'this kind of service',
  observed: 'treated',
  absent: { is: ({ service }) => service === null, says: (id) => `AWS finds no service ${id}: there is no such service` },
  treated: {
    seen: ({ service }) => service,
    within: () => null,
    assumed: (id, tags) => (functionName.test(id) ? { service: aFunction(id.split(':')[0] ?? '', tags) } : {}),
  },
});
