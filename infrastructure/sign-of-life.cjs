'use strict';

/**
 * Leads the sign of life that the watch gives into another region, whose stack (infrastructure/watch.yml) tells people when none comes; nothing
 * unless `watchRegion` names one. A file of code, so that a stack that isn't watched has nothing of it.
 */
module.exports = async ({ resolveVariable }) => {
  const [there, here, deployment] = [
    await resolveVariable('param:watchRegion'),
    await resolveVariable('self:provider.region'),
    `${await resolveVariable('self:service')}-${await resolveVariable('sls:stage')}`,
  ];
  if (there === '') return {};
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(there)) throw new Error(`the parameter watchRegion must be a region, not ${there}`);
  if (there === here) throw new Error(`the parameter watchRegion must be another region than the one that is watched, ${here}`);
  // From any region to any other, but in China and GovCloud: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
  const bus = { 'Fn::Sub': `arn:\${AWS::Partition}:events:${there}:\${AWS::AccountId}:event-bus/default` };
  const rule = { 'Fn::Sub': `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/${deployment}-alive` };
  const document = (Statement) => ({ Version: '2012-10-17', Statement: [Statement] });
  return {
    Resources: {
      AliveRule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: `${deployment}-alive`,
          Description: `Leads the sign of life of this deployment to ${there}.`,
          EventPattern: { source: ['selfheal'], 'detail-type': ['Selfheal Alive'], detail: { deployment: [deployment] } },
          Targets: [
            {
              Id: 'watch-region',
              Arn: bus,
              RoleArn: { 'Fn::GetAtt': ['AliveRole', 'Arn'] },
              // The next one comes in two minutes, and one that is late says nothing. What is lost is told by the other region.
              RetryPolicy: { MaximumEventAgeInSeconds: 120, MaximumRetryAttempts: 2 },
            },
          ],
        },
      },
      AliveRole: {
        Type: 'AWS::IAM::Role',
        Properties: {
          PermissionsBoundary: { 'Fn::If': ['HasBoundary', await resolveVariable('param:permissionsBoundary'), { Ref: 'AWS::NoValue' }] },
          // https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
          AssumeRolePolicyDocument: document({
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } }, ArnEquals: { 'aws:SourceArn': rule } },
          }),
          Policies: [
            {
              PolicyName: 'send-alive',
              PolicyDocument: document({ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }),
            },
          ],
        },
      },
    },
  };
};
