'use strict';

/**
 * The rights on databases that the policy names, and no others: what isn't named can't be done even by a defect of ours. With the condition
 * that the opt-in guard checks. A file of code, since what the policy names is known when the service is packaged.
 */
module.exports = async ({ resolveVariable }) => {
  const text = await resolveVariable('param:policy');
  const { databases = {} } = typeof text === 'string' && text.trim() !== '' ? JSON.parse(text) : {};
  if (databases.reboot !== 'on') return {};
  const [key, value] = [await resolveVariable('param:optInTag'), await resolveVariable('param:optInValue')];
  return {
    Resources: {
      ActOnDatabases: {
        Type: 'AWS::IAM::RolePolicy',
        Properties: {
          PolicyName: 'act-on-databases',
          RoleName: { Ref: 'RemediateRole' },
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'rds:RebootDBInstance',
                // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
                Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*' },
                Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
              },
            ],
          },
        },
      },
    },
  };
};
