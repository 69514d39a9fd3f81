'use strict';

/**
 * Whoever starts an instance with a volume under a customer's own key needs the right to let EC2 use it; without that a start is accepted
 * and fails. The keys that the policy names are given, to the function that starts instances and to nobody else, and only for EC2's own use.
 * A file of code, since how many there are is known when the service is packaged.
 * https://repost.aws/knowledge-center/kms-iam-ec2-permission
 */
module.exports = async ({ resolveVariable }) => {
  const text = await resolveVariable('param:policy');
  const { kmsKeys = [] } = typeof text === 'string' && text.trim() !== '' ? JSON.parse(text) : {};
  if (kmsKeys.length === 0) return {};
  return {
    Resources: {
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
                Resource: kmsKeys,
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
    },
  };
};
