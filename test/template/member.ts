import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { memberTemplate } from '../../tools/deployment/member-template.ts';
import { policyGrants } from '../../tools/deployment/policy-grants.ts';
import { grantProblems } from './iam.ts';
import { mentionsIn } from './references.ts';
import { list, type Packaged, planted, type Resource, referred, resourcesOf, sls, statementsOf, type Template } from './service.ts';
import { schemaProblems } from './specification.ts';

const roleIn = ({ Resources }: Template, id: string) => Resources[id] as Resource;
const actionsOf = (statements: ReturnType<typeof statementsOf>) => statements.flatMap(({ Action }) => list(Action)).sort();

/** What only the hub's own function needs: its engine, its ledger, its log and its messages. */
const ofTheHub =
  /^(?:xray|logs|dynamodb|events|sns|secretsmanager):|^sqs:SendMessage$|^lambda:(?:CheckpointDurableExecution|GetDurableExecutionState|InvokeFunction|ListDurableExecutionsByFunction|ListVersionsByFunction|DeleteFunction)$/;

/** The template of a hub's members, held against the one of the hub. */
export const member = (packaged: () => Packaged): void => {
  const template = () => packaged().member;
  const hub = () => packaged().template;

  describe('a hub', () => {
    const printed = async (...args: string[]): Promise<Template> =>
      (parse(await sls(packaged().folder, 'print', '--stage', 'prod', ...args)) as { resources: Template }).resources;

    test('is nothing of a stack that is none', () => {
      expect(JSON.stringify(hub())).not.toMatch(/hub/i);
    });

    test('takes events of its organisation alone, leads them to intake, and is what the templates of members name', async () => {
      const { Resources, Outputs } = await printed('--param', 'hub=on', '--param', 'organization=o-a1b2c3d4e5');
      const made = Object.keys(Resources).filter((id) => id.startsWith('Hub'));
      const rights = ['HubMayTreatMembers', 'HubMayWatchMembers'];
      expect(made.sort()).toEqual(['HubBus', 'HubBusPolicy', ...rights, 'HubRule', 'HubRuleMayInvokeIntake']);
      const parts = Object.fromEntries(made.map((id) => [id, Resources[id] as Resource]));
      const { HubBus, HubBusPolicy, HubRule, HubRuleMayInvokeIntake } = parts;
      expect(HubBusPolicy?.Properties).toEqual({
        EventBusName: { Ref: 'HubBus' },
        StatementId: 'organisation',
        Statement: {
          Effect: 'Allow',
          Principal: '*',
          Action: 'events:PutEvents',
          Resource: { 'Fn::GetAtt': ['HubBus', 'Arn'] },
          Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
        },
      });
      const rules = resourcesOf(template(), 'AWS::Events::Rule');
      const sources = rules.flatMap(([, { Properties }]) => (Properties.EventPattern as { source: string[] }).source);
      expect(HubRule?.Properties).toMatchObject({ EventBusName: { Ref: 'HubBus' }, EventPattern: { source: [...new Set(sources)] } });
      const dead = { Arn: { 'Fn::GetAtt': ['EventDeadLetters', 'Arn'] } };
      const intake = { 'Fn::GetAtt': ['IntakeLambdaFunction', 'Arn'] };
      expect(HubRule?.Properties.Targets).toMatchObject([{ Arn: intake, DeadLetterConfig: dead }]);
      expect(HubRuleMayInvokeIntake?.Properties).toMatchObject({ FunctionName: intake, SourceArn: { 'Fn::GetAtt': ['HubRule', 'Arn'] } });
      expect(JSON.stringify(template())).toContain(`:event-bus/${HubBus?.Properties.Name}"`);
      expect(Outputs.HubRole?.Value).toEqual({ 'Fn::GetAtt': ['RemediateRole', 'Arn'] });
      expect(Outputs.HubWatchRole?.Value).toEqual({ 'Fn::GetAtt': ['WatchRole', 'Arn'] });
      const becomes = (id: string, role: string, name: string) => {
        expect(parts[id]?.Properties).toMatchObject({
          RoleName: { Ref: role },
          PolicyDocument: {
            Statement: [
              {
                Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'],
                Resource: { 'Fn::Sub': `arn:$\{AWS::Partition}:iam::*:role/${name}-*` },
                Condition: { StringEquals: { 'aws:ResourceOrgID': 'o-a1b2c3d4e5' } },
              },
            ],
          },
        });
      };
      becomes('HubMayTreatMembers', 'RemediateRole', 'selfheal-member-prod');
      becomes('HubMayWatchMembers', 'WatchRole', 'selfheal-member-watch-prod');
      const all = { ...hub(), Resources: { ...hub().Resources, ...parts } };
      expect(schemaProblems(loadAwsServiceSpecSync(), all)).toEqual([]);
    });

    test.each([
      [['hub=yes'], 'hub must be on or off'],
      [['hub=on'], 'organization must be the id of an organisation'],
      [['hub=on', 'organization=*'], 'organization must be the id of an organisation'],
      [['hub=on', 'organization=o-a1b2c3d4e5', 'externalId=a b'], 'externalId must have'],
    ])('is not deployed with %j', async (params, problem) => {
      await expect(printed(...params.flatMap((param) => ['--param', param]))).rejects.toThrow(problem);
    });
  });

  describe('its template for members', () => {
    test('lets through to the hub what its own rules let through to intake', () => {
      const own = resourcesOf(hub(), 'AWS::Events::Rule').filter(([, { Properties }]) =>
        list(Properties.Targets as { Arn: unknown }[]).some(({ Arn }) => referred(Arn) === 'IntakeLambdaFunction'),
      );
      const patterns = (rules: [string, Resource][]) => rules.map(([id, { Properties }]) => [id, Properties.EventPattern]);
      const rules = resourcesOf(template(), 'AWS::Events::Rule');
      expect(rules.length).toBeGreaterThan(10);
      expect(patterns(rules)).toEqual(patterns(own));
      const bus = { 'Fn::Sub': `arn:$\{AWS::Partition}:events:$\{HubRegion}:$\{HubAccount}:event-bus/selfheal-prod-hub` };
      for (const [, { Properties }] of rules) {
        expect(Properties.Targets).toMatchObject([
          { Arn: bus, RoleArn: { 'Fn::GetAtt': ['SendRole', 'Arn'] }, DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } } },
        ]);
      }
      expect(statementsOf(roleIn(template(), 'SendRole'))).toEqual([{ Effect: 'Allow', Action: 'events:PutEvents', Resource: bus }]);
    });

    test.each([
      ['RemediateRole', 'MemberRole', ['ssm:GetParameter']],
      ['WatchRole', 'MemberWatchRole', []],
    ])('has for %s a role with the statements by which that reaches its own resources, and with no others', (hubs, its, without) => {
      const own = statementsOf(roleIn(hub(), hubs));
      const statements = statementsOf(roleIn(template(), its));
      const [readSwitch] = statements.splice(-1);
      expect(readSwitch).toEqual({
        ...{ Effect: 'Allow', Action: 'ssm:GetParameter' },
        // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
        Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/selfheal/prod/switch' },
      });
      const given = statements;
      for (const statement of given) expect(own).toContainEqual(statement);
      const left = actionsOf(own.filter((one) => !given.some((other) => JSON.stringify(other) === JSON.stringify(one))));
      expect(left.filter((action) => !ofTheHub.test(action))).toEqual(without);
      expect(actionsOf(given).filter((action) => ofTheHub.test(action))).toEqual([]);
    });

    test('grants what the policy gives, but for what the hub tells and asks', () => {
      const given = policyGrants(
        parsePolicy(
          '{"lambda":{"rollback":{}},"drain":{},"channels":{"opsCenter":"on"},"databases":{"promote":"on"},"classification":{"alarmTags":"on"}}',
        ),
      );
      const made = memberTemplate(
        planted(hub(), (resources) => Object.assign(resources, given)) as never,
        'selfheal-prod',
      ) as unknown as Template;
      const names = (roleIn(made, 'MemberRole').Properties.Policies as { PolicyName: string }[]).map(({ PolicyName }) => PolicyName);
      expect(names.sort()).toEqual([
        'act-on-databases',
        'act-on-functions',
        'drain-instances',
        'read-alarm-tags',
        'read-switch',
        'remediate',
      ]);
    });

    test.each([
      ['MemberRole', 'HubRole', 'member'],
      ['MemberWatchRole', 'HubWatchRole', 'member-watch'],
    ])('lets nobody take %s but the role of the hub, from the organisation, with the external id', (id, hubs, name) => {
      const { AssumeRolePolicyDocument, RoleName } = roleIn(template(), id).Properties;
      const inOrganization = { 'aws:PrincipalOrgID': { Ref: 'Organization' } };
      const trusted = { Effect: 'Allow', Principal: { AWS: { Ref: hubs } } };
      const externalId = { 'Fn::If': ['HasExternalId', { Ref: 'ExternalId' }, { Ref: 'Organization' }] };
      expect(AssumeRolePolicyDocument).toEqual({
        Version: '2012-10-17',
        Statement: [
          {
            ...trusted,
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { ...inOrganization, 'sts:ExternalId': externalId } },
          },
          { ...trusted, Action: 'sts:SetSourceIdentity', Condition: { StringEquals: inOrganization } },
        ],
      });
      expect(RoleName).toEqual({ 'Fn::Sub': `selfheal-${name}-prod-$\{AWS::Region}` });
    });

    test('bounds each of its roles where a boundary is given', () => {
      const boundary = { 'Fn::If': ['HasBoundary', { Ref: 'PermissionsBoundary' }, { Ref: 'AWS::NoValue' }] };
      const roles = resourcesOf(template(), 'AWS::IAM::Role');
      expect(roles.map(([, { Properties }]) => Properties.PermissionsBoundary)).toEqual(roles.map(() => boundary));
    });

    test('has the kill switch that the hub has', () => {
      const { Description, ...own } = roleIn(hub(), 'KillSwitch').Properties;
      expect(roleIn(template(), 'KillSwitch').Properties).toMatchObject(own);
    });

    test('holds by the specification and by the service authorization reference, and names nothing that is not there', async () => {
      expect(schemaProblems(loadAwsServiceSpecSync(), template())).toEqual([]);
      expect(await grantProblems(template())).toEqual([]);
      const { Parameters, Resources, Outputs } = template() as Template & { Parameters: Record<string, unknown> };
      const known = (id: string) => id.startsWith('AWS::') || Object.hasOwn(Parameters, id) || Object.hasOwn(Resources, id);
      const mentioned = mentionsIn([Outputs, ...Object.values(Resources).map(({ Properties }) => Properties)]);
      expect(mentioned.filter(({ id }) => !known(id))).toEqual([]);
      // As text of a request. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
      expect(JSON.stringify(template(), null, 2).length).toBeLessThan(51_200);
    });
  });
};
