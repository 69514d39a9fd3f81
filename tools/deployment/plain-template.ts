import { basename } from 'node:path/posix';
import { modes } from '../../shared/model/policy.ts';
import { concurrencyParameters } from './concurrency.ts';
import { publishVersions } from './published-version.ts';
import { settled, type Template, truthOf } from './template.ts';

type Parameter = {
  Type: 'String' | 'Number';
  Default: string | number;
  Description: string;
  AllowedValues?: readonly (string | number)[];
  AllowedPattern?: string;
  ConstraintDescription?: string;
};
type Rule = { Assertions: { Assert: unknown; AssertDescription: string }[] };
export type PlainTemplate = Template & {
  AWSTemplateFormatVersion: string;
  Description: string;
  Metadata: { Deployment: string };
  Parameters: Record<string, Parameter>;
  Rules?: Record<string, Rule>;
  Outputs: NonNullable<Template['Outputs']>;
};

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentions = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const capital = (name: string): string => name.replace(/^./, (letter) => letter.toUpperCase());
const ref = (Ref: string) => ({ Ref });
const equals = (parameter: string, other: unknown) => ({ 'Fn::Equals': [ref(parameter), other] });
const given = (parameter: string) => ({ 'Fn::Not': [equals(parameter, '')] });

const address = (Description: string, Default: unknown): Parameter => ({
  Type: 'String',
  Default: String(Default),
  Description,
  AllowedPattern: '^$|^[^\\s@]+@[^\\s@]+$',
  ConstraintDescription: 'must be an address of mail, or empty for nobody',
});

/** What stands at a place of the packaged template. A place that isn't there any more stops the packaging: its parameter would do nothing. */
const at = (root: object, ...path: string[]): unknown => {
  const found = path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], root);
  if (found === undefined) throw new Error(`the template has no ${path.join('.')}`);
  return found;
};
const put = (root: object, path: readonly string[], value: unknown): void => {
  at(root, ...path);
  const parent = at(root, ...path.slice(0, -1)) as Record<string, unknown>;
  parent[path.at(-1) as string] = value;
};

/** Two people, where the policy wants both: as packaging asks for them (tools/check-policy.ts), whatever the parameters are by then. */
const twoPeople: Rule = {
  Assertions: [
    { Assert: { 'Fn::And': [given('Approver'), given('Approver2')] }, AssertDescription: 'databases.promote needs Approver and Approver2' },
    {
      Assert: { 'Fn::Not': [equals('Approver', ref('Approver2'))] },
      AssertDescription: 'databases.promote needs two people: Approver and Approver2 are the same',
    },
  ],
};

/**
 * The packaged template without the framework: each function's code is the name of its archive beside the template, which
 * `aws cloudformation package`, Terraform or the CDK uploads, and what may differ between deployments of one package is a parameter whose
 * default is what was packaged. Nothing is the framework's: neither its bucket nor the exports that it gives outputs. What the package
 * has decided is decided: a resource that it switches off isn't there.
 */
export const plainTemplate = (compiled: Template): PlainTemplate => {
  const { Conditions = {}, Resources, Outputs = {} } = structuredClone(compiled);
  const template = { Conditions, Resources, Outputs };
  const Parameters: Record<string, Parameter> = {};
  const lift = (name: string, path: readonly string[], describe: (was: unknown) => Parameter, value: unknown = ref(name)): void => {
    Parameters[name] ??= describe(at(template, ...path));
    put(template, path, value);
  };
  const endpoint = (id: string) => ['Resources', id, 'Properties', 'Endpoint'];

  lift('Mode', ['Resources', 'RemediateLambdaFunction', 'Properties', 'Environment', 'Variables', 'SELFHEAL_MODE'], (was) => ({
    Type: 'String',
    Default: String(was),
    Description: 'The upper limit on what selfheal does.',
    AllowedValues: modes,
  }));
  lift('Switch', ['Resources', 'KillSwitch', 'Properties', 'Value'], (was) => ({
    Type: 'String',
    Default: String(was),
    Description: 'Where the kill switch stands at first. An update turns it only if this changes.',
    AllowedValues: ['on', 'dry-run', 'off'],
  }));
  lift('Email', endpoint('OutcomeMail'), (was) => address('Who is mailed outcomes.', was));
  const email = Parameters.Email?.Default;
  lift(
    'AlertEmail',
    endpoint('OperationsMail'),
    (was) => address('Who is mailed alarms on selfheal itself. Empty: the same as Email.', was === email ? '' : was),
    { 'Fn::If': ['HasAlertEmail', ref('AlertEmail'), ref('Email')] },
  );
  lift('Approver', endpoint('ApprovalMail'), (was) => address('Who is mailed questions, and so can decide them.', was));
  lift('Approver2', endpoint('SecondApprovalMail'), (was) =>
    address('Who is mailed the second question where two people must agree; somebody else than Approver.', was),
  );
  const conditions = {
    MailsOutcomes: given('Email'),
    MailsApprovals: given('Approver'),
    AsksTwo: given('Approver2'),
    MailsOperations: { 'Fn::Or': [given('Email'), given('AlertEmail')] },
  };
  for (const [name, condition] of Object.entries(conditions)) put(template, ['Conditions', name], condition);
  Conditions.HasAlertEmail = given('AlertEmail');

  for (const [id, { Type }] of Object.entries(Resources))
    if (Type === 'AWS::Logs::LogGroup')
      lift('LogRetentionDays', ['Resources', id, 'Properties', 'RetentionInDays'], (was) => ({
        Type: 'Number',
        Default: Number(was),
        Description: 'How many days the logs are kept.',
        AllowedValues: retentions,
      }));

  for (const [name, parameter] of Object.entries(concurrencyParameters)) {
    const [key, reserves] = [capital(parameter), `Reserves${capital(name)}`];
    const properties = at(template, 'Resources', `${capital(name)}LambdaFunction`, 'Properties') as Record<string, unknown>;
    Parameters[key] = {
      Type: 'String',
      Default: String(properties.ReservedConcurrentExecutions ?? 'none'),
      Description: `How many of ${name} run at once at most. none: only the account limits them.`,
      AllowedPattern: '^(none|[1-9][0-9]*)$',
      ConstraintDescription: 'must be a whole number from 1, or none',
    };
    Conditions[reserves] = { 'Fn::Not': [equals(key, 'none')] };
    properties.ReservedConcurrentExecutions = { 'Fn::If': [reserves, ref(key), ref('AWS::NoValue')] };
  }

  for (const { Type, Properties } of Object.values(Resources))
    if (Type === 'AWS::Lambda::Function' && Properties) Properties.Code = basename(String(at(Properties, 'Code', 'S3Key')));
  for (const [id, output] of Object.entries(Outputs)) {
    delete output.Export;
    if (id.startsWith('Serverless')) delete Outputs[id];
  }
  for (const id of Object.keys(Resources)) if (id.startsWith('Serverless')) delete Resources[id];

  const decided = settled(Conditions, { Resources, Outputs }) as Pick<PlainTemplate, 'Resources' | 'Outputs'>;
  for (const parts of [decided.Resources, decided.Outputs])
    for (const [id, part] of Object.entries(parts)) {
      const holds = part.Condition === undefined ? undefined : truthOf(Conditions, part.Condition);
      if (holds === false) delete parts[id];
      if (holds === true) delete part.Condition;
    }
  const open = Object.entries(Conditions).filter(([name]) => truthOf(Conditions, name) === undefined);
  const used = open.filter(([name]) => JSON.stringify([decided, open.filter(([other]) => other !== name)]).includes(`"${name}"`));

  const Deployment = String(at(template, 'Resources', 'RemediateLambdaFunction', 'Properties', 'Environment', 'Variables', 'DEPLOYMENT'));
  return publishVersions({
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `${Deployment}: detects failures, runs the least remediation that fixes them, proves that it did, and tells people once.`,
    Metadata: { Deployment },
    Parameters,
    ...('AskSecondPerson' in Resources && { Rules: { TwoPeople: twoPeople } }),
    Conditions: Object.fromEntries(used),
    ...decided,
  });
};
