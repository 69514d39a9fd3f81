'use strict';

const { topicsOf } = require('./member-topics.cjs');

/** Where the events of members come from: what the stack's own rules let through to intake (infrastructure/rules.yml). */
const sources = [
  'aws.cloudwatch',
  'aws.ec2',
  'aws.autoscaling',
  'aws.ec2fleet',
  'aws.ec2spotfleet',
  'aws.health',
  'aws.rds',
  'aws.ecs',
  'aws.synthetics',
  'aws.arc-zonal-shift',
  'aws.acm',
  'lambda',
];

/**
 * Regions that no account has to enable. What a topic of any other one sends to another region comes from a service of the region's own name.
 * https://docs.aws.amazon.com/sns/latest/dg/lambda-prereq.html, https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
 */
const enabledByDefault =
  /^(?:us-(?:east|west)-[12]|ca-central-1|sa-east-1|eu-(?:central-1|west-[123]|north-1)|ap-(?:south-1|northeast-[123]|southeast-[12])|us-gov-.*|cn-.*)$/;

/**
 * Lets a member's topic invoke intake, and subscribes intake to it. A permission for SNS can name no organisation, and no pattern in the place of an
 * account (https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html), so each topic is named; and whoever owns the endpoint has
 * nothing to confirm (https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html, `assumed` to hold for functions
 * as for queues: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html).
 */
const listenTo = ({ account, region }, topic, home) => {
  const TopicArn = { 'Fn::Sub': `arn:\${AWS::Partition}:sns:${region}:${account}:${topic}` };
  const intake = { 'Fn::GetAtt': ['IntakeLambdaFunction', 'Arn'] };
  const id = `${account}${region.replaceAll('-', '')}`;
  return {
    [`HubTopic${id}MayInvokeIntake`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: intake,
        Action: 'lambda:InvokeFunction',
        Principal: region === home || enabledByDefault.test(region) ? 'sns.amazonaws.com' : `sns.${region}.amazonaws.com`,
        SourceArn: TopicArn,
      },
    },
    [`HubTopic${id}`]: {
      Type: 'AWS::SNS::Subscription',
      DependsOn: `HubTopic${id}MayInvokeIntake`,
      Properties: { TopicArn, Region: region, Protocol: 'lambda', Endpoint: intake },
    },
  };
};

/**
 * A bus for the events of an organisation's other accounts and regions, which leads to intake; nothing unless `hub` is on. A file of code, so
 * that a stack that is no hub has nothing of it.
 */
module.exports = async ({ resolveVariable }) => {
  const [hub, organization, externalId, memberTopics, name, role, watchRole, topic, home] = await Promise.all(
    [
      'param:hub',
      'param:organization',
      'param:externalId',
      'param:memberTopics',
      'self:custom.names.hub',
      'self:custom.names.member',
      'self:custom.names.memberWatch',
      'self:custom.names.memberAlarms',
      'self:provider.region',
    ].map(resolveVariable),
  );
  if (!['on', 'off'].includes(hub)) throw new Error(`the parameter hub must be on or off, not ${hub}`);
  const topics = topicsOf(memberTopics);
  if (hub === 'off' && topics.length > 0) throw new Error('the parameter memberTopics is for a hub: hub=on');
  if (hub === 'off') return {};
  if (!/^o-[a-z0-9]{10,32}$/.test(organization))
    throw new Error('with hub=on, the parameter organization must be the id of an organisation');
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  if (!/^(?:[\w+=,.@:/-]{2,1224})?$/.test(externalId))
    throw new Error('the parameter externalId must have 2 to 1224 letters, digits and characters of +=,.@:/-');
  // In whichever account of the organisation, and no other role of it. That the key is there for roles is assumed: without it, nothing is let in.
  const mayBecome = (roleName, id) => ({
    Type: 'AWS::IAM::RolePolicy',
    Properties: {
      RoleName: { Ref: id },
      PolicyName: 'become-members',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
            Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::*:role/${roleName}-*` },
            Condition: { StringEquals: { 'aws:ResourceOrgID': organization } },
          },
        ],
      },
    },
  });
  const getArn = (id) => ({ 'Fn::GetAtt': [id, 'Arn'] });
  return {
    Resources: {
      HubBus: {
        Type: 'AWS::Events::EventBus',
        Properties: { Name: name, Description: "Failures of the organisation's other accounts and regions." },
      },
      // EventBridge sets the account of an event, and lets nobody send in the name of AWS's services.
      HubBusPolicy: {
        Type: 'AWS::Events::EventBusPolicy',
        Properties: {
          EventBusName: { Ref: 'HubBus' },
          StatementId: 'organisation',
          Statement: {
            Effect: 'Allow',
            Principal: '*',
            Action: 'events:PutEvents',
            Resource: getArn('HubBus'),
            Condition: { StringEquals: { 'aws:PrincipalOrgID': organization } },
          },
        },
      },
      HubRule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: name,
          Description: 'What members send: their rules have chosen it already.',
          EventBusName: { Ref: 'HubBus' },
          EventPattern: { source: sources },
          Targets: [
            {
              Id: 'intake',
              Arn: getArn('IntakeLambdaFunction'),
              DeadLetterConfig: { Arn: getArn('EventDeadLetters') },
              RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 20 },
            },
          ],
        },
      },
      HubRuleMayInvokeIntake: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          SourceArn: getArn('HubRule'),
          FunctionName: getArn('IntakeLambdaFunction'),
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
        },
      },
      ...Object.assign({}, ...topics.map((place) => listenTo(place, topic, home))),
      HubMayTreatMembers: mayBecome(role, 'RemediateRole'),
      HubMayWatchMembers: mayBecome(watchRole, 'WatchRole'),
    },
    Outputs: {
      HubWatchRole: {
        Description: 'The role of what looks after incidents: the parameter HubWatchRole of the templates of members.',
        Value: getArn('WatchRole'),
      },
      HubRole: { Description: 'The role that the templates of members trust: their parameter HubRole.', Value: getArn('RemediateRole') },
    },
  };
};
