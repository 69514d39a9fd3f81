import type { Policy } from '../../shared/model/policy.ts';

/** A resource that is granted: an ARN, or one that the deployment completes. */
export type Granted = string | { 'Fn::Sub': string };
type Statement = { Effect: 'Allow'; Action: string; Resource: Granted | Granted[]; Condition: object };
type RolePolicy = {
  Type: 'AWS::IAM::RolePolicy';
  Properties: { PolicyName: string; RoleName: { Ref: string }; PolicyDocument: { Version: string; Statement: Statement[] } };
};

const forRemediation = (name: string, statement: Omit<Statement, 'Effect'>): RolePolicy => ({
  Type: 'AWS::IAM::RolePolicy',
  Properties: {
    PolicyName: name,
    RoleName: { Ref: 'RemediateRole' },
    PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] },
  },
});

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

/** With the condition that the opt-in guard checks. Packaging stops if the policy's tag is another than that of the other statements. */
const actOnDatabases = ({ key, value }: Policy['optIn']): RolePolicy =>
  forRemediation('act-on-databases', {
    Action: 'rds:RebootDBInstance',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*' },
    Condition: { StringEquals: { [`aws:ResourceTag/${key}`]: value } },
  });

/**
 * What the package's roles may do only because the policy says so, by the names of the template's resources. What isn't named can't be done
 * even by a defect of ours.
 */
export const policyGrants = ({ kmsKeys, databases, optIn }: Policy): Record<string, RolePolicy> => ({
  ...(kmsKeys.length > 0 ? { StartWithKeys: startWithKeys(kmsKeys) } : {}),
  ...(databases.reboot === 'on' ? { ActOnDatabases: actOnDatabases(optIn) } : {}),
});
