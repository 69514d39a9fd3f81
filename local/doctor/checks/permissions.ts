import { type ContextEntry, type EvaluationResult, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { broken, brokenOr, type Check, type Finding, unknown } from '../check.ts';
import type { Placed } from '../placed.ts';
import type { Subject } from '../subject.ts';

/** Whether a role may make calls to a resource. */
export type Question = { actions: string[]; resource: string; context?: ContextEntry[] };

type Asked = Question & { role: 'intake' | 'remediate' };

/** What an incident can't do without, and one action on a host with the opt-in tag. */
const questions = ({ arn, names, functionArn, topicArn, optIn: { key, value } }: Subject): Asked[] => [
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

/** Asks IAM whether a role may do what it must be able to: by simulation, so that nothing is done. */
export const lookAtRole = async (
  { iam, redeploy }: Pick<Placed, 'iam' | 'redeploy'>,
  { name, arn }: { name: string; arn: string },
  { actions, resource, context }: Question,
): Promise<Finding[]> => {
  const { EvaluationResults = [] } = await iam.send(
    new SimulatePrincipalPolicyCommand({
      PolicySourceArn: arn,
      ActionNames: actions,
      ResourceArns: [resource],
      ...(context ? { ContextEntries: context } : {}),
    }),
  );
  return judge(name, EvaluationResults, redeploy);
};

export const permissions: Check = {
  id: 'permissions',
  reads: 'what IAM says that the roles of intake and remediate may do, by simulation',
  permissions: ['iam:SimulatePrincipalPolicy', 'lambda:GetFunctionConfiguration'],
  look: async (subject) => {
    const { lambda, nameOf, stage } = subject;
    const roleOf = async (part: string) =>
      (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: nameOf(part) }))).Role ?? '';
    const roles = { intake: await roleOf('intake'), remediate: await roleOf('remediate') };
    if (stage === 'local') return [unknown('the stage local has no roles of its own')];
    const found: Finding[] = [];
    let asked = 0;
    for (const { role, ...question } of questions(subject)) {
      found.push(...(await lookAtRole(subject, { name: role, arn: roles[role] }, question)));
      asked += question.actions.length;
    }
    return brokenOr(found, `${asked} calls that an incident needs, all allowed`);
  },
};
