import { HttpResponse } from '@smithy/core/protocols';
import { type Clients, createClients } from '../../shared/aws/clients.ts';

/** One call as a client was asked for it. */
type Call = {
  /** As IAM names it: `ec2:RebootInstances`. */
  permission: string;
  input: Record<string, unknown>;
};

/** What AWS answers: what the command gives back, an answer on the wire, or an error that is thrown as it is. */
export type Answer = { output: Record<string, unknown> } | { status: number; body: string; type?: string } | Error;

const services: Record<string, string> = {
  EC2Client: 'ec2',
  AutoScalingClient: 'autoscaling',
  CloudWatchClient: 'cloudwatch',
  ElasticLoadBalancingV2Client: 'elasticloadbalancing',
  DynamoDBClient: 'dynamodb',
  SNSClient: 'sns',
  EventBridgeClient: 'events',
  LambdaClient: 'lambda',
  CloudTrailClient: 'cloudtrail',
  SSMClient: 'ssm',
  KMSClient: 'kms',
  RDSClient: 'rds',
  SQSClient: 'sqs',
  ECSClient: 'ecs',
  Route53Client: 'route53',
  ACMClient: 'acm',
};

/** The error in EC2's form. https://docs.aws.amazon.com/ec2/latest/devguide/error-responses-format.html */
export const ec2Error = (code: string, status = 400): Answer => ({
  status,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>words</Message></Error></Errors><RequestID>r</RequestID></Response>`,
});

/** What EC2 and Auto Scaling answer where there is nothing to say. */
export const empty: Answer = { status: 200, body: '<Response><RequestId>r</RequestId></Response>' };

type Context = { clientName?: string; commandName?: string };
type Stack = { add: (middleware: unknown, options: unknown) => void };

/**
 * Real clients whose calls go no further than this process. Each call is written down before it is answered; one that is answered
 * on the wire has been serialised, and its answer is parsed, by the SDK.
 */
export const recordingClients = (answer: (permission: string, input: Record<string, unknown>) => Answer = () => empty) => {
  const calls: Call[] = [];
  let wire: { status: number; body: string; type?: string } | undefined;
  const requestHandler = {
    handle: async () => ({
      response: new HttpResponse({
        statusCode: wire?.status ?? 500,
        headers: { 'content-type': wire?.type ?? 'text/xml' },
        body: new TextEncoder().encode(wire?.body ?? ''),
      }),
    }),
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
    destroy: () => {},
  };
  const record = (next: (args: unknown) => Promise<unknown>, { clientName = '', commandName = '' }: Context) => {
    return async (args: { input: Record<string, unknown> }) => {
      const permission = `${services[clientName]}:${commandName.replace(/Command$/, '')}`;
      calls.push({ permission, input: args.input });
      const given = answer(permission, args.input);
      if (given instanceof Error) throw given;
      if ('output' in given) return { output: given.output, response: {} };
      wire = given;
      return next(args);
    };
  };
  const watch = <T extends { middlewareStack: unknown }>(client: T): T => {
    (client.middlewareStack as Stack).add(record, { step: 'initialize', priority: 'high' });
    return client;
  };
  const config = { region: 'us-east-1', credentials: { accessKeyId: 'k', secretAccessKey: 's' }, requestHandler };
  const clients: Clients = createClients(config as Parameters<typeof createClients>[0], (client) => watch(client as never));
  return { clients, calls, config, watch };
};

/** An error as the SDK throws it. */
export const sdkError = (name: string, httpStatusCode?: number): Error =>
  Object.assign(new Error('words'), { name, ...(httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } }) });
