import type { Policy } from '../../shared/model/policy.ts';

type Statement = { Effect: 'Allow'; Action: string | string[]; Resource: string | string[]; Condition?: object };
type RolePolicy = {
  Type: 'AWS::IAM::RolePolicy';
  Properties: { PolicyName: string; RoleName: { Ref: string }; PolicyDocument: { Version: string; Statement: Statement[] } };
};

/**
 * What the package's roles may do only because the policy says so, by the names of the template's resources.
 *
 * Whoever starts an instance with a volume under a customer's own key needs the right to let EC2 use it; without that a start is accepted
 * and fails. The keys that the policy names are given, to the function that starts instances and to nobody else, and only for EC2's own use.
 * https://repost.aws/knowledge-center/kms-iam-ec2-permission
 */
export const policyGrants = ({ kmsKeys }: Pick<Policy, 'kmsKeys'>): Record<string, RolePolicy> => {
  if (kmsKeys.length === 0) return {};
  const Condition = {
    Bool: { 'kms:GrantIsForAWSResource': 'true' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    StringEquals: { 'kms:ViaService': { 'Fn::Sub': 'ec2.${AWS::Region}.amazonaws.com' } },
  };
  return {
    StartWithKeys: {
      Type: 'AWS::IAM::RolePolicy',
      Properties: {
        PolicyName: 'start-with-keys',
        RoleName: { Ref: 'RemediateRole' },
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'kms:CreateGrant', Resource: kmsKeys, Condition }],
        },
      },
    },
  };
};
