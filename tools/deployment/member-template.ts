import type { PlainTemplate } from './plain-template.ts';
import type { Template } from './template.ts';

type Statement = { Sid?: string; Effect: string; Action: string | string[]; Resource: unknown; Condition?: object };
type Document = { Version: string; Statement: Statement[] };
type Parameter = { Type: string; Description: string; AllowedPattern: string; Default?: string };
export type MemberTemplate = Pick<PlainTemplate, 'AWSTemplateFormatVersion' | 'Description'> &
  Required<Pick<Template, 'Conditions' | 'Resources' | 'Outputs'>> & { Parameters: Record<string, Parameter> };

const sub = (text: string) => ({ 'Fn::Sub': text });
const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const parameter = (Description: string, AllowedPattern: string, Default?: string): Parameter => ({
  Type: 'String',
  Description,
  AllowedPattern,
  ...(Default === undefined ? {} : { Default }),
});

/** Whether a statement is about the hub itself: its own resources, what is named after the stage, and what its function needs to run. */
const isOfHub = ({ Action, Resource }: Statement, deployment: string): boolean => {
  const [first = ''] = [Action].flat();
  if (/^(?:xray|logs|dynamodb|events|sns|sts|secretsmanager):|^lambda:(?:Invoke|Checkpoint|GetDurable|ListDurable)/.test(first))
    return true;
  const resource = JSON.stringify(Resource);
  return /"Ref"|"Fn::GetAtt"|\$\{\w+(?:\.\w+)?\}/.test(resource) || resource.includes(deployment);
};

/** What a role of the hub may do to the resources of an account, by the name of the policy: the same in a member as in the hub's own. */
const reachOf = ({ Resources }: Template, role: string, deployment: string): { PolicyName: string; PolicyDocument: Document }[] => {
  const own = (Resources[role]?.Properties?.Policies ?? []) as { PolicyName: string; PolicyDocument: Document }[];
  const granted = Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::IAM::RolePolicy' &&
    (Properties?.RoleName as { Ref?: string } | undefined)?.Ref === role &&
    Properties?.PolicyName !== 'report-outside'
      ? [{ PolicyName: String(Properties?.PolicyName), PolicyDocument: Properties?.PolicyDocument as Document }]
      : [],
  );
  return [...own, ...granted].flatMap(({ PolicyName, PolicyDocument }) => {
    const Statement = PolicyDocument.Statement.filter((one) => !isOfHub(one, deployment));
    return Statement.length === 0 ? [] : [{ PolicyName, PolicyDocument: { ...PolicyDocument, Statement } }];
  });
};

/** A topic for the account's own alarms, to which the hub may subscribe its intake, with a key of its own as the hub's topics have. */
const alarmTopic = (deployment: string) => {
  const Condition = 'HasAlarmTopic';
  const topic = { Ref: 'MemberTopic' };
  const ofThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
  const byCloudWatch = { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Condition: ofThisAccount };
  return {
    // CloudWatch can't publish to a topic with AWS's own key. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    MemberTopicKey: {
      Type: 'AWS::KMS::Key',
      Condition,
      Properties: {
        Description: `Encrypts the topic of alarms that ${deployment} listens to.`,
        EnableKeyRotation: true,
        KeyPolicy: document(
          {
            ...{ Sid: 'Administration', Effect: 'Allow', Action: 'kms:*', Resource: '*' },
            Principal: { AWS: sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root`) },
          },
          { Sid: 'AlarmsOfThisAccount', ...byCloudWatch, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*' },
        ),
      },
    },
    MemberTopic: {
      Type: 'AWS::SNS::Topic',
      Condition,
      Properties: { TopicName: `${deployment}-member-alarms`, KmsMasterKeyId: { Ref: 'MemberTopicKey' } },
    },
    MemberTopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Condition,
      Properties: {
        Topics: [topic],
        PolicyDocument: document(
          { Sid: 'AlarmsOfThisAccount', ...byCloudWatch, Action: 'sns:Publish', Resource: topic },
          // https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
          {
            Sid: 'IntakeOfTheHub',
            Effect: 'Allow',
            Principal: { AWS: sub(`arn:\${AWS::Partition}:iam::\${HubAccount}:root`) },
            Action: 'sns:Subscribe',
            Resource: topic,
            Condition: {
              StringEquals: {
                'aws:PrincipalOrgID': { Ref: 'Organization' },
                'sns:Protocol': 'lambda',
                'sns:Endpoint': sub(`arn:\${AWS::Partition}:lambda:\${HubRegion}:\${HubAccount}:function:${deployment}-intake`),
              },
            },
          },
          {
            ...{ Sid: 'OnlyOverTls', Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topic },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
          // Whatever IAM allows: what comes from here counts as an alarm.
          {
            ...{ Sid: 'NoIdentities', Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: topic },
            Condition: { Bool: { 'aws:PrincipalIsAWSService': 'false' } },
          },
        ),
      },
    },
  };
};

/** The rules of the stack that lead to intake: what they let through. */
const rulesOf = ({ Resources }: Template): [id: string, { Name: unknown; Description: unknown; EventPattern: unknown }][] =>
  Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const [target] = (Properties.Targets ?? []) as { Arn?: { 'Fn::GetAtt'?: string[] } }[];
    if (Type !== 'AWS::Events::Rule' || target?.Arn?.['Fn::GetAtt']?.[0] !== 'IntakeLambdaFunction') return [];
    const { Name, Description, EventPattern } = Properties;
    return [[id, { Name, Description, EventPattern }]];
  });

/**
 * The template of a member: an account and region whose failures another deployment, the hub, treats. It sends the hub what the hub's own rules
 * let through, and has a role with what the hub's own role may do to resources, which the hub's role alone may take, and a kill switch. Made of the
 * packaged template, so that neither drifts.
 */
export const memberTemplate = (packaged: Template, deployment: string): MemberTemplate => {
  const [service, ...rest] = deployment.split('-');
  const stage = rest.join('-');
  const bus = sub(`arn:\${AWS::Partition}:events:\${HubRegion}:\${HubAccount}:event-bus/${deployment}-hub`);
  const boundary = { 'Fn::If': ['HasBoundary', { Ref: 'PermissionsBoundary' }, { Ref: 'AWS::NoValue' }] };
  const switchName = `/${service}/${stage}/switch`;
  const ofThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
  const inOrganization = { 'aws:PrincipalOrgID': { Ref: 'Organization' } };
  const externalId = { 'Fn::If': ['HasExternalId', { Ref: 'ExternalId' }, { Ref: 'Organization' }] };
  // Its switch is this account's and region's.
  const readSwitch = {
    PolicyName: 'read-switch',
    PolicyDocument: document({
      ...{ Effect: 'Allow', Action: 'ssm:GetParameter' },
      Resource: sub(`arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${switchName}`),
    }),
  };
  /** A role that the named role of the hub alone may take. Roles are of no region, and each region has a stack. */
  const roleFor = (name: string, hubsRole: string, its: string) => {
    const hub = { Effect: 'Allow', Principal: { AWS: { Ref: hubsRole } } };
    return {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: sub(`${service}-${name}-${stage}-\${AWS::Region}`),
        PermissionsBoundary: boundary,
        MaxSessionDuration: 3600,
        AssumeRolePolicyDocument: document(
          {
            ...hub,
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { ...inOrganization, 'sts:ExternalId': externalId } },
          },
          { ...hub, Action: 'sts:SetSourceIdentity', Condition: { StringEquals: inOrganization } },
        ),
        Policies: [...reachOf(packaged, its, deployment), readSwitch],
      },
    };
  };
  const rules = rulesOf(packaged).map(([id, rule]) => [
    id,
    {
      Type: 'AWS::Events::Rule',
      Properties: {
        ...rule,
        Targets: [
          {
            Id: 'hub',
            Arn: bus,
            RoleArn: arnOf('SendRole'),
            DeadLetterConfig: { Arn: arnOf('DeadLetters') },
            RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 },
          },
        ],
      },
    },
  ]);
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `A member of ${deployment}: it sends its failures to the hub, and lets the hub treat what has opted in.`,
    Parameters: {
      HubAccount: parameter('The account that the hub is deployed in.', '^\\d{12}$'),
      HubRegion: parameter('The region that the hub is deployed in.', '^[a-z]{2}(-[a-z]+)+-\\d$'),
      HubRole: parameter("The ARN of the role of the hub's function remediate.", '^arn:aws[a-z-]*:iam::\\d{12}:role/.+$'),
      HubWatchRole: parameter("The ARN of the role of the hub's function watch.", '^arn:aws[a-z-]*:iam::\\d{12}:role/.+$'),
      Organization: parameter('The id of the organisation that the hub and this account belong to.', '^o-[a-z0-9]{10,32}$'),
      ExternalId: parameter(
        "What the hub must name when it takes a role of this account: its parameter externalId; empty for the organisation's id.",
        '^([\\w+=,.@:/-]{2,1224})?$',
        '',
      ),
      PermissionsBoundary: parameter('The ARN of a policy that bounds what the roles may do; empty for none.', '^$|^arn:.+$', ''),
      AlarmTopic: parameter(
        'Whether there is a topic for alarms that do not come by the event bus, on or off; the hub listens to those that its parameter memberTopics names.',
        '^(on|off)$',
        'off',
      ),
    },
    Conditions: {
      HasBoundary: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'PermissionsBoundary' }, ''] }] },
      HasAlarmTopic: { 'Fn::Equals': [{ Ref: 'AlarmTopic' }, 'on'] },
      HasExternalId: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'ExternalId' }, ''] }] },
    },
    Resources: {
      ...Object.fromEntries(rules),
      SendRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          PermissionsBoundary: boundary,
          AssumeRolePolicyDocument: document({
            ...{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole', Condition: ofThisAccount },
          }),
          Policies: [
            {
              PolicyName: 'send-to-hub',
              PolicyDocument: document({ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }),
            },
          ],
        },
      },
      MemberRole: roleFor('member', 'HubRole', 'RemediateRole'),
      MemberWatchRole: roleFor('member-watch', 'HubWatchRole', 'WatchRole'),
      KillSwitch: {
        Type: 'AWS::SSM::Parameter',
        Properties: {
          Name: switchName,
          Description: "Turns all of selfheal's actions in this account and region off within a minute, without a deployment.",
          Type: 'String',
          AllowedPattern: '^(on|dry-run|off)$',
          Value: 'on',
        },
      },
      DeadLetters: {
        Type: 'AWS::SQS::Queue',
        Properties: { QueueName: `${deployment}-member-dead-letters`, MessageRetentionPeriod: 1209600, SqsManagedSseEnabled: true },
      },
      DeadLettersPolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'DeadLetters' }],
          PolicyDocument: document(
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: arnOf('DeadLetters'),
              Condition: {
                ArnLike: { 'aws:SourceArn': sub(`arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/${deployment}-*`) },
              },
            },
            {
              Sid: 'OnlyOverTls',
              Effect: 'Deny',
              Principal: '*',
              Action: 'sqs:*',
              Resource: arnOf('DeadLetters'),
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ),
        },
      },
      ...alarmTopic(deployment),
    },
    Outputs: {
      MemberRole: { Value: arnOf('MemberRole') },
      AlarmTopicArn: {
        Condition: 'HasAlarmTopic',
        Description: 'Give this topic to alarms as their action, once the hub listens to it.',
        Value: { Ref: 'MemberTopic' },
      },
    },
  };
};
