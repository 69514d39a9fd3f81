import { type ContextEntry, type EvaluationResult, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { broken, brokenOr, type Check, type Finding, unknown } from '../check.ts';
import type { Subject } from '../subject.ts';

type Question = { role: 'intake' | 'remediate'; actions: string[]; resource: string; context?: ContextEntry[] };

/** What an incident can't do without, and one action on a host with the opt-in tag. */
const questions = ({ arn, names, functionArn, topicArn, optIn: { key, value } }: Subject): Question[] => [
  { role: 'intake', actions: ['lambda:InvokeFunction'], resource: `${functionArn('remediate')}:durable` },
  {
    role: 'remediate',
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    resource: arn('dynamodb', `table/${names.ledger}`),
  },
  { role: 'remediate', actions: ['ssm:GetParameter'], resource: arn('ssm', `parameter${names.killSwitch}`) },
  { role: 'remediate', actions: ['sns:Publish'], resource: topicArn('outcomes') },
  { role: 'remediate', actions: ['ec2:DescribeInstances', 'cloudwatch:DescribeAlarms'], resource: '*' },
  {
    role: 'remediate',
    actions: ['ec2:RebootInstances'],
    resource: arn('ec2', 'instance/i-00000000000000000'),
    context: ['aws', 'ec2'].map((service) => ({
      ContextKeyName: `${service}:ResourceTag/${key}`,
      ContextKeyType: 'string',
      ContextKeyValues: [value],
    })),
  },
];

/** Why IAM would refuse a call; null where it wouldn't. */
const refusal = (result: EvaluationResult): string | null => {
  if (result.EvalDecision === 'allowed') return null;
  if (result.OrganizationsDecisionDetail?.AllowedByOrganizations === false) return 'a policy of the organization';
  if (result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false) return "the role's boundary";
  return result.EvalDecision === 'explicitDeny' ? 'a statement that denies it' : 'no statement that allows it';
};

/** What the simulation says of a role. */
export const judge = (role: string, results: readonly EvaluationResult[], repair: string): Finding[] =>
  results.flatMap((result) => {
    const why = refusal(result);
    return why === null ? [] : [broken(`${role} may not ${result.EvalActionName}: ${why}`, repair)];
  });

export const permissions: Check = {
  id: 'permissions',
  reads: 'what IAM says that the roles of intake and remediate may do, by simulation',
  permissions: ['iam:SimulatePrincipalPolicy', 'lambda:GetFunctionConfiguration'],
  look: async (subject) => {
    const { lambda, iam, nameOf, redeploy, stage } = subject;
    const roleOf = async (part: string) =>
      (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: nameOf(part) }))).Role ?? '';
    const roles = { intake: await roleOf('intake'), remediate: await roleOf('remediate') };
    if (stage === 'local') return [unknown('not checked: the embedded AWS has no IAM')];
    const found: Finding[] = [];
    let asked = 0;
    for (const { role, actions, resource, context } of questions(subject)) {
      const { EvaluationResults = [] } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roles[role],
          ActionNames: actions,
          ResourceArns: [resource],
          ...(context ? { ContextEntries: context } : {}),
        }),
      );
      asked += actions.length;
      found.push(...judge(role, EvaluationResults, redeploy));
    }
    return brokenOr(found, `${asked} calls that an incident needs, all allowed`);
  },
};
