import { describe, expect, test } from '@jest/globals';
import { doctorPermissions } from '../../local/doctor/index.ts';
import { approverPermissions, operatorPermissions } from '../../local/operate/permissions.ts';
import { actions } from '../../shared/actions/index.ts';
import { callbackPermissions } from '../../shared/approvals/callback.ts';
import { buttonSchema, inChatPermissions } from '../../shared/approvals/in-chat.ts';
import { askingPermissions, decidingPermissions } from '../../shared/approvals/store.ts';
import { actPermissions } from '../../shared/aws/acts.ts';
import { countBeatPermissions, watchBeatsPermissions } from '../../shared/aws/beats.ts';
import { historyPermissions } from '../../shared/aws/change-history.ts';
import { learnedPermissions } from '../../shared/aws/digests.ts';
import { executionsPermissions } from '../../shared/aws/executions.ts';
import { countingPermissions } from '../../shared/aws/failure-correlation.ts';
import { postPermissions } from '../../shared/aws/inbox.ts';
import { killSwitchPermissions } from '../../shared/aws/kill-switch.ts';
import { ledgerPermissions, outOfServicePermissions } from '../../shared/aws/ledger.ts';
import { layoutPermissions } from '../../shared/aws/ledger-layout.ts';
import { pastPermissions } from '../../shared/aws/past.ts';
import { secretPermissions } from '../../shared/aws/secret.ts';
import { starterPermissions } from '../../shared/aws/starter.ts';
import { widgetPermissions } from '../../shared/dashboard/index.ts';
import { guardPermissions } from '../../shared/guards/index.ts';
import { abilities } from '../../shared/model/playbook-abilities.ts';
import { questionPermissions, reportPermissions } from '../../shared/notifications/channels/index.ts';
import { chatOf } from '../../shared/notifications/chat.ts';
import { questionChat } from '../../shared/notifications/question.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { earlyWarningPermissions } from '../../shared/recommended-alarms/index.ts';
import { countOptedInPermissions } from '../../shared/recovery/count-opted-in.ts';
import { describeOutOfServicePermissions } from '../../shared/recovery/out-of-service.ts';
import { resourcePermissions } from '../../shared/resources/index.ts';
import { observePermissions } from '../../shared/resources/observe-resource.ts';
import { approval } from '../approvals/examples.ts';
import { outcome } from '../remediation/examples.ts';
import {
  documentOf,
  grantsOf,
  list,
  planted,
  type Resource,
  referred,
  resourcesOf,
  type Statement,
  statementsOf,
  type Template,
} from './service.ts';

/** Actions that a setting of the policy turns on: packaging adds their rights with it. */
const always = new Set(Object.values(abilities).flatMap(({ actions: own, settings }) => (settings === undefined ? own : [])));
/** Those that a playbook has besides what it does in any case. */
const besides: readonly string[] = ['extend-file-system', 'grow-volume', 'list-disks', 'run-command', 'stop-task'];
const ofSettings: readonly string[] = actions.flatMap(({ id }) => (always.has(id as never) && !besides.includes(id) ? [] : [id]));
const acting: string[] = actions.flatMap(({ id, permissions }) => (ofSettings.includes(id) ? [] : permissions));

const logsAndTraces = {
  'logs:CreateLogStream': 'writes its log',
  'logs:PutLogEvents': 'writes its log',
  'xray:PutTraceSegments': 'traces',
  'xray:PutTelemetryRecords': 'traces',
};

/** What each role needs for the calls that the product makes, and what else it has, with the reason. */
const roles: Record<string, { calls: readonly string[]; besides: Record<string, string> }> = {
  IntakeRole: { calls: [...starterPermissions, ...postPermissions], besides: logsAndTraces },
  RemediateRole: {
    calls: [
      ...acting,
      ...observePermissions,
      ...resourcePermissions,
      ...guardPermissions,
      ...historyPermissions,
      ...killSwitchPermissions,
      ...ledgerPermissions,
      ...layoutPermissions,
      ...countingPermissions,
      ...reportPermissions,
      ...questionPermissions,
      ...askingPermissions,
      ...secretPermissions,
    ],
    besides: {
      ...logsAndTraces,
      'lambda:CheckpointDurableExecution': 'the durable engine keeps its log',
      'lambda:GetDurableExecutionState': 'the durable engine reads its log',
    },
  },
  ApproveRole: {
    calls: [...decidingPermissions, ...actPermissions, ...learnedPermissions, ...callbackPermissions, ...secretPermissions],
    besides: logsAndTraces,
  },
  ButtonsRole: {
    calls: [...decidingPermissions, ...actPermissions, ...inChatPermissions, ...callbackPermissions, ...secretPermissions],
    besides: logsAndTraces,
  },
  WatchRole: {
    calls: [
      ...ledgerPermissions,
      ...outOfServicePermissions,
      ...describeOutOfServicePermissions,
      ...countOptedInPermissions,
      ...reportPermissions,
      ...executionsPermissions,
      ...watchBeatsPermissions,
      ...pastPermissions,
      ...starterPermissions,
    ],
    besides: logsAndTraces,
  },
  BeatRole: { calls: [...countBeatPermissions, ...secretPermissions], besides: logsAndTraces },
  WidgetRole: { calls: widgetPermissions, besides: logsAndTraces },
  ProbeRole: { calls: [], besides: logsAndTraces },
  EarlyWarningRole: {
    calls: earlyWarningPermissions,
    besides: {
      ...logsAndTraces,
      'sqs:ReceiveMessage': 'Lambda reads the queue of opt-ins with the role',
      'sqs:DeleteMessage': 'Lambda reads the queue of opt-ins with the role',
      'sqs:GetQueueAttributes': 'Lambda reads the queue of opt-ins with the role',
    },
  },
};

type Button = {
  AliasName?: string;
  Definition: { CommandText: { 'Fn::Sub': string } };
  Attachments: { NotificationType: string; Criteria: unknown; Variables: Record<string, string> }[];
};

/** What people are granted by the policies that the stack makes for their roles. */
const people: typeof roles = {
  OperatorPolicy: { calls: operatorPermissions, besides: {} },
  ApproverPolicy: { calls: approverPermissions, besides: {} },
  ButtonsPolicy: { calls: [], besides: { 'lambda:InvokeFunction': 'a button invokes its function' } },
  DoctorPolicy: { calls: doctorPermissions, besides: {} },
};

/** Roles that no function of ours has, with what they have and why. */
const others: Record<string, Record<string, string>> = {
  SlackRole: {},
  SwitchRole: {
    'sns:Publish': 'EventBridge tells people of the kill switch with it',
    'kms:Decrypt': 'the topic has a key of its own',
    'kms:GenerateDataKey': 'the topic has a key of its own',
  },
  CanaryRole: {
    's3:PutObject': 'keeps what a run saw',
    's3:GetObject': 'keeps what a run saw',
    's3:GetBucketLocation': 'finds the bucket',
    's3:ListAllMyBuckets': 'Synthetics asks for it',
    'logs:CreateLogGroup': 'Synthetics makes the function and its log',
    'logs:CreateLogStream': 'writes its log',
    'logs:PutLogEvents': 'writes its log',
    'cloudwatch:PutMetricData': 'counts its runs, in the namespace of Synthetics alone',
  },
};

/** Calls that take no resource, or are held by a condition: describing, and tracing. */
const withoutResource = new Set<string>([
  ...observePermissions,
  ...earlyWarningPermissions.filter((name) => /:(Describe|List)/.test(name)),
  'autoscaling:DescribeInstanceRefreshes',
  'autoscaling:DescribeScalingActivities',
  'autoscaling:DescribeLaunchConfigurations',
  'ec2:DescribeImages',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeVolumes',
  'ec2:DescribeVolumeStatus',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeCapacityReservations',
  'ec2:DescribeFleets',
  'ec2:DescribeSnapshots',
  'ec2:DescribeSpotFleetRequests',
  'elasticloadbalancing:DescribeLoadBalancers',
  'elasticloadbalancing:DescribeTargetGroups',
  'rds:DescribeEvents',
  'cloudtrail:LookupEvents',
  'events:ListRules',
  'lambda:GetAccountSettings',
  's3:ListAllMyBuckets',
  'cloudwatch:GetMetricData',
  'cloudwatch:PutMetricData',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
]);

/** Lambda puts what failed into a function's dead-letter queue with the function's own role. */
const forDeadLetters = (template: Template, role: string): string[] =>
  resourcesOf(template, 'AWS::Lambda::Function').some(
    ([, { Properties }]) => referred(Properties.Role) === role && Properties.DeadLetterConfig,
  )
    ? ['sqs:SendMessage']
    : [];

const permissionProblems = (template: Template): string[] =>
  grantsOf(template).flatMap(([id, role]) => {
    const known = roles[id] ?? people[id] ?? (others[id] ? { calls: [], besides: others[id] } : undefined);
    if (!known) return [`${id}: nobody says what this role is for`];
    const granted = new Set(statementsOf(role).flatMap(({ Action }) => list(Action)));
    const needed = new Set([...known.calls, ...Object.keys(known.besides), ...forDeadLetters(template, id)]);
    return [
      ...[...needed].filter((action) => !granted.has(action)).map((action) => `${id}: ${action} is missing`),
      ...[...granted].filter((action) => !needed.has(action)).map((action) => `${id}: ${action} is granted, and nothing needs it`),
    ];
  });

const breadthProblems = (template: Template): string[] =>
  grantsOf(template).flatMap(([id, role]) => {
    const problems = list(role.Properties.ManagedPolicyArns as string[] | undefined).map((arn) => `${id}: managed policy ${String(arn)}`);
    for (const { Effect, Action, Resource, NotAction, NotResource } of statementsOf(role)) {
      if (Effect !== 'Allow') continue;
      const names = list(Action);
      if (NotAction !== undefined || NotResource !== undefined) problems.push(`${id}: allows by exclusion`);
      for (const name of names) if (/[*?]/.test(name)) problems.push(`${id}: ${name} has a wildcard`);
      const everything = list(Resource).some((resource) => resource === '*' || JSON.stringify(resource).includes(':*:*:'));
      if (everything)
        problems.push(...names.filter((name) => !withoutResource.has(name)).map((name) => `${id}: ${name} on every resource`));
    }
    return problems;
  });

/** The same tag as the policy's default, in IAM, for every call that changes an instance or a group. */
const optInProblems = (template: Template): string[] => {
  const { key, value } = parsePolicy('').optIn;
  return grantsOf(template).flatMap(([id, role]) =>
    statementsOf(role).flatMap(({ Action, Condition }) => {
      const equals = Condition?.StringEquals ?? {};
      const conditioned = ['aws', 'ec2', 'autoscaling'].some((service) => equals[`${service}:ResourceTag/${key}`] === value);
      const mutating = list(Action).filter((name) => /^(ec2|autoscaling):/.test(name) && !name.includes(':Describe'));
      return conditioned ? [] : mutating.map((name) => `${id}: ${name} without the opt-in tag`);
    }),
  );
};

/** Policies of queues, topics, buckets and keys that let in more than a service of AWS on behalf of this account. */
const opennessProblems = (template: Template): string[] =>
  Object.entries(template.Resources).flatMap(([id, resource]) =>
    documentOf(resource).flatMap(({ Effect, Sid, Principal, Action, Condition }) => {
      // A policy of a role lets nobody in.
      if (Effect !== 'Allow' || ['AWS::IAM::RolePolicy', 'AWS::IAM::ManagedPolicy'].includes(resource.Type)) return [];
      // Without the account itself, nobody could ever change the key again. https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
      if (resource.Type === 'AWS::KMS::Key' && Sid === 'Administration') return [];
      const problems = list(Action)
        .filter((name) => name === '*' || name.endsWith(':*'))
        .map((name) => `${id}: ${name} has a wildcard`);
      const service = typeof Principal === 'object' ? list(Principal.Service) : [];
      if (service.length === 0) problems.push(`${id}: lets in ${JSON.stringify(Principal)}`);
      const held = JSON.stringify(Condition ?? {});
      if (!/aws:Source(Account|Arn)/i.test(held)) problems.push(`${id}: lets ${service.join()} in for any account`);
      return problems;
    }),
  );

export const permissions = (packaged: () => Template): void => {
  const roleWith = (statement: Statement) =>
    planted(packaged(), ({ RemediateRole }) => {
      const policies = RemediateRole?.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[] | undefined;
      policies?.[0]?.PolicyDocument.Statement.push(statement);
    });
  const statementIn = (resources: Template['Resources'], action: string) =>
    statementsOf(resources.RemediateRole as Resource).find(({ Action }) => list(Action).includes(action)) as Statement;

  describe('its permissions', () => {
    test('are those of the calls that it makes: nothing is missing and nothing is left over', () => {
      expect(permissionProblems(packaged())).toEqual([]);
    });

    test('are so for every role that a function has', () => {
      const used = resourcesOf(packaged(), 'AWS::Lambda::Function').map(([, { Properties }]) => referred(Properties.Role));
      expect([...used].sort()).toEqual(Object.keys(roles).sort());
    });

    test('show one that is missing, one that is left over, and a role that nobody knows', () => {
      const less = planted(packaged(), (resources) => {
        statementIn(resources, 'ec2:RebootInstances').Action = ['ec2:StartInstances', 'ec2:StopInstances'];
      });
      expect(permissionProblems(less)).toEqual(['RemediateRole: ec2:RebootInstances is missing']);
      const more = roleWith({ Effect: 'Allow', Action: 'ec2:TerminateInstances', Resource: '*' });
      expect(permissionProblems(more)).toEqual(['RemediateRole: ec2:TerminateInstances is granted, and nothing needs it']);
      const unknown = planted(packaged(), (resources) => {
        resources.SpareRole = resources.IntakeRole as Resource;
      });
      expect(permissionProblems(unknown)).toEqual(['SpareRole: nobody says what this role is for']);
    });

    test('have no wildcard, and reach every resource only to look', () => {
      expect(breadthProblems(packaged())).toEqual([]);
    });

    test.each<[string, Statement, string]>([
      ['everything', { Effect: 'Allow', Action: '*', Resource: 'arn' }, 'RemediateRole: * has a wildcard'],
      ['all of a service', { Effect: 'Allow', Action: ['ec2:*'], Resource: 'arn' }, 'RemediateRole: ec2:* has a wildcard'],
      [
        'a call on every resource',
        { Effect: 'Allow', Action: 'sns:Publish', Resource: ['*'] },
        'RemediateRole: sns:Publish on every resource',
      ],
      ['all but something', { Effect: 'Allow', NotAction: 'iam:*', Resource: 'arn' }, 'RemediateRole: allows by exclusion'],
    ])('show it where somebody may do %s', (_, statement, problem) => {
      expect(breadthProblems(roleWith(statement))).toEqual([problem]);
    });

    test('show a policy that somebody else manages', () => {
      const managed = planted(packaged(), ({ WatchRole }) => {
        if (WatchRole) WatchRole.Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
      });
      expect(breadthProblems(managed)).toEqual(['WatchRole: managed policy arn:aws:iam::aws:policy/AdministratorAccess']);
    });

    test('are within the boundary that is given, for every role', () => {
      const bounded = { 'Fn::If': ['HasBoundary', '', { Ref: 'AWS::NoValue' }] };
      for (const [id, { Properties }] of resourcesOf(packaged(), 'AWS::IAM::Role'))
        expect([id, Properties.PermissionsBoundary]).toEqual([id, bounded]);
      expect(packaged().Conditions.HasBoundary).toEqual({ 'Fn::Not': [{ 'Fn::Equals': ['', ''] }] });
    });

    test('to tell people of the kill switch are lent to the rule for that, and to no other', () => {
      const trust = packaged().Resources.SwitchRole?.Properties.AssumeRolePolicyDocument as { Statement: Statement[] };
      const arn = JSON.stringify(trust.Statement[0]?.Condition?.StringEquals?.['aws:SourceArn']);
      expect(arn).toContain(`:rule/${String(packaged().Resources.SwitchRule?.Properties.Name)}"`);
    });

    test('change only what has opted in', () => {
      expect(optInProblems(packaged())).toEqual([]);
    });

    test.each(acting)('show it where %s does without the opt-in', (action) => {
      const open = planted(packaged(), (resources) => {
        delete statementIn(resources, action).Condition;
      });
      expect(optInProblems(open)).toContain(`RemediateRole: ${action} without the opt-in tag`);
    });

    test('make alarms only under the name that intake knows as early warning', () => {
      const making = statementsOf(packaged().Resources.EarlyWarningRole as Resource).find(({ Action }) =>
        list(Action).includes('cloudwatch:PutMetricAlarm'),
      );
      expect(JSON.stringify(making?.Resource)).toContain(':alarm:early-warning/selfheal-prod-alarms/*');
    });

    test('of everybody else end at a service of AWS, on behalf of this account', () => {
      // The page on which people decide is open to anybody, and the framework lets SNS into its queue by the topic's ARN.
      expect(opennessProblems(packaged())).toEqual([]);
    });

    test('show a topic that is open to everybody', () => {
      const open = planted(packaged(), ({ AlarmTopicPolicy }) => {
        const [first] = documentOf(AlarmTopicPolicy as Resource);
        if (first) Object.assign(first, { Principal: '*', Action: 'sns:*', Condition: undefined });
      });
      expect(opennessProblems(open)).toEqual([
        'AlarmTopicPolicy: sns:* has a wildcard',
        'AlarmTopicPolicy: lets in "*"',
        'AlarmTopicPolicy: lets  in for any account',
      ]);
    });
  });

  describe('the page on which people decide', () => {
    test('can be opened without an account, by its URL alone', () => {
      const urls = resourcesOf(packaged(), 'AWS::Lambda::Url').map(([, { Properties }]) => Properties);
      // And what counts heartbeats: it asks for a token.
      expect(urls.map(({ TargetFunctionArn }) => referred(TargetFunctionArn))).toEqual(['ApproveLambdaFunction', 'BeatLambdaFunction']);
      for (const url of urls) {
        expect(url).toMatchObject({ AuthType: 'NONE' });
        // Lambda wants both of them. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        const open = resourcesOf(packaged(), 'AWS::Lambda::Permission')
          .map(([, { Properties }]) => Properties)
          .filter(({ Principal, FunctionName }) => Principal === '*' && referred(FunctionName) === referred(url.TargetFunctionArn));
        expect(open.map(({ Action }) => Action).sort()).toEqual(['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl']);
        expect(open.map(({ FunctionUrlAuthType, InvokedViaFunctionUrl }) => FunctionUrlAuthType ?? InvokedViaFunctionUrl)).toEqual(
          expect.arrayContaining(['NONE', true]),
        );
      }
    });

    test.each([
      ['ApproveRole', ['v1#approval#*', 'v1#digest#learned', 'v1#act#*']],
      ['WidgetRole', ['v1#incident#*']],
      ['BeatRole', ['v1#beat#*']],
    ] as const)('has beside it a ledger of which %s reaches %j alone', (role, keys) => {
      const onLedger = statementsOf(packaged().Resources[role] as Resource).filter(
        ({ Action, Resource }) => list(Action)[0]?.startsWith('dynamodb:') && referred(Resource) === 'Ledger',
      );
      expect(onLedger.map(({ Condition }) => Condition)).toEqual(
        keys.map((key) => ({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': key }, Null: { 'dynamodb:LeadingKeys': 'false' } })),
      );
    });

    test('has buttons in Slack only where a parameter says so, for a channel that may invoke one function and nothing else', () => {
      const { Resources } = packaged();
      const custom = resourcesOf(packaged(), 'AWS::Chatbot::CustomAction');
      expect(custom.map(([id, { Condition }]) => [id, Condition])).toEqual(
        ['ApproveButton', 'RejectButton', 'ShowButton'].map((id) => [id, 'ChatDecides']),
      );
      for (const id of ['ChatLambdaFunction', 'ButtonsRole', 'ButtonsPolicy'])
        expect([id, Resources[id]?.Condition]).toEqual([id, 'ChatDecides']);
      const { GuardrailPolicies, CustomizationResourceArns } = (Resources.SlackChannel as Resource).Properties;
      expect(GuardrailPolicies).toEqual([
        { 'Fn::If': ['ChatDecides', { Ref: 'ButtonsPolicy' }, { 'Fn::Sub': `arn:\${AWS::Partition}:iam::aws:policy/AWSDenyAll` }] },
      ]);
      const arns = custom.map(([id]) => ({ 'Fn::GetAtt': [id, 'CustomActionArn'] }));
      expect(CustomizationResourceArns).toEqual({ 'Fn::If': ['ChatDecides', arns, { Ref: 'AWS::NoValue' }] });
      expect(statementsOf(Resources.SlackRole as Resource)).toEqual([]);
      const name = String(Resources.ChatLambdaFunction?.Properties.FunctionName);
      expect(statementsOf(Resources.ButtonsPolicy as Resource)).toEqual([
        {
          Effect: 'Allow',
          Action: 'lambda:InvokeFunction',
          Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${name}` },
        },
      ]);
    });

    test('has buttons whose commands the function takes, with values that the messages have, within what AWS allows', () => {
      const said = questionChat(approval()).metadata;
      const messages = [said, chatOf(outcome()).metadata];
      for (const [, { Properties }] of resourcesOf(packaged(), 'AWS::Chatbot::CustomAction')) {
        const { Definition, Attachments, AliasName } = Properties as unknown as Button;
        // Without an alias there is no shorter way to run it.
        expect(AliasName).toBeUndefined();
        // https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CustomActionDefinition.html
        expect(Definition.CommandText['Fn::Sub'].replace(`\${AWS::Region}`, 'ap-northeast-1').length).toBeLessThanOrEqual(100);
        for (const { NotificationType, Criteria, Variables } of Attachments) {
          const under = messages.find(({ eventType }) => eventType === NotificationType);
          const [[variable, path] = ['', '']] = Object.entries(Variables);
          expect(Criteria).toEqual([{ Operator: 'HAS_VALUE', VariableName: variable }]);
          const value = under?.additionalContext[path.replace('event.metadata.additionalContext.', '')] ?? '';
          // What AWS takes for a value. https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CustomActionAttachment.html
          expect(value).toMatch(/^[\x21-\x7F]{1,1024}$/);
          const payload = / --payload (.*)$/.exec(Definition.CommandText['Fn::Sub'])?.[1]?.replace(`$${variable}`, value) ?? '';
          expect(buttonSchema.safeParse(JSON.parse(payload)).error).toBeUndefined();
        }
      }
    });

    test('is no concern of operators, who may change nothing of an incident but an order to stop it', () => {
      const operator = statementsOf(packaged().Resources.OperatorPolicy as Resource);
      const granted = operator.flatMap(({ Action }) => list(Action));
      expect(granted.filter((name) => /secretsmanager|lambda/.test(name))).toEqual([]);
      const onLedger = operator.filter(({ Resource: on }) => referred(on) === 'Ledger');
      for (const { Condition } of onLedger) expect(Condition?.Null).toMatchObject({ 'dynamodb:LeadingKeys': 'false' });
      const writing = onLedger.filter(({ Action }) => list(Action).some((name) => /Put|Update/.test(name)));
      expect(writing.map(({ Condition }) => Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'])).toEqual([
        'v1#act#*',
        'v1#pauses#*',
        'v1#incident#*',
      ]);
      expect(writing[2]?.Condition?.['ForAllValues:StringEquals']).toEqual({ 'dynamodb:Attributes': ['pk', 'outcome', 'stopOrder'] });
    });

    test('has its key generated, and in no variable of any function', () => {
      const [, key] = resourcesOf(packaged(), 'AWS::SecretsManager::Secret')[0] ?? [];
      expect(key?.Properties.GenerateSecretString).toMatchObject({ GenerateStringKey: 'current', PasswordLength: 64 });
      expect(key?.Properties).not.toHaveProperty('SecretString');
      expect(JSON.stringify(packaged())).not.toContain('{{resolve:');
    });
  });
};
