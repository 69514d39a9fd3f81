import { addReader } from '../../shared/actions/add-reader.ts';
import { addReplica } from '../../shared/actions/add-replica.ts';
import { drainPermissions } from '../../shared/actions/drain.ts';
import { failOverCluster } from '../../shared/actions/fail-over-cluster.ts';
import { growStorage } from '../../shared/actions/grow-storage.ts';
import { promoteReplica } from '../../shared/actions/promote-replica.ts';
import { raiseConcurrency } from '../../shared/actions/raise-concurrency.ts';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { redrive } from '../../shared/actions/redrive.ts';
import { restoreValidationRecord } from '../../shared/actions/restore-validation-record.ts';
import { rollbackAlias } from '../../shared/actions/rollback-alias.ts';
import { followPermissions } from '../../shared/actions/run-command.ts';
import { killSwitchPermissions } from '../../shared/aws/kill-switch.ts';
import { probePermissions } from '../../shared/aws/probe.ts';
import { secretPermissions, secretReference } from '../../shared/aws/secret.ts';
import { consumerMetricsPermissions } from '../../shared/guards/consumer-metrics.ts';
import { failingSincePermissions } from '../../shared/guards/failing-since.ts';
import { reachablePermissions } from '../../shared/guards/reachable.ts';
import { type ChannelSettings, secretsOf } from '../../shared/model/channels.ts';
import { madeByTag, readerPrefix } from '../../shared/model/cluster-readers.ts';
import { shellDocuments } from '../../shared/model/command.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { namesContainers, namesFunctions, namesQueues } from '../../shared/model/remedies.ts';
import { opsCenterPermissions } from '../../shared/notifications/channels/ops-center.ts';
import { people } from '../../shared/notifications/channels/people.ts';
import { queueAlarmPermissions, serviceAlarmPermissions } from '../../shared/recommended-alarms/describe.ts';
import { functionAlarmPermissions } from '../../shared/recommended-alarms/functions.ts';
import { lowerConcurrencyPermissions } from '../../shared/recovery/lower-concurrency.ts';
import { removeReadersPermissions } from '../../shared/recovery/remove-readers.ts';
import { stopMovesPermissions } from '../../shared/recovery/stop-moves.ts';
import { alarmTagPermissions } from '../../shared/remediation/children.ts';
import { silencePermissions } from '../../shared/remediation/silence.ts';
import { zoneLookPermissions } from '../../shared/resources/acm-certificate.ts';
import { readersPermissions } from '../../shared/resources/cluster-readers.ts';
import { containerHostPermissions } from '../../shared/resources/container-host.ts';
import { containerServicePermissions } from '../../shared/resources/container-service.ts';
import { containerTaskPermissions } from '../../shared/resources/container-task.ts';
import { diskLookPermissions } from '../../shared/resources/disks.ts';
import { functionLookPermissions } from '../../shared/resources/function.ts';
import { memberPermissions } from '../../shared/resources/rds-cluster.ts';
import { queueLookPermissions } from '../../shared/resources/sqs-queue.ts';

/** A resource that is granted: an ARN, or one that the deployment completes. */
export type Granted = string | { 'Fn::Sub': string };
type Statement = { Sid?: string; Effect: 'Allow' | 'Deny'; Action: string | string[]; Resource: Granted | Granted[]; Condition?: object };
type RolePolicy = {
  Type: 'AWS::IAM::RolePolicy';
  Condition?: string;
  Properties: { PolicyName: string; RoleName: { Ref: string }; PolicyDocument: { Version: string; Statement: Statement[] } };
};

type Granting = Omit<Statement, 'Effect'> & { Effect?: 'Deny' };
const forRole = (role: string, name: string, ...statements: Granting[]): RolePolicy => ({
  Type: 'AWS::IAM::RolePolicy',
  Properties: {
    PolicyName: name,
    RoleName: { Ref: role },
    PolicyDocument: { Version: '2012-10-17', Statement: statements.map((one) => ({ Effect: 'Allow', ...one })) },
  },
});

const forRemediation = (name: string, ...statements: Granting[]): RolePolicy => forRole('RemediateRole', name, ...statements);

/**
 * Whoever starts an instance with a volume under a customer's own key needs the right to let EC2 use it; without that a start is accepted
 * and fails. The keys that the policy names are given, to the function that starts instances and to nobody else, and only for EC2's own use.
 * https://repost.aws/knowledge-center/kms-iam-ec2-permission
 */
const startWithKeys = (kmsKeys: string[]): RolePolicy =>
  forRemediation('start-with-keys', {
    Action: 'kms:CreateGrant',
    Resource: kmsKeys,
    Condition: {
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
      StringEquals: { 'kms:ViaService': { 'Fn::Sub': 'ec2.${AWS::Region}.amazonaws.com' } },
    },
  });

const readSwitch: Granting = {
  Action: [...killSwitchPermissions],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
  Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${KillSwitch}' },
};

/** With the condition that the opt-in guard checks. Packaging stops if the policy's tag is another than that of the other statements. */
const actOnDatabases = ({ key, value }: Policy['optIn'], { reboot, storage, failover, promote }: Policy['databases']): RolePolicy => {
  const act = (Action: readonly string[], kind: string) => ({
    Action: [...Action],
    Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:rds:\${AWS::Region}:\${AWS::AccountId}:${kind}:*` },
    Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
  });
  const instances = [
    ...(reboot === 'on' ? rebootDatabase.permissions : []),
    ...(promote === 'on' ? promoteReplica.permissions : []),
    ...(storage ? growStorage.permissions : []),
  ];
  const looks = [...new Set([...(reboot === 'on' ? failingSincePermissions : []), ...(failover === 'on' ? memberPermissions : [])])];
  return forRemediation(
    'act-on-databases',
    ...(instances.length > 0 ? [act(instances, 'db')] : []),
    ...(failover === 'on' ? [act(failOverCluster.permissions, 'cluster')] : []),
    ...(looks.length > 0 ? [{ Action: looks, Resource: '*' }] : []),
  );
};

const rdsResource = (kind: string, name = '*'): Granted => ({
  'Fn::Sub': `arn:\${AWS::Partition}:rds:\${AWS::Region}:\${AWS::AccountId}:${kind}:${name}`,
});

/**
 * To add readers to clusters with the opt-in tag, which have the tag of what selfheal makes from the start. The call needs the right for all
 * that it names, each by its own ARN, and for the tag. Who may give that tag may delete nothing: that is another function. Replicas only of
 * the instances that the policy names, under names that begin with theirs: source and replica are of one kind, and only the names part them.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
 */
const addReaders = ({ key, value }: Policy['optIn'], instances: readonly string[]): RolePolicy => {
  const create = [...addReader.permissions];
  const replicate = [...addReplica.permissions];
  const isOptedIn = { StringEquals: { [`aws:ResourceTag/${key}`]: value } };
  const isTagged = { StringLike: { [`aws:RequestTag/${madeByTag}`]: '?*' } };
  return forRemediation(
    'add-readers',
    {
      Action: [...create, 'rds:AddTagsToResource'],
      Resource: rdsResource('db'),
      Condition: isTagged,
    },
    { Action: create, Resource: rdsResource('cluster'), Condition: isOptedIn },
    ...(instances.length > 0
      ? [
          { Action: replicate, Resource: instances.map((name) => rdsResource('db', `${readerPrefix(name)}*`)), Condition: isTagged },
          { Action: replicate, Resource: instances.map((name) => rdsResource('db', name)), Condition: isOptedIn },
        ]
      : []),
    {
      Action: [...create, ...(instances.length > 0 ? replicate : [])],
      Resource: ['pg', 'og', 'subgrp'].map((kind) => rdsResource(kind)),
    },
    { Action: [...readersPermissions], Resource: '*' },
  );
};

/** What the watch needs to take away the readers that selfheal has added, and no others, unless the kill switch is off. */
const removeAddedReaders = (): RolePolicy => {
  const { act, looks, metrics } = removeReadersPermissions;
  return forRole(
    'WatchRole',
    'remove-readers',
    { Action: [...act], Resource: rdsResource('db'), Condition: { StringLike: { [`aws:ResourceTag/${madeByTag}`]: '?*' } } },
    { Action: [...looks, ...metrics], Resource: '*' },
    readSwitch,
  );
};

/** To ask the second of two people. Packaging stops where a policy that needs one has none. */
const askSecondPerson: RolePolicy = {
  ...forRemediation('ask-second-person', {
    Action: [...(people.questions?.permissions ?? [])],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    Resource: { 'Fn::Sub': '${SecondApprovalTopic}' },
  }),
  Condition: 'AsksTwo',
};

/**
 * A move task reads and deletes by the rights of who starts it, and sends to where the messages came from: queues with the opt-in tag on
 * either side. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
const redriveQueues = ({ key, value }: Policy['optIn']): RolePolicy =>
  forRemediation(
    'redrive-queues',
    {
      Action: [...redrive.permissions, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:SendMessage'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
      Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:*' },
      Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
    },
    // To see how the incidents of what processes the messages have ended.
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    { Action: 'dynamodb:Query', Resource: { 'Fn::Sub': '${Ledger.Arn}/index/by-day' } },
  );

/** What finds that an execution has died ends what it has left moving. */
const stopMoving = ({ key, value }: Policy['optIn']): RolePolicy =>
  forRole('WatchRole', 'stop-moving', {
    Action: [...stopMovesPermissions],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:*' },
    Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
  });

/** To see whether something may be done about a queue. The last ones take no resource, or none that is known before. */
const lookAtQueues: RolePolicy = forRemediation(
  'look-at-queues',
  {
    Action: [...queueLookPermissions],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:*' },
  },
  { Action: [...consumerMetricsPermissions], Resource: '*' },
);
const ecsResource = (kind: string): Granted => ({
  'Fn::Sub': `arn:\${AWS::Partition}:ecs:\${AWS::Region}:\${AWS::AccountId}:${kind}/*`,
});

/** What each setting of `ecs` needs: calls that act, on what has the opt-in tag, and looks. */
const actOnContainers = ({ key, value }: Policy['optIn'], ecs: Policy['ecs']): RolePolicy => {
  const Condition = { StringEquals: { [`aws:ResourceTag/${key}`]: value } };
  const ifTagged = { StringEqualsIfExists: Condition.StringEquals };
  const [on, rollback, restart, scale] = [ecs.hosts, ecs.rollback, ecs.restart, ecs.scale].map((one) => one === 'on');
  const act = (wanted: boolean | undefined, Action: string | string[], kinds: readonly string[]) =>
    wanted ? [{ Action, Resource: kinds.map(ecsResource), Condition }] : [];
  const looks = [
    ...(on ? containerHostPermissions : []),
    ...(rollback || restart ? [...containerServicePermissions.deployments, ...containerServicePermissions.tasks] : []),
    ...(restart ? containerTaskPermissions : []),
    ...(scale ? containerServicePermissions.scaling : []),
  ];
  return forRemediation(
    'act-on-containers',
    ...act(on, 'ecs:UpdateContainerInstancesState', ['container-instance']),
    ...act(rollback || restart || scale, 'ecs:UpdateService', ['service']),
    ...act(rollback, 'ecs:StopServiceDeployment', ['service']),
    // The call needs both. A deployment can't be tagged, and no page says whether it has the tags of its service: if it has any, it must be
    // the opt-in. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html and
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
    ...(rollback ? [{ Action: 'ecs:StopServiceDeployment', Resource: ecsResource('service-deployment'), Condition: ifTagged }] : []),
    ...act(restart, 'ecs:StopTask', ['task']),
    // Most of them take no resource.
    { Action: [...new Set(looks)].sort(), Resource: '*' },
  );
};

/** What each setting of `lambda` needs: calls that act, on functions with the opt-in tag, and looks. */
const actOnFunctions = ({ key, value }: Policy['optIn'], { rollback, concurrency }: Policy['lambda']): RolePolicy => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
  const Resource = { 'Fn::Sub': 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*' };
  const { tags, account, concurrency: limits } = functionLookPermissions;
  return forRemediation(
    'act-on-functions',
    {
      Action: [...(rollback ? rollbackAlias.permissions : []), ...(concurrency ? raiseConcurrency.permissions : [])],
      Resource,
      Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
    },
    { Action: [...tags, ...(concurrency ? limits.functions : [])], Resource },
    // They take no resource.
    { Action: [...account, ...(concurrency ? limits.account : [])], Resource: '*' },
  );
};

/** What the watch needs to take back what was raised of reserved concurrency, unless the kill switch is off. */
const lowerReserves = ({ key, value }: Policy['optIn']): RolePolicy => {
  const { act, looks, metrics } = lowerConcurrencyPermissions;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
  const Resource = { 'Fn::Sub': 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*' };
  return forRole(
    'WatchRole',
    'lower-reserves',
    { Action: [...act], Resource, Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } } },
    { Action: [...looks], Resource },
    { Action: [...metrics], Resource: '*' },
    readSwitch,
  );
};

/**
 * To restore records that validate certificates: in the zones that the policy names, names with an underscore in front, CNAME and UPSERT,
 * whatever the function asks for. A missing key would pass `ForAllValues`, so it must be there.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-rrset-conditions.html
 */
const restoreRecords = (zones: readonly string[]): RolePolicy => {
  const Resource = zones.map((id) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:route53:::hostedzone/${id}` }));
  const ofRecords = (key: string) => `route53:ChangeResourceRecordSets${key}`;
  const [names, types, verbs] = [ofRecords('NormalizedRecordNames'), ofRecords('RecordTypes'), ofRecords('Actions')];
  return forRemediation(
    'restore-records',
    {
      Action: [...restoreValidationRecord.permissions],
      Resource,
      Condition: {
        'ForAllValues:StringLike': { [names]: ['_*'] },
        'ForAllValues:StringEquals': { [types]: ['CNAME'], [verbs]: ['UPSERT'] },
        Null: { [names]: 'false', [types]: 'false', [verbs]: 'false' },
      },
    },
    { Action: [...zoneLookPermissions], Resource },
  );
};

/** To give things their alarms; there is such a role only where there is early warning. What lists them takes no resource. */
const watch = (name: string, permissions: readonly string[]): RolePolicy => ({
  ...forRole('EarlyWarningRole', name, { Action: [...permissions], Resource: '*' }),
  Condition: 'WarnsEarly',
});

/** AWS's own documents belong to no account. https://docs.aws.amazon.com/systems-manager/latest/userguide/auth-and-access-control-iam-access-control-identity-based.html */
const documentArn = (document: string): Granted => {
  if (document.startsWith('arn:')) return document;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
  const account = /^(?:AWS|Amazon)/.test(document) ? '' : '${AWS::AccountId}';
  return { 'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:${account}:document/${document}` };
};

/**
 * Documents and instances in statements of their own: the tag would be demanded of the documents too, and AWS's have none. What runs anything
 * is denied, whatever else allows it.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
const runCommands = (documents: readonly string[], { key, value }: Policy['optIn']): RolePolicy =>
  forRemediation(
    'run-commands',
    { Sid: 'RunDocuments', Action: 'ssm:SendCommand', Resource: documents.map(documentArn) },
    {
      Sid: 'OnOptedInInstances',
      Action: 'ssm:SendCommand',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
      Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/*' },
      Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
    },
    // These take no resource.
    { Sid: 'FollowCommands', Action: [...followPermissions, ...reachablePermissions], Resource: '*' },
    {
      Sid: 'NeverAnyText',
      Effect: 'Deny',
      Action: 'ssm:SendCommand',
      Resource: shellDocuments.map((name) => ({
        'Fn::Sub': `arn:\${AWS::Partition}:ssm:*:*:document/${name}`,
      })),
    },
  );

/** To take an instance out of its load balancers and to put it back, on target groups and groups with the opt-in tag. */
const drainInstances = ({ key, value }: Policy['optIn']): RolePolicy =>
  forRemediation(
    'drain-instances',
    {
      Action: [...drainPermissions.targetGroups],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
      Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}:targetgroup/*' },
      Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
    },
    {
      Action: [...drainPermissions.groups],
      Resource: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
        'Fn::Sub': 'arn:${AWS::Partition}:autoscaling:${AWS::Region}:${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/*',
      },
      Condition: { StringEquals: { [`autoscaling:ResourceTag/${key}`]: value } },
    },
    // They take no resource, as describe calls of this service do.
    { Action: [...drainPermissions.looks], Resource: '*' },
  );

/**
 * What both functions that report need to reach the channels that the policy names. Secrets Manager ends the ARN of a secret with six
 * characters of its own. https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html
 */
const reportOutside = (channels: ChannelSettings): Record<string, RolePolicy> => {
  const secrets = secretsOf(channels);
  const [byReference, read] = secretPermissions;
  const here = (rest: string): Granted => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${rest}` });
  const statements: Granting[] =
    secrets.length === 0
      ? []
      : [
          {
            Action: byReference,
            Resource: secrets.map((name) => here(`ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${secretReference(name)}`)),
          },
          {
            Action: read,
            Resource: secrets.map((name) => here(`secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:${name}-??????`)),
          },
        ];
  const [create, describe, update] = opsCenterPermissions;
  if (channels.opsCenter === 'on')
    statements.push(
      // They take no resource; assumed.
      { Action: [create, describe], Resource: '*' },
      { Action: update, Resource: here(`ssm:\${AWS::Region}:\${AWS::AccountId}:opsitem/*`) },
    );
  if (statements.length === 0) return {};
  return {
    ReportOutside: forRemediation('report-outside', ...statements),
    WatchReportsOutside: forRole('WatchRole', 'report-outside', ...statements),
  };
};

/** To have URLs requested, by one function and no other. */
const askProbe: RolePolicy = forRemediation('ask-probe', {
  Action: [...probePermissions],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
  Resource: { 'Fn::Sub': '${ProbeLambdaFunction.Arn}' },
});

/** To read what the tags of an alarm say of its meaning. */
const readAlarmTags: RolePolicy = forRemediation('read-alarm-tags', {
  Action: [...alarmTagPermissions],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
  Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*' },
});

/** To see whether an alarm had data before its silence. It takes no resource. */
const readSilence: RolePolicy = forRemediation('read-silence', { Action: [...silencePermissions], Resource: '*' });

// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
const anySnapshot: Granted = { 'Fn::Sub': 'arn:${AWS::Partition}:ec2:${AWS::Region}::snapshot/*' };

/**
 * To grow volumes with the opt-in tag, after a snapshot. That takes a right on the snapshot, too, which has no tags of its own yet.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
const growVolumes = ({ key, value }: Policy['optIn'], { snapshot }: NonNullable<Policy['disks']>): RolePolicy =>
  forRemediation(
    'grow-volumes',
    {
      Action: ['ec2:ModifyVolume', ...(snapshot ? ['ec2:CreateSnapshot'] : [])],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
      Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:volume/*' },
      Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
    },
    ...(snapshot ? [{ Action: 'ec2:CreateSnapshot', Resource: anySnapshot }] : []),
    // It takes no resource.
    { Action: [...diskLookPermissions], Resource: '*' },
  );

/**
 * What the package's roles may do only because the policy says so, by the names of the template's resources. What isn't named can't be done
 * even by a defect of ours.
 */
export const policyGrants = ({
  kmsKeys,
  databases,
  disks,
  readers,
  lambda,
  redrive: redriven,
  consumers,
  ecs,
  certificates,
  commands,
  drain,
  checks,
  channels,
  optIn,
  classification,
}: Policy): Record<string, RolePolicy> => ({
  ...(kmsKeys.length > 0 ? { StartWithKeys: startWithKeys(kmsKeys) } : {}),
  ...(Object.keys(commands).length > 0
    ? { RunCommands: runCommands([...new Set(Object.values(commands).map(({ document }) => document))].sort(), optIn) }
    : {}),
  ...(classification.alarmTags === 'on' ? { ReadAlarmTags: readAlarmTags } : {}),
  ...(classification.alarms.some(({ missing }) => missing !== undefined) ? { ReadSilence: readSilence } : {}),
  ...(checks ? { AskProbe: askProbe } : {}),
  ...reportOutside(channels),
  ...(drain ? { DrainInstances: drainInstances(optIn) } : {}),
  ...(redriven ? { RedriveQueues: redriveQueues(optIn), StopMoving: stopMoving(optIn) } : {}),
  ...(namesQueues({ redrive: redriven, consumers })
    ? { LookAtQueues: lookAtQueues, WatchQueues: watch('watch-queues', queueAlarmPermissions) }
    : {}),
  ...(databases.promote === 'on' ? { AskSecondPerson: askSecondPerson } : {}),
  ...(databases.reboot === 'on' || databases.storage || databases.failover === 'on' || databases.promote === 'on'
    ? { ActOnDatabases: actOnDatabases(optIn, databases) }
    : {}),
  ...(readers ? { AddReaders: addReaders(optIn, [...new Set(readers.instances)].sort()), RemoveReaders: removeAddedReaders() } : {}),
  ...(certificates.zones.length > 0 ? { RestoreRecords: restoreRecords([...new Set(certificates.zones)].sort()) } : {}),
  ...(disks ? { GrowVolumes: growVolumes(optIn, disks) } : {}),
  ...(lambda.concurrency ? { LowerReserves: lowerReserves(optIn) } : {}),
  ...(namesFunctions({ lambda })
    ? { ActOnFunctions: actOnFunctions(optIn, lambda), WatchFunctions: watch('watch-functions', functionAlarmPermissions) }
    : {}),
  ...(namesContainers({ ecs })
    ? { ActOnContainers: actOnContainers(optIn, ecs), WatchServices: watch('watch-services', serviceAlarmPermissions) }
    : {}),
});
