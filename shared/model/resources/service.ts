import { defineResourceType } from './definition.ts';

/** Serves requests, and is none of the other types. */
export const service = defineResourceType({
  form: /^[!-~][ -~]{0,1023}$/,
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
  treated: { seen: ({ service }) => service, within: () => null },
});
