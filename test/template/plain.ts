import { describe, expect, test } from '@jest/globals';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { type PlainTemplate, plainTemplate } from '../../tools/deployment/plain-template.ts';
import { policyGrants } from '../../tools/deployment/policy-grants.ts';
import { publishVersions } from '../../tools/deployment/published-version.ts';
import { settled, truthOf } from '../../tools/deployment/template.ts';
import { mentionsIn } from './references.ts';
import { isObject, type Json, list, type Packaged, planted, type Resource, type Template } from './service.ts';

type Values = Readonly<Record<string, string>>;

/** A value other than the package's for each parameter. */
const others: Values = {
  Mode: 'dry-run',
  Switch: 'off',
  Email: 'you@example.com',
  AlertEmail: 'alerts@example.com',
  Approver: 'one@example.com',
  Approver2: 'two@example.com',
  LogRetentionDays: '7',
  IntakeConcurrency: '7',
  RemediateConcurrency: 'none',
  WatchConcurrency: '7',
  ApproveConcurrency: '7',
  ChatConcurrency: '7',
  BeatConcurrency: '7',
  ProbeConcurrency: '7',
  WidgetConcurrency: 'none',
  EarlyWarningConcurrency: '7',
};

const noValue = (value: unknown): boolean => isObject(value) && value.Ref === 'AWS::NoValue';

/** Numbers as texts, as CloudFormation takes either, and nothing where a property has no value. */
const comparable = (value: unknown): unknown => {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.filter((item) => !noValue(item)).map(comparable);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (noValue(item) ? [] : [[key, comparable(item)]])));
};

/** What CloudFormation makes of it with such values of its parameters: what its conditions choose, and nothing that they leave out. */
const stackOf = (template: Pick<Template, 'Conditions' | 'Resources' | 'Outputs'>): Pick<Template, 'Resources' | 'Outputs'> => {
  const { Conditions, Resources, Outputs } = template;
  const made = <T extends { Condition?: unknown }>(parts: Record<string, T>) =>
    Object.fromEntries(
      Object.entries(parts).flatMap(([id, { Condition, ...part }]) =>
        Condition === undefined || truthOf(Conditions, String(Condition)) ? [[id, part]] : [],
      ),
    );
  const all = { Resources: made(Resources), Outputs: made(Outputs) };
  return comparable(settled(Conditions, all)) as Pick<Template, 'Resources' | 'Outputs'>;
};

const filled = (value: unknown, values: Json): unknown => {
  if (Array.isArray(value)) return value.map((item) => filled(item, values));
  if (!isObject(value)) return value;
  if (typeof value.Ref === 'string' && Object.hasOwn(values, value.Ref)) return String(values[value.Ref]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, values)]));
};

type Stack = ReturnType<typeof stackOf>;

const deployed = (template: PlainTemplate, values: Values = {}): Stack => {
  const defaults = Object.fromEntries(Object.entries(template.Parameters).map(([name, { Default }]) => [name, Default]));
  const { Conditions, Resources, Outputs } = template;
  return stackOf(filled({ Conditions, Resources, Outputs }, { ...defaults, ...values }) as Template);
};

/** The resources that differ between two stacks. */
const differing = (one: Stack, other: Stack): string[] =>
  [...new Set([one, other].flatMap(({ Resources }) => Object.keys(Resources)))].filter(
    (id) => JSON.stringify(one.Resources[id]) !== JSON.stringify(other.Resources[id]),
  );

const versionIn = ({ Resources }: Pick<Template, 'Resources'>) =>
  Object.entries(Resources).find(([, { Type }]) => Type === 'AWS::Lambda::Version') ?? ['', undefined];

/** What of a function is in a version of it. */
const configurationOf = ({ Resources }: Stack): string => {
  const { ReservedConcurrentExecutions, ...own } = Resources.RemediateLambdaFunction?.Properties ?? {};
  return JSON.stringify(own);
};

const frameworks = /serverless|\bsls\b|\$\{(?:self|sls|param|file|opt|env|ssm|cf)\b/i;

/** The template that `npm run package` leaves for the AWS CLI, Terraform and the CDK, held against the one of the framework. */
export const plain = (packaged: () => Packaged): void => {
  const template = () => packaged().plain;

  /** The same of a package that has all functions. */
  const everything = () => {
    const { Conditions } = packaged().template;
    const on = { 'Fn::Equals': ['on', 'on'] };
    return plainTemplate({
      ...packaged().template,
      Conditions: { ...Conditions, WarnsEarly: on, ProbesUrls: on, HasSlack: on, ChatDecides: on },
    } as never);
  };

  describe('its plain template', () => {
    test('makes the same stack as the framework where its parameters are as packaged', () => {
      const ours = structuredClone(packaged().template) as Template;
      for (const id of ['ServerlessDeploymentBucket', 'ServerlessDeploymentBucketPolicy']) {
        expect(ours.Resources[id]).toBeDefined();
        delete ours.Resources[id];
      }
      delete ours.Outputs.ServerlessDeploymentBucketName;
      for (const output of Object.values(ours.Outputs)) delete output.Export;
      for (const { Type, Properties } of Object.values(ours.Resources))
        if (Type === 'AWS::Lambda::Function') Properties.Code = String((Properties.Code as { S3Key: string }).S3Key).replace(/.*\//, '');
      const stack = deployed(template());
      // A version's id follows from what parameters leave open as well, and its description from what they say.
      const [[theirs, mine], [own, version]] = [versionIn(ours), versionIn(stack)];
      const renamed = JSON.parse(JSON.stringify(stackOf(ours)).replaceAll(`"${theirs}"`, `"${own}"`)) as Stack;
      Object.assign(renamed.Resources[own]?.Properties ?? {}, { Description: version?.Properties.Description });
      expect(mine?.Properties.CodeSha256).toBe(version?.Properties.CodeSha256);
      expect(stack).toEqual(renamed);
    });

    test('has nothing of the framework in it', () => {
      expect(JSON.stringify(template())).not.toMatch(frameworks);
      expect(JSON.stringify(packaged().template)).toMatch(frameworks);
    });

    test('names archives that are beside it, with the code that the version is published for', () => {
      const codeOf = ({ Resources }: PlainTemplate) =>
        Object.values(Resources).flatMap(({ Type, Properties }) => (Type === 'AWS::Lambda::Function' ? [String(Properties?.Code)] : []));
      const archives = Object.keys(packaged().archives).sort();
      expect(codeOf(everything()).sort()).toEqual(archives);
      expect(codeOf(template()).sort()).toEqual(archives.filter((name) => !['chat.zip', 'probe.zip', 'earlyWarning.zip'].includes(name)));
      const [, version] = versionIn(deployed(template()));
      expect(version?.Properties.CodeSha256).toBe(packaged().archives['remediate.zip']);
    });

    test("has nothing that this package can never deploy, and leads nowhere that isn't there", () => {
      const { Conditions = {}, Parameters, Resources, Outputs } = template();
      expect(Object.keys(Conditions).filter((name) => truthOf(Conditions, name) !== undefined)).toEqual([]);
      const missing = (part: unknown) =>
        mentionsIn(part)
          .flatMap(({ id, under }) => [id, ...under])
          .filter((id) => !id.startsWith('AWS::') && ![Parameters, Conditions, Resources].some((known) => Object.hasOwn(known, id)));
      expect([Conditions, Outputs, ...Object.values(Resources).map(({ Properties }) => Properties)].flatMap(missing)).toEqual([]);
      const before = Object.values(Resources as Template['Resources']).flatMap(({ DependsOn }) => list(DependsOn));
      expect(before.filter((id) => !Object.hasOwn(Resources, id))).toEqual([]);
      const conditions = [...Object.values(Resources), ...Object.values(Outputs)].flatMap(({ Condition }) => Condition ?? []);
      expect(conditions.filter((name) => !Object.hasOwn(Conditions, name))).toEqual([]);
      expect(Conditions).not.toHaveProperty('ReservesProbe');
      expect(everything().Conditions).toHaveProperty('ReservesProbe');
    });

    test('is small enough for CloudFormation, and says what each parameter is', () => {
      // From a bucket. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
      expect(JSON.stringify(template(), null, 4).length).toBeLessThan(1_000_000);
      for (const { Default, Description, AllowedValues, AllowedPattern } of Object.values(template().Parameters)) {
        expect(Description.length).toBeGreaterThan(20);
        if (AllowedValues) expect(AllowedValues).toContain(Default);
        else expect(String(Default)).toMatch(new RegExp(AllowedPattern ?? '$^'));
      }
      const { Email, IntakeConcurrency } = template().Parameters;
      expect('nobody at all').not.toMatch(new RegExp(Email?.AllowedPattern ?? ''));
      expect('0').not.toMatch(new RegExp(IntakeConcurrency?.AllowedPattern ?? ''));
    });

    test('has a parameter for mail, approvers, mode, switch, concurrency and retention, each of which reaches what it is for', () => {
      expect(Object.keys(template().Parameters).sort()).toEqual(Object.keys(others).sort());
      const before = deployed(everything());
      const reached = Object.fromEntries(
        Object.entries(others).map(([name, value]) => {
          const after = deployed(everything(), { [name]: value });
          const version = versionIn(after)[0];
          return [
            name,
            differing(before, after)
              .map((id) => (id === version ? 'version' : id))
              .sort(),
          ];
        }),
      );
      expect(reached).toEqual({
        Mode: ['RemediateLambdaFunction', 'version'],
        Switch: ['KillSwitch'],
        Email: ['OperationsMail', 'OutcomeMail'],
        AlertEmail: ['OperationsMail'],
        Approver: ['ApprovalMail'],
        Approver2: ['RemediateLambdaFunction', 'SecondApprovalMail', 'SecondApprovalTopic', 'SecondApprovalTopicPolicy', 'version'],
        LogRetentionDays: Object.keys(before.Resources)
          .filter((id) => id.endsWith('LogGroup'))
          .sort(),
        IntakeConcurrency: ['IntakeLambdaFunction'],
        RemediateConcurrency: ['RemediateLambdaFunction'],
        WatchConcurrency: ['WatchLambdaFunction'],
        ApproveConcurrency: ['ApproveLambdaFunction'],
        ChatConcurrency: ['ChatLambdaFunction'],
        BeatConcurrency: ['BeatLambdaFunction'],
        ProbeConcurrency: ['ProbeLambdaFunction'],
        WidgetConcurrency: ['DashboardWidgetLambdaFunction'],
        EarlyWarningConcurrency: ['EarlyWarningLambdaFunction'],
      });
      const { Resources } = deployed(template(), others);
      expect(Resources.OutcomeMail?.Properties.Endpoint).toBe('you@example.com');
      expect(Resources.OperationsMail?.Properties.Endpoint).toBe('alerts@example.com');
      expect(Resources.RemediateLambdaFunction?.Properties).not.toHaveProperty('ReservedConcurrentExecutions');
      expect(Resources.IntakeLambdaFunction?.Properties.ReservedConcurrentExecutions).toBe('7');
      // As the framework's parameters have it: alarms on selfheal go where outcomes go, unless said otherwise.
      const { Resources: mailed } = deployed(template(), { Email: 'you@example.com' });
      expect(mailed.OperationsMail?.Properties.Endpoint).toBe('you@example.com');
    });

    test('asks for two people where the policy does', () => {
      expect(template().Rules).toBeUndefined();
      const promoting = planted(packaged().template, (resources) =>
        Object.assign(resources, policyGrants(parsePolicy('{"databases": {"promote": "on"}}'))),
      );
      const { Rules = {}, Parameters } = plainTemplate(promoting as never);
      const refused = (values: Values) =>
        Object.values(Rules)
          .flatMap(({ Assertions }) => Assertions)
          .filter(({ Assert }) => truthOf(filled({ Assert }, values) as Json, 'Assert') !== true)
          .map(({ AssertDescription }) => AssertDescription);
      expect(Object.keys(Parameters)).toEqual(Object.keys(template().Parameters));
      expect(refused({ Approver: 'one@example.com', Approver2: 'two@example.com' })).toEqual([]);
      expect(refused({ Approver: 'one@example.com', Approver2: 'one@example.com' })).toEqual([expect.stringContaining('are the same')]);
      expect(refused({ Approver: 'one@example.com', Approver2: '' })).toEqual([expect.stringContaining('needs Approver and Approver2')]);
    });

    test('is not written where a parameter would do nothing', () => {
      const without = planted(packaged().template, (resources) => delete resources.OutcomeMail);
      expect(() => plainTemplate(without as never)).toThrow('the template has no Resources.OutcomeMail.Properties.Endpoint');
    });
  });

  describe('the version that incidents start on', () => {
    test.each(Object.entries(others))('is another one for a parameter %s if and only if the function is', (name, value) => {
      const [before, after] = [deployed(template()), deployed(template(), { [name]: value })];
      const description = (stack: Stack) => JSON.stringify(versionIn(stack)[1]?.Properties.Description);
      expect(description(before) !== description(after)).toBe(configurationOf(before) !== configurationOf(after));
      expect(versionIn(after)[1]).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    });

    test('has an id that follows from what the package chooses, and from nothing else', () => {
      const idWith = (change: (template: Template) => void): string => {
        const copy = structuredClone(packaged().template);
        change(copy);
        return versionIn(publishVersions(copy as never))[0];
      };
      const variables = ({ Resources }: Template) =>
        ((Resources.RemediateLambdaFunction as Resource).Properties.Environment as { Variables: Json }).Variables;
      const same = idWith(() => {});
      const chat = (on: string) => idWith(({ Conditions }) => Object.assign(Conditions, { HasChat: { 'Fn::Equals': [on, 'on'] } }));
      expect(chat('on')).not.toBe(same);
      expect(idWith((copy) => Object.assign(variables(copy), { SELFHEAL_MODE: 'dry-run' }))).not.toBe(same);
      expect(chat('off')).toBe(same);
      expect(idWith(({ Conditions }) => Object.assign(Conditions, { MailsOutcomes: { 'Fn::Equals': ['a', 'a'] } }))).toBe(same);
      expect(idWith(({ Resources }) => delete Resources.RemediateLambdaFunction?.Properties.ReservedConcurrentExecutions)).toBe(same);
      expect(versionIn(packaged().template)[0]).toBe(same);
      // As packaged with another mode: the parameter decides, so that an update with its value as before changes nothing.
      const plainWith = (mode: string) => {
        const copy = structuredClone(packaged().template);
        variables(copy).SELFHEAL_MODE = mode;
        return versionIn(plainTemplate(copy as never) as never)[0];
      };
      expect(plainWith('dry-run')).toBe(plainWith('enforce'));
    });
  });
};
