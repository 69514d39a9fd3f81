import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { CreateEventBusCommand, PutPermissionCommand, PutRuleCommand, PutTargetsCommand, type Target } from '@aws-sdk/client-eventbridge';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { AddPermissionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SetTopicAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { LocalAws } from '#local-aws';
import type { Clients } from '../../shared/aws/clients.ts';

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

type Resource = { Type: string; Condition?: string; Properties?: Json };
export type StackTemplate = { Conditions?: Json; Resources: Record<string, Resource> };

/** What the embedded AWS has no check for, and what nobody reads here. */
const leftOut = ['AWS::SQS::QueuePolicy', 'AWS::IAM::RolePolicy'];
/** What others refer to comes first. */
const order = ['AWS::IAM::Role', 'AWS::KMS::Key', 'AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::Lambda::Permission', 'AWS::Events::EventBus'];

/** A role of a template, whose references are filled in. */
const roleOf = (name: string, { AssumeRolePolicyDocument, Policies = [], MaxSessionDuration }: Json) => ({
  name,
  trust: AssumeRolePolicyDocument as object,
  policies: Object.fromEntries(
    (Policies as { PolicyName: string; PolicyDocument: object }[]).map(({ PolicyName, PolicyDocument }) => [PolicyName, PolicyDocument]),
  ),
  ...(MaxSessionDuration === undefined ? {} : { maxSessionSeconds: Number(MaxSessionDuration) }),
});

/** A template's expressions in an account and region, with the parameters of the stack. */
const createResolver = (
  { world }: LocalAws,
  { Conditions = {}, Resources }: StackTemplate,
  parameters: Readonly<Record<string, string>>,
) => {
  const { account, region, partition } = world;
  const pseudo: Record<string, string> = { 'AWS::AccountId': account, 'AWS::Region': region, 'AWS::Partition': partition };
  /** What only AWS gives a name to, once it is made. */
  const made = new Map<string, string>();
  const nameOf = (id: string): string => {
    const given = made.get(id);
    if (given !== undefined) return given;
    const { Name, RoleName, QueueName, TopicName } = Resources[id]?.Properties ?? {};
    const name = Name ?? RoleName ?? QueueName ?? TopicName;
    return name === undefined ? id : String(resolve(name));
  };
  const arnOf = (id: string): string => {
    const Type = Resources[id]?.Type;
    if (Type === 'AWS::IAM::Role') return `arn:${partition}:iam::${account}:role/${nameOf(id)}`;
    if (Type === 'AWS::SQS::Queue') return world.arn('sqs', nameOf(id));
    if (Type === 'AWS::SNS::Topic') return world.arn('sns', nameOf(id));
    if (Type === 'AWS::Events::EventBus') return world.arn('events', `event-bus/${nameOf(id)}`);
    if (Type === 'AWS::Events::Rule') return world.arn('events', `rule/${nameOf(id)}`);
    throw new Error(`no ARN is known of ${id}`);
  };
  const named = (name: string): string => {
    const found = parameters[name] ?? pseudo[name] ?? (name.endsWith('.Arn') ? arnOf(name.slice(0, -4)) : undefined);
    if (found !== undefined) return found;
    if (!Object.hasOwn(Resources, name)) throw new Error(`there is no ${name}`);
    return Resources[name]?.Type === 'AWS::SNS::Topic' ? arnOf(name) : nameOf(name);
  };
  const holds = (condition: unknown): boolean => {
    const { 'Fn::Not': not, 'Fn::Equals': equals } = condition as { 'Fn::Not'?: [unknown]; 'Fn::Equals'?: [unknown, unknown] };
    if (not) return !holds(not[0]);
    if (equals) return resolve(equals[0]) === resolve(equals[1]);
    throw new Error(`a condition of another form than is known here: ${JSON.stringify(condition)}`);
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (!isObject(value)) return value;
    const { Ref, 'Fn::GetAtt': get, 'Fn::Sub': sub, 'Fn::If': choice } = value as { Ref?: string; 'Fn::GetAtt'?: string[] } & Json;
    if (Ref === 'AWS::NoValue') return undefined;
    if (Ref !== undefined) return named(Ref);
    if (get !== undefined) return named(get.join('.'));
    if (typeof sub === 'string') return sub.replace(/\$\{([\w:.]+)\}/g, (_, name: string) => named(name));
    if (Array.isArray(choice)) return resolve(holds(Conditions[String(choice[0])]) ? choice[1] : choice[2]);
    return Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (resolve(one) === undefined ? [] : [[key, resolve(one)]])));
  };
  return { resolve: (value: unknown) => resolve(value) as Json, nameOf, arnOf, holds: (name: string) => holds(Conditions[name]), made };
};

/** Makes what a template has in an account and region of the embedded AWS; gives back the ARN of each of its resources. */
export const placeStack = async (
  aws: LocalAws,
  { eventBridge, cloudWatch, sns, ssm, kms, of }: Pick<Clients, 'eventBridge' | 'cloudWatch' | 'sns' | 'ssm' | 'kms' | 'of'>,
  template: StackTemplate,
  parameters: Readonly<Record<string, string>> = {},
  inRegion: (region: string) => Pick<Clients, 'sns'> = () => ({ sns }),
) => {
  const { resolve, nameOf, arnOf, holds, made } = createResolver(aws, template, parameters);
  const sqs = of(SQSClient);
  const makers: Record<string, (id: string, properties: Json) => unknown> = {
    'AWS::IAM::Role': (id, properties) => aws.iam.putRole(roleOf(nameOf(id), properties)),
    'AWS::SQS::Queue': (id) => sqs.send(new CreateQueueCommand({ QueueName: nameOf(id) })),
    'AWS::KMS::Key': async (id, { Description, KeyPolicy }) => {
      const key = { Description: String(Description), Policy: JSON.stringify(KeyPolicy) };
      made.set(id, (await kms.send(new CreateKeyCommand(key))).KeyMetadata?.KeyId ?? '');
    },
    'AWS::SNS::Topic': (id, { KmsMasterKeyId }) =>
      sns.send(
        new CreateTopicCommand({
          Name: nameOf(id),
          ...(KmsMasterKeyId === undefined ? {} : { Attributes: { KmsMasterKeyId: String(KmsMasterKeyId) } }),
        }),
      ),
    'AWS::SNS::TopicPolicy': async (_id, { Topics, PolicyDocument }) => {
      const policy = { AttributeName: 'Policy', AttributeValue: JSON.stringify(PolicyDocument) };
      for (const TopicArn of Topics as string[]) await sns.send(new SetTopicAttributesCommand({ TopicArn, ...policy }));
    },
    'AWS::SNS::Subscription': (_id, { TopicArn, Protocol, Endpoint, Region }) =>
      inRegion(String(Region ?? aws.world.region)).sns.send(
        new SubscribeCommand({ TopicArn: String(TopicArn), Protocol: String(Protocol), Endpoint: String(Endpoint) }),
      ),
    'AWS::Lambda::Permission': (StatementId, { FunctionName, Action, Principal, SourceArn }) =>
      of(LambdaClient).send(
        new AddPermissionCommand({
          ...{ StatementId, FunctionName: String(FunctionName), Action: String(Action), Principal: String(Principal) },
          SourceArn: String(SourceArn),
        }),
      ),
    'AWS::Events::EventBus': (id) => eventBridge.send(new CreateEventBusCommand({ Name: nameOf(id) })),
    'AWS::Events::EventBusPolicy': (_id, { EventBusName, Statement }) =>
      eventBridge.send(
        new PutPermissionCommand({
          EventBusName: String(EventBusName),
          Policy: JSON.stringify({ Version: '2012-10-17', Statement: [Statement] }),
        }),
      ),
    'AWS::Events::Rule': async (id, { EventPattern, EventBusName, Targets }) => {
      const bus = EventBusName === undefined ? {} : { EventBusName: String(EventBusName) };
      await eventBridge.send(new PutRuleCommand({ Name: nameOf(id), EventPattern: JSON.stringify(EventPattern), ...bus }));
      await eventBridge.send(new PutTargetsCommand({ Rule: nameOf(id), Targets: Targets as Target[], ...bus }));
    },
    'AWS::CloudWatch::Alarm': (_id, properties) =>
      cloudWatch.send(new PutMetricAlarmCommand(properties as unknown as PutMetricAlarmCommandInput)),
    'AWS::SSM::Parameter': (_id, { Name, Value }) =>
      ssm.send(new PutParameterCommand({ Name: String(Name), Value: String(Value), Type: 'String', Overwrite: true })),
  };
  const rank = (type: string) => (order.includes(type) ? order.indexOf(type) : order.length);
  const all = Object.entries(template.Resources).sort(([, a], [, b]) => rank(a.Type) - rank(b.Type));
  for (const [id, { Type, Condition, Properties = {} }] of all) {
    if (leftOut.includes(Type) || (Condition !== undefined && !holds(Condition))) continue;
    const make = makers[Type];
    if (!make) throw new Error(`${Type} is not made here`);
    await make(id, resolve(Properties));
  }
  return { arnOf, resolve, nameOf, roleOf: (id: string) => roleOf(nameOf(id), resolve(template.Resources[id]?.Properties ?? {})) };
};
