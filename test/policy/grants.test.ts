import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { addReader } from '../../shared/actions/add-reader.ts';
import { addReplica } from '../../shared/actions/add-replica.ts';
import { drainPermissions } from '../../shared/actions/drain.ts';
import { failOverCluster } from '../../shared/actions/fail-over-cluster.ts';
import { growStorage } from '../../shared/actions/grow-storage.ts';
import { promoteReplica } from '../../shared/actions/promote-replica.ts';
import { raiseConcurrency } from '../../shared/actions/raise-concurrency.ts';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { redrive } from '../../shared/actions/redrive.ts';
import { replaceContainerInstance } from '../../shared/actions/replace-container-instance.ts';
import { restartService } from '../../shared/actions/restart-service.ts';
import { restoreValidationRecord } from '../../shared/actions/restore-validation-record.ts';
import { rollBackService } from '../../shared/actions/roll-back-service.ts';
import { rollbackAlias } from '../../shared/actions/rollback-alias.ts';
import { followPermissions, runCommand } from '../../shared/actions/run-command.ts';
import { scaleService } from '../../shared/actions/scale-service.ts';
import { stopTask } from '../../shared/actions/stop-task.ts';
import { probePermissions } from '../../shared/aws/probe.ts';
import { consumerMetricsPermissions } from '../../shared/guards/consumer-metrics.ts';
import { failingSincePermissions } from '../../shared/guards/failing-since.ts';
import { reachablePermissions } from '../../shared/guards/reachable.ts';
import { readerName } from '../../shared/model/cluster-readers.ts';
import { opsCenterPermissions } from '../../shared/notifications/channels/ops-center.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { serviceAlarmPermissions } from '../../shared/recommended-alarms/describe.ts';
import { functionAlarmPermissions } from '../../shared/recommended-alarms/functions.ts';
import { alarmTagPermissions } from '../../shared/remediation/children.ts';
import { silencePermissions } from '../../shared/remediation/silence.ts';
import { zoneLookPermissions } from '../../shared/resources/acm-certificate.ts';
import { containerHostPermissions } from '../../shared/resources/container-host.ts';
import { containerServicePermissions } from '../../shared/resources/container-service.ts';
import { containerTaskPermissions } from '../../shared/resources/container-task.ts';
import { diskLookPermissions } from '../../shared/resources/disks.ts';
import { memberPermissions } from '../../shared/resources/rds-cluster.ts';
import { queueLookPermissions } from '../../shared/resources/sqs-queue.ts';
import { policyGrants } from '../../tools/deployment/policy-grants.ts';

type Make = (input: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<{ Resources?: Record<string, unknown> }>;
const make = createRequire(import.meta.url)('../../infrastructure/policy-grants.cjs') as Make;
const probe = createRequire(import.meta.url)('../../infrastructure/probe.cjs') as Make;
const template = (policy: unknown) => make({ resolveVariable: async () => policy });
const key = 'arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000';
const granted = (policy: object) => policyGrants(parsePolicy(JSON.stringify(policy)));

import { diskPolicy } from '../remediation/examples.ts';

describe('what a policy adds to the rights of a role', () => {
  test.each(['', '{}', '{"kmsKeys":[]}', '{"databases":{"reboot":"off","approval":"waived"}}', undefined, 'docs/policy.example.yml'])(
    'is nothing where it names nothing: %j',
    async (policy) => {
      expect(await template(policy)).toEqual({});
    },
  );

  test.each(['nowhere.yml', '{"mode": "on"}', 'docs/policy.md'])('is left to packaging where it can not be used: %j', async (policy) => {
    expect(await template(policy)).toEqual({});
  });

  test("is to start instances with the keys that it names, only for EC2's own use", () => {
    expect(granted({ kmsKeys: [key] })).toEqual({
      StartWithKeys: {
        Type: 'AWS::IAM::RolePolicy',
        Properties: {
          PolicyName: 'start-with-keys',
          RoleName: { Ref: 'RemediateRole' },
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'kms:CreateGrant',
                Resource: [key],
                Condition: {
                  Bool: { 'kms:GrantIsForAWSResource': 'true' },
                  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
                  StringEquals: { 'kms:ViaService': { 'Fn::Sub': 'ec2.${AWS::Region}.amazonaws.com' } },
                },
              },
            ],
          },
        },
      },
    });
  });

  test('is to have its URLs requested by one function, which is deployed with them', async () => {
    const url = 'https://shop.example.com/health';
    const checks = [{ when: { failure: 'disk-full' }, url }];
    const [statement, ...more] = granted({ checks }).AskProbe?.Properties.PolicyDocument.Statement ?? [];
    expect(more).toEqual([]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    const Resource = { 'Fn::Sub': '${ProbeLambdaFunction.Arn}' };
    expect(statement).toEqual({ Effect: 'Allow', Action: [...probePermissions], Resource });
    expect(granted({})).not.toHaveProperty('AskProbe');
    const wanted = (policy: string) => probe({ resolveVariable: async () => policy });
    expect(await wanted(JSON.stringify({ checks }))).toEqual({ wanted: 'on' });
    expect(await wanted('{}')).toEqual({ wanted: 'off' });
    expect(await wanted('{"mode": "on"}')).toEqual({ wanted: 'off' });
    // The framework asks again for what it can't resolve yet.
    const early = probe({ resolveVariable: async () => Promise.reject(new Error('not yet')) });
    await expect(early).rejects.toThrow('not yet');
  });

  test('is to read the secrets of its channels, each by its name, in both functions that report', () => {
    const hook = { url: 'https://hooks.example.com/', secret: 'selfheal/ops' };
    const channels = { webhooks: ['a', 'b', 'c'].map((name) => ({ ...hook, name, ...(name === 'c' ? { secret: 'audit' } : {}) })) };
    expect(JSON.stringify(granted({ channels: { pagerduty: { secret: 'pager' } } }).ReportOutside)).toContain(':secret:pager-??????"');
    const { ReportOutside, WatchReportsOutside, ...more } = granted({ channels });
    expect(more).toEqual({});
    expect([ReportOutside, WatchReportsOutside].map((one) => one?.Properties.RoleName.Ref)).toEqual(['RemediateRole', 'WatchRole']);
    expect(WatchReportsOutside?.Properties.PolicyDocument).toEqual(ReportOutside?.Properties.PolicyDocument);
    const here = (service: string, rest: string) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`,
    });
    expect(ReportOutside?.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'ssm:GetParameter',
        Resource: ['audit', 'selfheal/ops'].map((name) => here('ssm', `parameter/aws/reference/secretsmanager/${name}`)),
      },
      {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: ['audit', 'selfheal/ops'].map((name) => here('secretsmanager', `secret:${name}-??????`)),
      },
    ]);
  });

  test('is to make, find and change OpsItems, in both functions that report', () => {
    const { ReportOutside, WatchReportsOutside, ...more } = granted({ channels: { opsCenter: 'on' } });
    expect(more).toEqual({});
    expect(WatchReportsOutside?.Properties.PolicyDocument).toEqual(ReportOutside?.Properties.PolicyDocument);
    const statements = ReportOutside?.Properties.PolicyDocument.Statement ?? [];
    expect(statements.flatMap(({ Action }) => Action)).toEqual([...opsCenterPermissions]);
    expect(statements.map(({ Resource }) => Resource)).toEqual([
      '*',
      { 'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:opsitem/*` },
    ]);
  });

  test('is to run the documents that it names, and no shell, on instances with its opt-in tag', () => {
    const commands = {
      'restart-nginx': { document: 'Shop-RestartService', version: '3' },
      patch: { document: 'AWS-RunPatchBaseline', version: '1' },
      again: { document: 'Shop-RestartService', version: '4' },
    };
    const { RunCommands } = granted({ commands, optIn: { key: 'heal', value: 'yes' } });
    const statements = RunCommands?.Properties.PolicyDocument.Statement ?? [];
    expect(statements.map(({ Sid, Effect, Action, Condition }) => ({ Sid, Effect, Action, Condition }))).toEqual([
      { Sid: 'RunDocuments', Effect: 'Allow', Action: 'ssm:SendCommand' },
      {
        Sid: 'OnOptedInInstances',
        Effect: 'Allow',
        Action: 'ssm:SendCommand',
        Condition: { StringEquals: { 'aws:ResourceTag/heal': 'yes' } },
      },
      { Sid: 'FollowCommands', Effect: 'Allow', Action: [...followPermissions, ...reachablePermissions] },
      { Sid: 'NeverAnyText', Effect: 'Deny', Action: 'ssm:SendCommand' },
    ]);
    const sub = (text: string) => ({ 'Fn::Sub': text });
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    expect(statements[0]?.Resource).toEqual([
      sub('arn:${AWS::Partition}:ssm:${AWS::Region}::document/AWS-RunPatchBaseline'),
      sub('arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:document/Shop-RestartService'),
    ]);
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
    expect(JSON.stringify(statements[3]?.Resource)).toContain('document/AWS-RunShellScript');
    expect(new Set(statements.flatMap(({ Action }) => Action))).toEqual(new Set([...runCommand.permissions, ...reachablePermissions]));
  });

  test('is to read the tags of alarms where they may say what an alarm means', () => {
    const { ReadAlarmTags } = granted({ classification: { alarmTags: 'on' } });
    const [statement] = ReadAlarmTags?.Properties.PolicyDocument.Statement ?? [];
    expect(statement).toMatchObject({ Effect: 'Allow', Action: alarmTagPermissions });
    expect(JSON.stringify(statement?.Resource)).toContain(':alarm:*"');
  });

  test('is to read metrics where a rule takes missing data for the signal', () => {
    const rule = {
      alarm: 'nightly-*',
      failure: 'application-down',
      direction: 'below',
      subject: { type: 'instance', id: 'i-0a1b2c3d4e5f60718' },
    };
    const withRule = (missing: object) => granted({ classification: { alarms: [{ ...rule, ...missing }] } });
    expect(withRule({})).toEqual({});
    expect(withRule({ missing: 'is-the-signal' }).ReadSilence?.Properties.PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: silencePermissions, Resource: '*' },
    ]);
  });

  test('is to move the messages of queues with its opt-in tag, and to look at queues', () => {
    const { RedriveQueues, LookAtQueues, StopMoving } = granted({ redrive: {}, optIn: { key: 'heal', value: 'yes' } });
    expect(StopMoving?.Properties).toMatchObject({ RoleName: { Ref: 'WatchRole' } });
    const [move, incidents] = RedriveQueues?.Properties.PolicyDocument.Statement ?? [];
    expect(move?.Condition).toEqual({ StringEquals: { 'aws:ResourceTag/heal': 'yes' } });
    expect(move?.Action).toEqual([...redrive.permissions, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:SendMessage']);
    expect(incidents).toMatchObject({
      Action: 'dynamodb:Query',
      Resource: { 'Fn::Sub': expect.stringMatching(/Ledger\.Arn.\/index\/by-day$/) },
    });
    const looks = LookAtQueues?.Properties.PolicyDocument.Statement.flatMap(({ Action }) => Action);
    expect(looks).toEqual([...queueLookPermissions, ...consumerMetricsPermissions]);
    expect(Object.keys(granted({ consumers: { tags: 'on' } }))).toEqual(['LookAtQueues', 'WatchQueues']);
    expect(Object.keys(granted({ consumers: { queues: { orders: 'group/shop' } } }))).toEqual(['LookAtQueues', 'WatchQueues']);
    expect(granted({ redrive: {} }).WatchQueues).toMatchObject({
      Condition: 'WarnsEarly',
      Properties: { RoleName: { Ref: 'EarlyWarningRole' } },
    });
    expect(granted({ consumers: {} })).toEqual({});
  });

  test('is to act on databases with its opt-in tag', () => {
    expect(granted({ databases: { reboot: 'on' }, optIn: { key: 'heal', value: 'yes' } })).toMatchObject({
      ActOnDatabases: {
        Properties: {
          RoleName: { Ref: 'RemediateRole' },
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: rebootDatabase.permissions,
                // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
                Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*' },
                Condition: { StringEquals: { 'aws:ResourceTag/heal': 'yes' } },
              },
              { Effect: 'Allow', Action: failingSincePermissions, Resource: '*' },
            ],
          },
        },
      },
    });
  });

  test('is to grow volumes with its opt-in tag, after a snapshot where it wants one', () => {
    const of = (snapshot: boolean) => {
      const given = { ...diskPolicy, disks: { ...diskPolicy.disks, snapshot }, optIn: { key: 'heal', value: 'yes' } };
      return granted(given).GrowVolumes?.Properties.PolicyDocument.Statement ?? [];
    };
    const [act, made, looks] = of(true);
    expect(act).toMatchObject({
      Action: ['ec2:ModifyVolume', 'ec2:CreateSnapshot'],
      Condition: { StringEquals: { 'aws:ResourceTag/heal': 'yes' } },
    });
    expect(JSON.stringify([act?.Resource, made?.Resource])).toMatch(/:volume\/\*.*::snapshot\/\*/);
    expect(made).toMatchObject({ Action: 'ec2:CreateSnapshot' });
    expect(looks).toMatchObject({ Action: diskLookPermissions, Resource: '*' });
    expect(of(false).map(({ Action }) => Action)).toEqual([['ec2:ModifyVolume'], [...diskLookPermissions]]);
    expect(granted({ commands: diskPolicy.commands })).not.toHaveProperty('GrowVolumes');
  });

  test('is to grow the storage of databases only where it names that', () => {
    const of = (databases: object) => granted({ databases }).ActOnDatabases?.Properties.PolicyDocument.Statement[0]?.Action;
    expect(of({ storage: { atMost: 500 } })).toEqual(growStorage.permissions);
    expect(of({ reboot: 'on', storage: { atMost: 500 } })).toEqual([...rebootDatabase.permissions, ...growStorage.permissions]);
    expect(of({ approval: 'waived' })).toBeUndefined();
  });

  test('is to promote replicas with its opt-in tag, and to ask a second person, only where it names that', () => {
    const { ActOnDatabases, AskSecondPerson } = granted({ databases: { promote: 'on' } });
    expect(ActOnDatabases?.Properties.PolicyDocument.Statement).toMatchObject([
      { Action: promoteReplica.permissions, Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } } },
    ]);
    expect(AskSecondPerson).toMatchObject({
      Condition: 'AsksTwo',
      Properties: {
        RoleName: { Ref: 'RemediateRole' },
        PolicyDocument: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
          Statement: [{ Action: ['sns:GetTopicAttributes', 'sns:Publish'], Resource: { 'Fn::Sub': '${SecondApprovalTopic}' } }],
        },
      },
    });
    const others = granted({ databases: { reboot: 'on', storage: { atMost: 500 }, failover: 'on', approval: 'waived' } });
    expect(others.AskSecondPerson).toBeUndefined();
    expect(JSON.stringify(others)).not.toContain('PromoteReadReplica');
  });

  test('is to fail over clusters with its opt-in tag only where it names that', () => {
    expect(granted({ databases: { failover: 'on' } }).ActOnDatabases?.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: failOverCluster.permissions,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
        Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster:*' },
        Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } },
      },
      { Effect: 'Allow', Action: memberPermissions, Resource: '*' },
    ]);
    const both = granted({ databases: { failover: 'on', reboot: 'on' } }).ActOnDatabases?.Properties.PolicyDocument.Statement;
    expect(both?.filter(({ Resource }) => Resource === '*')).toEqual([{ Effect: 'Allow', Action: memberPermissions, Resource: '*' }]);
  });

  test('is to add readers to clusters with its opt-in tag and to delete those with its own, only where it names that', () => {
    const statementsOf = (grant: string) => granted({ readers: {} })[grant]?.Properties.PolicyDocument.Statement ?? [];
    const [instances, clusters, groups, looks] = statementsOf('AddReaders');
    expect(instances).toMatchObject({
      Action: ['rds:CreateDBInstance', 'rds:AddTagsToResource'],
      Condition: { StringLike: { 'aws:RequestTag/selfheal:made-by': '?*' } },
    });
    expect(clusters).toMatchObject({ Action: addReader.permissions, Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } } });
    expect([JSON.stringify(instances?.Resource), JSON.stringify(clusters?.Resource)]).toEqual([
      ...[expect.stringContaining(':db:*'), expect.stringContaining(':cluster:*')],
    ]);
    expect(groups?.Action).toEqual(addReader.permissions);
    expect(looks).toMatchObject({ Action: ['application-autoscaling:DescribeScalableTargets', 'cloudwatch:GetMetricData'], Resource: '*' });
    const [act, ...others] = statementsOf('RemoveReaders');
    expect(act).toMatchObject({
      Action: ['rds:DeleteDBInstance'],
      Condition: { StringLike: { 'aws:ResourceTag/selfheal:made-by': '?*' } },
    });
    expect(JSON.stringify(others)).not.toContain('Delete');
    expect(granted({ readers: {} }).RemoveReaders?.Properties.RoleName).toEqual({ Ref: 'WatchRole' });
    const none = granted({ databases: { reboot: 'on', storage: { atMost: 500 }, failover: 'on', promote: 'on' } });
    expect(JSON.stringify(none)).not.toMatch(/CreateDBInstance|DeleteDBInstance|AddTags/);
  });

  test('is to make read replicas of the instances that it names, with the tag of its own, and of no others', () => {
    const statements = granted({ readers: { instances: ['orders', 'orders', 'a-very-long-name-of-an-instance-of-the-shop'] } }).AddReaders;
    const [, , made, sources, groups, ...others] = statements?.Properties.PolicyDocument.Statement ?? [];
    const names = (resource: unknown) => JSON.stringify(resource).match(/:db:[^"]*/g);
    expect(made).toMatchObject({ Action: addReplica.permissions, Condition: { StringLike: { 'aws:RequestTag/selfheal:made-by': '?*' } } });
    expect(names(made?.Resource)).toEqual([':db:a-very-long-name-of-an-instance-of-the-s-selfheal-*', ':db:orders-selfheal-*']);
    expect(sources).toMatchObject({ Action: addReplica.permissions, Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } } });
    expect(names(sources?.Resource)).toEqual([':db:a-very-long-name-of-an-instance-of-the-shop', ':db:orders']);
    expect([groups?.Action, names(groups?.Resource)]).toEqual([[...addReader.permissions, ...addReplica.permissions], null]);
    expect(JSON.stringify([others, granted({ readers: {} })])).not.toContain('ReadReplica');
    for (const own of made ? [readerName('orders', 'i'), readerName('A-Very-Long-Name-of-an-Instance-of-the-Shop', 'i')] : [])
      expect(names(made?.Resource)?.some((pattern) => `:db:${own}`.startsWith(pattern.slice(0, -1)))).toBe(true);
  });

  test('is to act on functions with its opt-in tag, as far as it names that', () => {
    const of = (lambda: object) => granted({ lambda }).ActOnFunctions?.Properties.PolicyDocument.Statement ?? [];
    const [act, looks, metrics] = of({ rollback: { alias: 'live' } });
    expect(act).toMatchObject({ Action: rollbackAlias.permissions, Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } } });
    expect(JSON.stringify([act?.Resource, looks?.Resource])).toMatch(/^(\[.*:function:\*"\},.*:function:\*"\}\])$/);
    expect([looks?.Action, metrics?.Action]).toEqual([['lambda:ListTags'], ['cloudwatch:GetMetricData', 'lambda:ListEventSourceMappings']]);
    const [raise, more, account] = of({ concurrency: { max: 10 } });
    expect(raise).toMatchObject({
      Action: raiseConcurrency.permissions,
      Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } },
    });
    expect([more?.Action, account?.Action]).toEqual([
      ['lambda:ListTags', 'lambda:GetFunctionConcurrency'],
      ['cloudwatch:GetMetricData', 'lambda:ListEventSourceMappings', 'lambda:GetAccountSettings'],
    ]);
    expect(granted({ lambda: {} })).toEqual({});
    expect(granted({ lambda: { rollback: {} } })).not.toHaveProperty('LowerReserves');
    const { LowerReserves } = granted({ lambda: { concurrency: { max: 10 } } });
    expect(LowerReserves?.Properties.RoleName).toEqual({ Ref: 'WatchRole' });
    const [lower, ...others] = LowerReserves?.Properties.PolicyDocument.Statement ?? [];
    expect(lower).toMatchObject({
      Action: raiseConcurrency.permissions,
      Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } },
    });
    expect(others.map(({ Action }) => Action)).toEqual([
      ['lambda:GetFunction', 'lambda:ListTags'],
      ['cloudwatch:GetMetricData'],
      ['ssm:GetParameter'],
    ]);
  });

  test('is to restore records that validate certificates, in the zones that it names', () => {
    const { RestoreRecords } = granted({ certificates: { zones: ['Z0SHOP', 'Z0SHOP'] } });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    const Resource = [{ 'Fn::Sub': 'arn:${AWS::Partition}:route53:::hostedzone/Z0SHOP' }];
    const [names, types, verbs] = ['NormalizedRecordNames', 'RecordTypes', 'Actions'].map(
      (key) => `route53:ChangeResourceRecordSets${key}`,
    );
    expect(RestoreRecords?.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: restoreValidationRecord.permissions,
        Resource,
        Condition: {
          'ForAllValues:StringLike': { [names as string]: ['_*'] },
          'ForAllValues:StringEquals': { [types as string]: ['CNAME'], [verbs as string]: ['UPSERT'] },
          Null: { [names as string]: 'false', [types as string]: 'false', [verbs as string]: 'false' },
        },
      },
      { Effect: 'Allow', Action: [...zoneLookPermissions], Resource },
    ]);
    expect(granted({ certificates: { zones: [] } })).toEqual({});
  });

  test('is to act on services, tasks and hosts of ECS with its opt-in tag, by each setting alone', () => {
    const statements = (ecs: object) => granted({ ecs }).ActOnContainers?.Properties.PolicyDocument.Statement ?? [];
    const actions = (ecs: object) => [...new Set(statements(ecs).flatMap(({ Action }) => Action))].sort();
    const { deployments, tasks, scaling } = containerServicePermissions;
    expect(granted({ ecs: { hosts: 'off', within: '2h' } })).toEqual({});
    // Its group is asked with rights that remediate has anyway.
    const ofHosts = replaceContainerInstance.permissions.filter((name) => name.startsWith('ecs:'));
    expect(actions({ hosts: 'on' })).toEqual([...ofHosts, ...containerHostPermissions].sort());
    expect(actions({ rollback: 'on' })).toEqual([...rollBackService.permissions, ...deployments, ...tasks].sort());
    const restarting = [...restartService.permissions, ...stopTask.permissions, ...deployments, ...tasks, ...containerTaskPermissions];
    expect(actions({ restart: 'on' })).toEqual([...new Set(restarting)].sort());
    expect(actions({ scale: 'on' })).toEqual([...scaleService.permissions, ...scaling].sort());
    // A deployment can't be tagged; if it has the tags of its service, they must be the right ones.
    expect(statements({ rollback: 'on' }).find(({ Resource }) => JSON.stringify(Resource).includes(':service-deployment/'))).toMatchObject({
      Action: 'ecs:StopServiceDeployment',
      Condition: { StringEqualsIfExists: { 'aws:ResourceTag/selfheal': 'on' } },
    });
    const open = statements({ hosts: 'on', rollback: 'on', restart: 'on', scale: 'on' }).filter(({ Condition }) => !Condition);
    expect(open.flatMap(({ Action }) => Action).filter((name) => !/:(Describe|List)/.test(name))).toEqual([]);
  });

  test('is to give functions and services their alarms, where it names what may be done to them', () => {
    for (const [given, name, Action] of [
      [{ lambda: { rollback: {} } }, 'WatchFunctions', functionAlarmPermissions],
      [{ lambda: { concurrency: { max: 10 } } }, 'WatchFunctions', functionAlarmPermissions],
      [{ ecs: { hosts: 'on' } }, 'WatchServices', serviceAlarmPermissions],
    ] as const)
      expect(granted(given)[name]).toMatchObject({
        Condition: 'WarnsEarly',
        Properties: { RoleName: { Ref: 'EarlyWarningRole' }, PolicyDocument: { Statement: [{ Action, Resource: '*' }] } },
      });
  });

  test('is in the template', async () => {
    const policy = { kmsKeys: [key], databases: { reboot: 'on' } };
    expect(await template(JSON.stringify(policy))).toEqual({ Resources: granted(policy) });
  });

  test('is to drain what has opted in, where it has drain', () => {
    const { DrainInstances } = granted({ drain: {} });
    const [targetGroups, groups, looks] = DrainInstances?.Properties.PolicyDocument.Statement ?? [];
    expect(targetGroups).toMatchObject({
      Action: drainPermissions.targetGroups,
      Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } },
    });
    expect(JSON.stringify(targetGroups?.Resource)).toContain(':targetgroup/*"');
    expect(groups).toMatchObject({
      Action: drainPermissions.groups,
      Condition: { StringEquals: { 'autoscaling:ResourceTag/selfheal': 'on' } },
    });
    expect(JSON.stringify(groups?.Resource)).toContain(':autoScalingGroupName/*"');
    expect(looks).toEqual({ Effect: 'Allow', Action: drainPermissions.looks, Resource: '*' });
  });
});
