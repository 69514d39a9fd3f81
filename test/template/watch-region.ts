import { createRequire } from 'node:module';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { linesOf } from '../docs/extract.ts';
import { grantProblems } from './iam.ts';
import { mentionsIn } from './references.ts';
import { type Packaged, type Resource, statementsOf, type Template } from './service.ts';
import { schemaProblems } from './specification.ts';
import { blocks, read, refusedBy } from './terraform.ts';

const signOfLife = createRequire(import.meta.url)('../../infrastructure/sign-of-life.cjs') as (framework: {
  resolveVariable(name: string): Promise<string>;
}) => Promise<object>;

type Stack = Template & { Parameters: Record<string, { AllowedPattern: string; Default?: string }> };

/** What leads signs of life to another region, held against the template of the stack there. */
export const watchRegion = (packaged: () => Packaged): void => {
  const there = parse(read('infrastructure/watch.yml')) as Stack;

  describe('a sign of life', () => {
    test('is nothing of a stack that is not watched from another region', () => {
      const { Resources } = packaged().template;
      expect(Object.keys(Resources).filter((id) => id.startsWith('Alive'))).toEqual([]);
      const { Environment } = (Resources.WatchLambdaFunction as Resource).Properties as {
        Environment: { Variables: Record<string, unknown> };
      };
      expect(Environment.Variables.WATCH_REGION).toBe('');
    });

    test('leads to the other region as the stack there expects it, by a role that the rule alone can take and that can do nothing else', async () => {
      const { resources } = await packaged().hub();
      const { AliveRule, AliveRole } = resources.Resources as Record<string, Resource>;
      const bus = { 'Fn::Sub': `arn:$\{AWS::Partition}:events:eu-west-1:$\{AWS::AccountId}:event-bus/default` };
      expect(AliveRule?.Properties.Targets).toMatchObject([{ Arn: bus, RoleArn: { 'Fn::GetAtt': ['AliveRole', 'Arn'] } }]);
      expect(statementsOf(AliveRole as Resource)).toEqual([{ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }]);
      const rule = `arn:$\{AWS::Partition}:events:$\{AWS::Region}:$\{AWS::AccountId}:rule/${AliveRule?.Properties.Name}`;
      expect(AliveRole?.Properties.AssumeRolePolicyDocument).toMatchObject({
        Statement: [
          {
            Principal: { Service: 'events.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
              ArnEquals: { 'aws:SourceArn': { 'Fn::Sub': rule } },
            },
          },
        ],
      });
      const bounded = packaged().template.Resources.WatchRole?.Properties.PermissionsBoundary;
      expect(AliveRole?.Properties.PermissionsBoundary).toEqual(bounded);
      const { source, 'detail-type': kind } = (there.Resources.AliveRule as Resource).Properties.EventPattern as Record<string, unknown>;
      expect(AliveRule?.Properties.EventPattern).toEqual({ source, 'detail-type': kind, detail: { deployment: ['selfheal-prod'] } });
      const all = { ...packaged().template, Resources: { ...packaged().template.Resources, AliveRule, AliveRole } } as Template;
      expect(schemaProblems(loadAwsServiceSpecSync(), all)).toEqual([]);
    });

    test.each([
      ['europe', 'watchRegion must be a region'],
      ['us-east-1', 'watchRegion must be another region'],
    ])('does not lead to %s', async (region, problem) => {
      const known: Record<string, string> = { 'param:watchRegion': region, 'self:provider.region': 'us-east-1' };
      await expect(signOfLife({ resolveVariable: async (name) => known[name] ?? 'prod' })).rejects.toThrow(problem);
    });
  });

  describe('the stack in the other region', () => {
    test('holds by the specification and by the service authorization reference, and names nothing that is not there', async () => {
      expect(schemaProblems(loadAwsServiceSpecSync(), there)).toEqual([]);
      expect(await grantProblems(there)).toEqual([]);
      const known = (id: string) => id.startsWith('AWS::') || Object.hasOwn(there.Parameters, id) || Object.hasOwn(there.Resources, id);
      const mentioned = mentionsIn([there.Outputs, ...Object.values(there.Resources).map(({ Properties }) => Properties)]);
      expect(mentioned.filter(({ id }) => !known(id))).toEqual([]);
    });

    test('is told by nobody but its alarm, whose silence is as bad as no sign', () => {
      const { SilenceAlarm, SilenceTopicPolicy } = there.Resources;
      expect(SilenceAlarm?.Properties).toMatchObject({ TreatMissingData: 'breaching', AlarmActions: [{ Ref: 'SilenceTopic' }] });
      const { AlarmName } = (SilenceAlarm as Resource).Properties as { AlarmName: { 'Fn::Sub': string } };
      const [allowed] = ((SilenceTopicPolicy as Resource).Properties.PolicyDocument as { Statement: object[] }).Statement;
      expect(allowed).toMatchObject({ Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' });
      expect(JSON.stringify(allowed)).toContain(`:alarm:${AlarmName['Fn::Sub']}"`);
    });

    test('is shown with all parameters that it needs, and values that can be used', () => {
      const [line = '', ...more] = blocks('docs/hub.md', 'sh')
        .flatMap(linesOf)
        .filter((text) => text.includes('infrastructure/watch.yml'));
      expect(more).toEqual([]);
      const [, given = ''] = /--parameter-overrides ((?: ?[A-Z]\w+=\S+)+)/.exec(line) ?? [];
      const values = Object.fromEntries(given.split(' ').map((pair) => pair.split('=') as [string, string]));
      expect(Object.keys(values).sort()).toEqual(
        Object.keys(there.Parameters)
          .filter((name) => !there.Parameters[name]?.Default)
          .sort(),
      );
      expect(refusedBy(there.Parameters, values)).toEqual([]);
    });
  });
};
