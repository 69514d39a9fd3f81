import { principalOf } from '../../../core/principal.ts';
import type { Session } from '../../../core/session.ts';
import type { CallRecord, World } from '../../../core/world.ts';

/** What is told of one call: the fields that a lookup can ask for, and the record itself. */
export type TrailEvent = {
  id: string;
  name: string;
  source: string;
  at: number;
  accessKey: string;
  userName: string;
  resources: { type: string; name: string }[];
  record: Record<string, unknown>;
};

/** Where in a call's input a resource is named, and what it is. Members that hold lists name one resource each. */
const resourceMembers: Readonly<Record<string, string>> = {
  InstanceId: 'AWS::EC2::Instance',
  InstanceIds: 'AWS::EC2::Instance',
  VolumeId: 'AWS::EC2::Volume',
  ImageId: 'AWS::EC2::Ami',
  KeyId: 'AWS::KMS::Key',
  AutoScalingGroupName: 'AWS::AutoScaling::AutoScalingGroup',
  LaunchConfigurationName: 'AWS::AutoScaling::LaunchConfiguration',
  LaunchTemplateName: 'AWS::EC2::LaunchTemplate',
  AlarmName: 'AWS::CloudWatch::Alarm',
  AlarmNames: 'AWS::CloudWatch::Alarm',
  TargetGroupArn: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  LoadBalancerArn: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  TableName: 'AWS::DynamoDB::Table',
  TopicArn: 'AWS::SNS::Topic',
  QueueUrl: 'AWS::SQS::Queue',
  DBInstanceIdentifier: 'AWS::RDS::DBInstance',
  FunctionName: 'AWS::Lambda::Function',
  service: 'AWS::ECS::Service',
};

/** A queue's URL has another host for every caller here; CloudTrail has the one that AWS gives. */
const queueUrl = ({ region, account }: World, url: string): string =>
  `https://sqs.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/${account}/${url.slice(url.lastIndexOf('/') + 1)}`;

/** Lambda's calls are recorded under names that carry a date: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html. */
const lambdaNames: Readonly<Record<string, string>> = {
  CreateFunction: 'CreateFunction20150331',
  UpdateFunctionCode: 'UpdateFunctionCode20150331v2',
  UpdateFunctionConfiguration: 'UpdateFunctionConfiguration20150331v2',
  DeleteFunction: 'DeleteFunction20150331',
  PublishVersion: 'PublishVersion20150331',
  CreateAlias: 'CreateAlias20150331',
  UpdateAlias: 'UpdateAlias20150331',
  DeleteAlias: 'DeleteAlias20150331',
  PutFunctionConcurrency: 'PutFunctionConcurrency20171031',
  DeleteFunctionConcurrency: 'DeleteFunctionConcurrency20171031',
  CreateEventSourceMapping: 'CreateEventSourceMapping20150331',
  UpdateEventSourceMapping: 'UpdateEventSourceMapping20150331',
  DeleteEventSourceMapping: 'DeleteEventSourceMapping20150331',
  TagResource: 'TagResource20170331v2',
  UntagResource: 'UntagResource20170331v2',
};

const nameOf = ({ service, operation }: CallRecord): string =>
  (service === 'lambda' && Object.hasOwn(lambdaNames, operation) ? lambdaNames[operation] : undefined) ?? operation;

const resourceTypeOfId = (id: string): string => {
  if (id.startsWith('i-')) return 'AWS::EC2::Instance';
  return id.startsWith('vol-') ? 'AWS::EC2::Volume' : 'AWS::EC2::Resource';
};

const resourcesOf = (world: World, input: Record<string, unknown>): TrailEvent['resources'] =>
  Object.entries(input).flatMap(([member, value]) => {
    const names = (Array.isArray(value) ? value : [value]).filter((name): name is string => typeof name === 'string');
    // CreateTags and DeleteTags take resources of any type.
    if (member === 'Resources') return names.map((name) => ({ type: resourceTypeOfId(name), name }));
    const type = Object.hasOwn(resourceMembers, member) ? resourceMembers[member] : undefined;
    if (member === 'QueueUrl') return names.map((url) => ({ type: 'AWS::SQS::Queue', name: queueUrl(world, url) }));
    return type === undefined ? [] : names.map((name) => ({ type, name }));
  });

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

const lowerKeys = (value: unknown): unknown => {
  if (value instanceof Date || value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(lowerKeys);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [lowerFirst(key), lowerKeys(item)]));
};

/** EC2's records show a list of instances as `instancesSet: { items: [{ instanceId }] }`; other services' members are as in the API. */
const requestParameters = ({ service, operation, input }: CallRecord): unknown => {
  const { InstanceIds, ...rest } = input as { InstanceIds?: string[] };
  // What a command is given may be a secret: CloudTrail has it so.
  if (operation === 'SendCommand' && 'Parameters' in (input as object))
    return { ...(lowerKeys(input) as object), parameters: 'HIDDEN_DUE_TO_SECURITY_REASONS' };
  // The page that `lambdaNames` is from leaves these out.
  if (service === 'lambda') {
    const {
      ZipFile: _,
      Environment: __,
      Code,
      ...told
    } = input as { ZipFile?: unknown; Environment?: unknown; Code?: { ZipFile?: unknown } };
    const { ZipFile: ___, ...code } = Code ?? {};
    return lowerKeys({ ...told, ...(Code ? { Code: code } : {}) });
  }
  if (service !== 'ec2' || !InstanceIds) return lowerKeys(input);
  return { instancesSet: { items: InstanceIds.map((instanceId) => ({ instanceId })) }, ...(lowerKeys(rest) as object) };
};

const isoSecond = (time: number): string => new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');

const serverFaults = /^(Insufficient|Internal|Unavailable|ServiceUnavailable)/;

/** EC2's records say whose fault an error is, in front of its code. */
const errorCode = ({ service, error }: CallRecord): string | undefined => {
  if (error === null || service !== 'ec2') return error ?? undefined;
  return `${serverFaults.test(error) ? 'Server' : 'Client'}.${error}`;
};

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html#cloudtrail-event-reference-user-identity-fields */
const sessionContext = ({ role, account, createdAt, sourceIdentity }: Session) => ({
  sessionIssuer: { type: 'Role', principalId: role.id, arn: role.arn, accountId: account, userName: role.name },
  attributes: { creationDate: isoSecond(createdAt), mfaAuthenticated: 'false' },
  ...(sourceIdentity !== undefined && { sourceIdentity }),
});

const userIdentity = (world: World, accessKeyId: string) => {
  const { userName, arn, principalId } = principalOf(world, accessKeyId);
  const session = world.sessionOf(accessKeyId);
  if (session) {
    const identity = { type: 'AssumedRole', principalId, arn, accountId: session.account, accessKeyId };
    return { userName, identity: { ...identity, sessionContext: sessionContext(session) } };
  }
  return { userName, identity: { type: 'IAMUser', principalId, arn, accountId: world.account, accessKeyId, userName } };
};

/**
 * A service that calls another by its service-linked role. The shape is that of
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html; the session's name is assumed.
 */
const serviceIdentity = ({ partition, account }: World, { service, role }: NonNullable<CallRecord['by']>) => {
  const session = service.split('.')[0] ?? '';
  const path = `aws-service-role/${service}/${role}`;
  const issuer = {
    type: 'Role',
    principalId: `AROA${role.toUpperCase()}`,
    arn: `arn:${partition}:iam::${account}:role/${path}`,
    userName: role,
  };
  return {
    userName: session,
    identity: {
      type: 'AssumedRole',
      principalId: `${issuer.principalId}:${session}`,
      arn: `arn:${partition}:sts::${account}:assumed-role/${role}/${session}`,
      accountId: account,
      sessionContext: { sessionIssuer: { ...issuer, accountId: account } },
      invokedBy: service,
    },
  };
};

/**
 * A call as CloudTrail records it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export const trailEvent = (world: World, call: CallRecord, id: string): TrailEvent => {
  const { userName, identity } = call.by ? serviceIdentity(world, call.by) : userIdentity(world, call.accessKey);
  const source = `${call.service}.amazonaws.com`;
  const code = errorCode(call);
  // What was lost on its way was made nevertheless; what was refused was not.
  const made = call.error === null ? (call.made ?? []) : [];
  return {
    id,
    name: nameOf(call),
    source,
    at: call.at,
    accessKey: call.accessKey,
    userName,
    resources: [
      ...resourcesOf(world, call.input as Record<string, unknown>),
      ...made.map((name) => ({ type: resourceTypeOfId(name), name })),
    ],
    record: {
      eventVersion: '1.11',
      userIdentity: identity,
      eventTime: isoSecond(call.at),
      eventSource: source,
      eventName: nameOf(call),
      awsRegion: world.region,
      sourceIPAddress: call.by?.service ?? '203.0.113.10',
      userAgent: call.userAgent,
      ...(code && { errorCode: code }),
      requestParameters: requestParameters(call),
      responseElements: made.length > 0 ? { instancesSet: { items: made.map((instanceId) => ({ instanceId })) } } : null,
      requestID: call.requestId,
      eventID: id,
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: world.account,
      eventCategory: 'Management',
    },
  };
};
