'use strict';

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
 * A bus for the events of an organisation's other accounts and regions, which leads to intake; nothing unless `hub` is on. A file of code, so
 * that a stack that is no hub has nothing of it.
 */
module.exports = async ({ resolveVariable }) => {
  const [hub, organization, externalId, name, role, watchRole] = await Promise.all(
    [
      'param:hub',
      'param:organization',
      'param:externalId',
      'self:custom.names.hub',
      'self:custom.names.member',
      'self:custom.names.memberWatch',
    ].map(resolveVariable),
  );
  if (!['on', 'off'].includes(hub)) throw new Error(`the parameter hub must be on or off, not ${hub}`);
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
