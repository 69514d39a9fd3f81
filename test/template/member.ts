import { createRequire } from 'node:module';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { memberFile } from '../../tools/deployment/member-file.ts';
import { type MemberTemplate, memberTemplate } from '../../tools/deployment/member-template.ts';
import { policyGrants } from '../../tools/deployment/policy-grants.ts';
import { linesOf } from '../docs/extract.ts';
import { testWhole } from '../runner/whole.ts';
import { grantProblems } from './iam.ts';
import { mentionsIn } from './references.ts';
import { list, type Packaged, planted, printed, type Resource, referred, resourcesOf, statementsOf, type Template } from './service.ts';
import { schemaProblems } from './specification.ts';
import { blocks, byTerraform, createModule, givenIn, read, refusedBy, root, snake } from './terraform.ts';

const makeHub = createRequire(import.meta.url)('../../infrastructure/hub.cjs') as (framework: {
  resolveVariable(name: string): Promise<string>;
}) => Promise<object>;

const manyTopics = (count: number) => Array.from({ length: count }, (_, i) => `${String(400000000000 + i)}:ap-southeast-1`).join();

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
    test('is nothing of a stack that is none', () => {
      expect(JSON.stringify(hub())).not.toMatch(/hub/i);
    });

    test('takes events of its organisation alone, leads them to intake, and is what the templates of members name', async () => {
      const { Resources, Outputs } = (await packaged().hub()).resources;
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

    testWhole('is not deployed for an organisation that is not named', async () => {
      await expect(printed(packaged().folder, '--stage', 'prod', '--param', 'hub=on')).rejects.toThrow(
        'organization must be the id of an organisation',
      );
    });

    test.each([
      [{ hub: 'yes' }, 'hub must be on or off'],
      [{ hub: 'on', organization: '' }, 'organization must be the id of an organisation'],
      [{ hub: 'on', organization: '*' }, 'organization must be the id of an organisation'],
      [{ hub: 'on', organization: 'o-a1b2c3d4e5', externalId: 'a b' }, 'externalId must have'],
      [{ hub: 'on', organization: 'o-a1b2c3d4e5', memberTopics: '*:us-east-1' }, 'memberTopics must have accounts and regions'],
      [{ hub: 'on', organization: 'o-a1b2c3d4e5', memberTopics: '444455556666' }, 'memberTopics must have accounts and regions'],
      [{ hub: 'on', organization: 'o-a1b2c3d4e5', memberTopics: '444455556666:eu-west-1,shop' }, 'not shop'],
      [{ hub: 'on', organization: 'o-a1b2c3d4e5', memberTopics: manyTopics(26) }, 'memberTopics may name 25 topics at most'],
      [{ hub: 'off', memberTopics: '444455556666:eu-west-1' }, 'memberTopics is for a hub'],
    ])('is made of no such parameters as %j', async (params: Record<string, string>, problem) => {
      await expect(makeHub({ resolveVariable: async (name) => params[name.replace('param:', '')] ?? '' })).rejects.toThrow(problem);
    });
  });

  describe('a hub that listens to topics of members', () => {
    const made = async (memberTopics: string, region = 'us-east-1') => {
      const values: Record<string, string> = {
        'param:hub': 'on',
        'param:organization': 'o-a1b2c3d4e5',
        'param:memberTopics': memberTopics,
        'self:custom.names.memberAlarms': 'selfheal-prod-member-alarms',
        'self:provider.region': region,
      };
      const { Resources } = (await makeHub({ resolveVariable: async (name) => values[name] ?? '' })) as Template;
      return Object.fromEntries(Object.entries(Resources).filter(([id]) => id.startsWith('HubTopic')));
    };

    test('lets each of them invoke intake, by its ARN, and no other, and subscribes intake to it in its region', async () => {
      const resources = await made(' 444455556666:eu-west-1,444455556666:us-east-1 , 444455556666:us-east-1');
      const intake = { 'Fn::GetAtt': ['IntakeLambdaFunction', 'Arn'] };
      const expected = ['eu-west-1', 'us-east-1'].flatMap((region) => {
        const id = `HubTopic444455556666${region.replaceAll('-', '')}`;
        const topic = { 'Fn::Sub': `arn:$\{AWS::Partition}:sns:${region}:444455556666:selfheal-prod-member-alarms` };
        return [
          [
            `${id}MayInvokeIntake`,
            {
              Type: 'AWS::Lambda::Permission',
              Properties: { FunctionName: intake, Action: 'lambda:InvokeFunction', Principal: 'sns.amazonaws.com', SourceArn: topic },
            },
          ],
          [
            id,
            {
              Type: 'AWS::SNS::Subscription',
              DependsOn: `${id}MayInvokeIntake`,
              Properties: { TopicArn: topic, Region: region, Protocol: 'lambda', Endpoint: intake },
            },
          ],
        ];
      });
      expect(resources).toEqual(Object.fromEntries(expected));
      // That is the topic that the template of members makes, and the function that its policy lets the hub subscribe.
      expect(roleIn(template(), 'MemberTopic').Properties.TopicName).toBe('selfheal-prod-member-alarms');
      expect(hub().Resources.IntakeLambdaFunction?.Properties.FunctionName).toBe('selfheal-prod-intake');
      expect(schemaProblems(loadAwsServiceSpecSync(), { ...hub(), Resources: { ...hub().Resources, ...resources } } as never)).toEqual([]);
    });

    test.each([
      ['us-east-1', 'me-south-1', 'sns.me-south-1.amazonaws.com'],
      ['me-south-1', 'me-south-1', 'sns.amazonaws.com'],
      ['us-east-1', 'ap-northeast-3', 'sns.amazonaws.com'],
      ['us-east-1', 'eu-central-2', 'sns.eu-central-2.amazonaws.com'],
    ])('in %s lets a topic in %s in as the service that it is there', async (region, there, principal) => {
      const [permission] = Object.values(await made(`444455556666:${there}`, region));
      expect(permission?.Properties.Principal).toBe(principal);
    });

    test('tells intake of them, and of none where it listens to none', async () => {
      const makeMembers = createRequire(import.meta.url)('../../infrastructure/members.cjs') as typeof makeHub;
      const topicsOf = async (values: Record<string, string>) =>
        makeMembers({ resolveVariable: async (name) => values[name.replace('param:', '')] ?? '' });
      expect(await topicsOf({ hub: 'on', memberTopics: '444455556666:eu-west-1, 444455556666:us-east-1' })).toMatchObject({
        topics: '444455556666:eu-west-1,444455556666:us-east-1',
      });
      expect(await topicsOf({ hub: 'on' })).toMatchObject({ topics: 'none' });
      expect(await topicsOf({ hub: 'off' })).toMatchObject({ topics: '' });
      expect(roleIn(hub(), 'IntakeLambdaFunction').Properties.Environment).toMatchObject({ Variables: { MEMBER_TOPICS: '' } });
    });

    test('has room for all of them in the policy of intake', async () => {
      const names = { 'AWS::Partition': 'aws-us-gov', 'AWS::Region': 'ap-southeast-1', 'AWS::AccountId': '111122223333' };
      const all = { ...hub().Resources, ...(await made(manyTopics(25))) };
      const statements = Object.entries(all).flatMap(([id, { Type, Properties }]) => {
        if (Type !== 'AWS::Lambda::Permission' || referred(Properties.FunctionName) !== 'IntakeLambdaFunction') return [];
        const rule = referred(Properties.SourceArn);
        const source =
          rule === undefined
            ? JSON.stringify(Properties.SourceArn).replace(
                /\$\{([\w:]+)\}/g,
                (_, name: string) => names[name as keyof typeof names] ?? name,
              )
            : `arn:aws-us-gov:events:ap-southeast-1:111122223333:rule/${String(all[rule]?.Properties.Name ?? rule)}`;
        return {
          // CloudFormation names it after the stack, the resource and something of its own.
          ...{ Sid: `selfheal-prod-${id}-abcdefghijkl`, Effect: 'Allow', Principal: { Service: Properties.Principal } },
          ...{
            Action: 'lambda:InvokeFunction',
            Resource: 'arn:aws-us-gov:lambda:ap-southeast-1:111122223333:function:selfheal-prod-intake',
          },
          Condition: { ArnLike: { 'AWS:SourceArn': source } },
        };
      });
      expect(statements.length).toBeGreaterThanOrEqual(40);
      // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
      expect(JSON.stringify(statements).length).toBeLessThan(20_480 * 0.95);
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

    const forAnotherPolicy = () => {
      const given = policyGrants(
        parsePolicy(
          '{"lambda":{"rollback":{}},"drain":{},"channels":{"opsCenter":"on"},"databases":{"promote":"on"},"classification":{"alarmTags":"on"}}',
        ),
      );
      return memberTemplate(
        planted(hub(), (resources) => Object.assign(resources, given)) as never,
        'selfheal-prod',
      ) as unknown as Template;
    };

    test('is committed as it is made for the policy that selfheal comes with: npm run member writes it', () => {
      expect(read('infrastructure/member.yml')).toBe(memberFile(template() as unknown as MemberTemplate));
    });

    test('says the same to CloudFormation, whose YAML takes more for booleans and dates', () => {
      const text = read('infrastructure/member.yml');
      expect(parse(text, { version: '1.1' })).toEqual(parse(text));
    });

    test('has a topic only where its parameter says so, which takes alarms as that of the hub does, and lets the hub subscribe intake', () => {
      const { Conditions, Outputs, Parameters } = template() as Template & { Parameters: Record<string, { Default?: string }> };
      expect(Conditions).toMatchObject({ HasAlarmTopic: { 'Fn::Equals': [{ Ref: 'AlarmTopic' }, 'on'] } });
      expect(Parameters.AlarmTopic?.Default).toBe('off');
      const parts = Object.entries(template().Resources).filter(([id]) => id.startsWith('MemberTopic'));
      expect(parts.map(([, { Condition }]) => Condition)).toEqual(['HasAlarmTopic', 'HasAlarmTopic', 'HasAlarmTopic']);
      expect(Outputs.AlarmTopicArn).toMatchObject({ Condition: 'HasAlarmTopic', Value: { Ref: 'MemberTopic' } });

      type Policy = { Statement: Record<string, unknown>[] };
      const bySid = ({ Statement }: Policy) => Object.fromEntries(Statement.map((one) => [one.Sid, one]));
      const policyOf = (which: Template, id: string, key: string) => bySid(roleIn(which, id).Properties[key] as Policy);
      const own = JSON.parse(JSON.stringify(policyOf(hub(), 'AlarmTopicPolicy', 'PolicyDocument')).replaceAll('AlarmTopic', 'MemberTopic'));
      const { IntakeOfTheHub, ...rest } = policyOf(template(), 'MemberTopicPolicy', 'PolicyDocument');
      expect(rest).toEqual(own);
      expect(IntakeOfTheHub).toEqual({
        Sid: 'IntakeOfTheHub',
        Effect: 'Allow',
        Principal: { AWS: { 'Fn::Sub': `arn:$\{AWS::Partition}:iam::$\{HubAccount}:root` } },
        Action: 'sns:Subscribe',
        Resource: { Ref: 'MemberTopic' },
        Condition: {
          StringEquals: {
            'aws:PrincipalOrgID': { Ref: 'Organization' },
            'sns:Protocol': 'lambda',
            'sns:Endpoint': { 'Fn::Sub': `arn:$\{AWS::Partition}:lambda:$\{HubRegion}:$\{HubAccount}:function:selfheal-prod-intake` },
          },
        },
      });
      expect(policyOf(template(), 'MemberTopicKey', 'KeyPolicy')).toEqual(policyOf(hub(), 'TopicKey', 'KeyPolicy'));
      expect(roleIn(template(), 'MemberTopicKey').Properties.EnableKeyRotation).toBe(true);
      expect(roleIn(template(), 'MemberTopic').Properties.KmsMasterKeyId).toEqual({ Ref: 'MemberTopicKey' });
    });

    test('differs for another policy in what the role may do, and in nothing else', () => {
      const rest = (given: Template) =>
        planted(given, (resources) => {
          for (const { Type, Properties } of Object.values(resources)) if (Type === 'AWS::IAM::Role') delete Properties.Policies;
        });
      const [committed, other] = [parse(read('infrastructure/member.yml')) as Template, forAnotherPolicy()];
      expect(other).not.toEqual(committed);
      expect(rest(other)).toEqual(rest(committed));
    });

    test('grants what the policy gives, but for what the hub tells and asks', () => {
      const made = forAnotherPolicy();
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

  describe('the ways to add accounts', () => {
    const parameters = () => (template() as unknown as MemberTemplate).Parameters;
    const needed = () => Object.entries(parameters()).flatMap(([name, { Default }]) => (Default === undefined ? [name] : []));
    const lines = blocks('docs/hub.md', 'sh').flatMap(linesOf);
    const committed = 'infrastructure/member.yml';

    test.each([
      ['a stack', 'deploy', `--template-file ${committed}`, /--parameter-overrides ((?: ?[A-Z]\w+=\S+)+)/, /([A-Z]\w+)=(\S+)/g],
      [
        ...(['a stack set', 'create-stack-set', `--template-body file://${committed}`] as const),
        /--parameters ((?: ?ParameterKey=\S+)+)/,
        /ParameterKey=(\w+),ParameterValue=(\S+)/g,
      ],
    ] as const)('by %s are shown with all parameters that it needs, and values that can be used', (_what, command, named, all, each) => {
      // A stack that there is keeps what isn't given.
      const changes = / --parameter-overrides AlarmTopic=on$/;
      const shown = lines.filter(
        (line) => line.startsWith(`aws cloudformation ${command} `) && line.includes(named) && !changes.test(line),
      );
      expect(shown.length).toBeGreaterThan(0);
      for (const line of shown) {
        expect(line).toContain(' --capabilities CAPABILITY_NAMED_IAM ');
        const values = Object.fromEntries(
          [...(all.exec(line)?.[1] ?? '').matchAll(each)].map(([, name = '', value = '']) => [name, value]),
        );
        expect(Object.keys(values).sort()).toEqual(needed().sort());
        expect(refusedBy(parameters(), values)).toEqual([]);
      }
    });

    describe('by the module for Terraform', () => {
      const module = createModule('infrastructure/terraform/member', 'member.tf');

      test('have a variable for each parameter, under its name, and hand each on', () => {
        const own = ['template', 'name', 'organizational_units', 'regions', 'call_as', 'tags'];
        const names = Object.keys(parameters());
        expect([...module.variables.keys()]).toEqual([...own, ...names.map(snake)]);
        expect(module.handed('parameters = {\n', '\n  }')).toEqual(names.map((name) => [name, `var.${snake(name)}`]));
        for (const [name, { Description, Default }] of Object.entries(parameters())) {
          const body = module.variables.get(snake(name));
          expect(body).toContain(`= ${JSON.stringify(Description)}\n`);
          expect(/^ {2}default += (.*)$/m.exec(body ?? '')?.[1]).toBe(Default === undefined ? undefined : JSON.stringify(Default));
        }
      });

      test('use variables, locals and outputs that there are', () => {
        expect(module.loose()).toEqual([]);
        const outputs = [...module.text.matchAll(/\boutputs\["(\w+)"\]/g)].map(([, name]) => name);
        expect(outputs).toEqual(Object.keys(template().Outputs));
      });

      test('allow the stack and the stack set named roles', () => {
        expect(module.text.match(/capabilities += \["CAPABILITY_NAMED_IAM"\]/g)).toHaveLength(2);
      });

      test('are shown for one account and for many, with values that can be used', () => {
        const shown = blocks('docs/hub.md', 'hcl').map((block) => [block, givenIn(block)] as const);
        expect(shown.map(([block]) => /^ {2}organizational_units += \["(?:ou|r)-/m.test(block))).toEqual([false, true]);
        for (const [block, { source, ...values }] of shown) {
          expect(source).toBe(`./selfheal/${module.folder}`);
          const given = [...block.matchAll(/^ {2}(\w+) += /gm)].map(([, name]) => name).filter((name) => name !== 'source');
          expect(given.filter((name) => !module.variables.has(name ?? ''))).toEqual([]);
          const ofTemplate = Object.fromEntries(needed().map((name) => [name, values[snake(name)] ?? '']));
          expect(refusedBy(parameters(), ofTemplate)).toEqual([]);
        }
      });

      byTerraform('are written as Terraform formats it', () => {
        expect(module.unformatted()).toBe('');
      });

      byTerraform('deploy the template as it is, to one account or to those of units', () => {
        const values = { hub_account: 'a', hub_region: 'b', hub_role: 'c', hub_watch_role: 'w', organization: 'd' };
        const given = { ...values, template: `${root}${committed}` };
        expect(module.evaluated(given, '[local.body, local.by_unit, local.parameters]')).toEqual([
          read(committed),
          false,
          {
            HubAccount: 'a',
            HubRegion: 'b',
            HubRole: 'c',
            HubWatchRole: 'w',
            Organization: 'd',
            ExternalId: '',
            PermissionsBoundary: '',
            AlarmTopic: 'off',
          },
        ]);
        expect(module.evaluated({ ...given, organizational_units: '["ou-a1b2-c3d4e5f6"]' }, 'local.by_unit')).toBe(true);
      });
    });
  });
};
