import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { actions } from '../shared/actions/index.ts';
import { askPermissions } from '../shared/approval/ask.ts';
import { tellPermissions } from '../shared/approval/callback.ts';
import { keyPermissions } from '../shared/approval/keys.ts';
import { askingPermissions, decidingPermissions } from '../shared/approval/store.ts';
import { killSwitchPermissions } from '../shared/aws/kill-switch.ts';
import { ledgerPermissions } from '../shared/aws/ledger.ts';
import { lookPermissions } from '../shared/aws/look.ts';
import { reporterPermissions } from '../shared/aws/reporter.ts';
import { starterPermissions } from '../shared/aws/starter.ts';
import { guardPermissions } from '../shared/guards/index.ts';
import { parsePolicy } from '../shared/policy.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

type Json = Record<string, unknown>;
type Statement = {
  Sid?: string;
  Effect: string;
  Principal?: string | { Service?: string | string[] };
  Action?: string | string[];
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
} & Json;
type Resource = { Type: string; Properties: Json };
type Template = { Resources: Record<string, Resource> };

const list = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** The files of a zip archive. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
const unzip = (zip: Buffer): Map<string, Buffer> => {
  const files = new Map<string, Buffer>();
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(from, from + zip.readUInt32LE(at + 20));
    files.set(name, zip.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files;
};

/** Packages the service in a folder of its own, so that nothing else that packages it at the same time is in the way. */
const packageService = async (folder: string): Promise<void> => {
  for (const path of ['functions', 'shared', 'infrastructure', 'serverless.yml', 'package.json', 'tsconfig.json', 'local/serverless-plugin.cjs', 'local/package']) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
  const args = ['node_modules/serverless/bin/serverless.js', 'package', '--stage', 'prod', '--package', 'out'];
  // The bundler leaves folders in the temporary one: with one of its own they go away with the rest. The CLI keeps its
  // compiled schema in the home folder and doesn't write it in one go, so that two first runs at once trip over each other.
  const own = { AWS_EC2_METADATA_DISABLED: 'true', TMPDIR: join(folder, 'temporary'), HOME: folder };
  await promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...env, ...own } }).catch(({ stdout, stderr }) => {
    throw new Error(`the service could not be packaged:\n${stdout}${stderr}`);
  });
};

const resourcesOf = ({ Resources }: Template, type: string): [string, Resource][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

const statementsOf = ({ Properties }: Resource): Statement[] =>
  list(Properties.Policies as { PolicyDocument: { Statement: Statement | Statement[] } }[]).flatMap(({ PolicyDocument }) =>
    list(PolicyDocument.Statement),
  );

/** What a reference points to: the logical id in a `Ref` or a `Fn::GetAtt`. */
const referred = (value: unknown): string | undefined => {
  const { Ref, 'Fn::GetAtt': get } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? get?.[0];
};

const acting: string[] = actions.flatMap(({ permissions }) => permissions);

/** What each role needs for the calls that the product makes, and what else it has, with the reason. */
const roles: Record<string, { calls: readonly string[]; besides: Record<string, string> }> = {
  IntakeRole: {
    calls: starterPermissions,
    besides: {
      'logs:CreateLogStream': 'writes its log',
      'logs:PutLogEvents': 'writes its log',
      'xray:PutTraceSegments': 'traces',
      'xray:PutTelemetryRecords': 'traces',
    },
  },
  RemediateRole: {
    calls: [
      ...acting,
      ...lookPermissions,
      ...guardPermissions,
      ...killSwitchPermissions,
      ...ledgerPermissions,
      ...reporterPermissions,
      ...askPermissions,
      ...askingPermissions,
      ...keyPermissions,
    ],
    besides: {
      'logs:CreateLogStream': 'writes its log',
      'logs:PutLogEvents': 'writes its log',
      'xray:PutTraceSegments': 'traces',
      'xray:PutTelemetryRecords': 'traces',
      'lambda:CheckpointDurableExecution': 'the durable engine keeps its log',
      'lambda:GetDurableExecutionState': 'the durable engine reads its log',
    },
  },
  ApproveRole: {
    calls: [...decidingPermissions, ...tellPermissions, ...keyPermissions],
    besides: {
      'logs:CreateLogStream': 'writes its log',
      'logs:PutLogEvents': 'writes its log',
      'xray:PutTraceSegments': 'traces',
      'xray:PutTelemetryRecords': 'traces',
    },
  },
  WatchRole: {
    calls: [...ledgerPermissions, ...reporterPermissions],
    besides: {
      'logs:CreateLogStream': 'writes its log',
      'logs:PutLogEvents': 'writes its log',
      'xray:PutTraceSegments': 'traces',
      'xray:PutTelemetryRecords': 'traces',
    },
  },
};

/** Calls that take no resource: describing, and tracing. */
const withoutResource = new Set<string>([
  ...lookPermissions,
  'autoscaling:DescribeInstanceRefreshes',
  'autoscaling:DescribeScalingActivities',
  'cloudtrail:LookupEvents',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
]);

/** Lambda puts what failed into a function's dead-letter queue with the function's own role. */
const forDeadLetters = (template: Template, role: string): string[] =>
  resourcesOf(template, 'AWS::Lambda::Function').some(
    ([, { Properties }]) => referred(Properties.Role) === role && Properties.DeadLetterConfig,
  )
    ? ['sqs:SendMessage']
    : [];

const permissionProblems = (template: Template): string[] =>
  resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, role]) => {
    const known = roles[id];
    if (!known) return [`${id}: nobody says what this role is for`];
    const granted = new Set(statementsOf(role).flatMap(({ Action }) => list(Action)));
    const needed = new Set([...known.calls, ...Object.keys(known.besides), ...forDeadLetters(template, id)]);
    return [
      ...[...needed].filter((action) => !granted.has(action)).map((action) => `${id}: ${action} is missing`),
      ...[...granted].filter((action) => !needed.has(action)).map((action) => `${id}: ${action} is granted, and nothing needs it`),
    ];
  });

const breadthProblems = (template: Template): string[] =>
  resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, role]) => {
    const problems = list(role.Properties.ManagedPolicyArns as string[] | undefined).map((arn) => `${id}: managed policy ${String(arn)}`);
    for (const { Effect, Action, Resource, NotAction, NotResource } of statementsOf(role)) {
      if (Effect !== 'Allow') continue;
      const names = list(Action);
      if (NotAction !== undefined || NotResource !== undefined) problems.push(`${id}: allows by exclusion`);
      for (const name of names) if (/[*?]/.test(name)) problems.push(`${id}: ${name} has a wildcard`);
      const everything = list(Resource).some((resource) => resource === '*' || JSON.stringify(resource).includes(':*:*:'));
      if (everything)
        problems.push(...names.filter((name) => !withoutResource.has(name)).map((name) => `${id}: ${name} on every resource`));
    }
    return problems;
  });

/** The same tag as the policy's default, in IAM, for every call that changes an instance or a group. */
const optInProblems = (template: Template): string[] => {
  const { key, value } = parsePolicy('').optIn;
  return resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, role]) =>
    statementsOf(role).flatMap(({ Action, Condition }) => {
      const equals = Condition?.StringEquals ?? {};
      const conditioned = ['aws', 'ec2', 'autoscaling'].some((service) => equals[`${service}:ResourceTag/${key}`] === value);
      const mutating = list(Action).filter((name) => /^(ec2|autoscaling):/.test(name) && !name.includes(':Describe'));
      return conditioned ? [] : mutating.map((name) => `${id}: ${name} without the opt-in tag`);
    }),
  );
};

/** Queues that a service may put messages into, by the queue's own policy. */
const letsIn = (template: Template, queue: string, service: string): boolean =>
  resourcesOf(template, 'AWS::SQS::QueuePolicy').some(([, { Properties }]) => {
    const { PolicyDocument, Queues } = Properties as { PolicyDocument: { Statement: Statement[] }; Queues: unknown[] };
    return (
      Queues.some((entry) => referred(entry) === queue) &&
      list(PolicyDocument.Statement).some(
        ({ Effect, Principal, Action, Resource }) =>
          Effect === 'Allow' &&
          typeof Principal === 'object' &&
          list(Principal.Service).includes(service) &&
          list(Action).includes('sqs:SendMessage') &&
          list(Resource).some((resource) => referred(resource) === queue),
      )
    );
  });

const deadLetterProblems = (template: Template): string[] => {
  const problems: string[] = [];
  const check = (from: string, service: string, queue: string | undefined) => {
    if (!queue || template.Resources[queue]?.Type !== 'AWS::SQS::Queue') problems.push(`${from}: no dead-letter queue`);
    else if (!letsIn(template, queue, service)) problems.push(`${from}: ${queue} does not let ${service} in`);
  };
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::Events::Rule')) {
    for (const { DeadLetterConfig } of list(Properties.Targets as { DeadLetterConfig?: { Arn: unknown } }[])) {
      check(id, 'events.amazonaws.com', referred(DeadLetterConfig?.Arn));
    }
  }
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::SNS::Subscription')) {
    const { Protocol, RedrivePolicy } = Properties as { Protocol: string; RedrivePolicy?: { deadLetterTargetArn: unknown } };
    if (Protocol === 'lambda' || Protocol === 'sqs') check(id, 'sns.amazonaws.com', referred(RedrivePolicy?.deadLetterTargetArn));
  }
  return problems;
};

/** A queue has one policy: of two that are declared, the one that is applied last replaces the other. */
const queuePolicyProblems = (template: Template): string[] => {
  const counts = new Map<string, number>();
  for (const [, { Properties }] of resourcesOf(template, 'AWS::SQS::QueuePolicy')) {
    for (const queue of list(Properties.Queues)) counts.set(referred(queue) ?? '?', (counts.get(referred(queue) ?? '?') ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([queue, count]) => `${queue}: ${count} policies, of which one stands`);
};

/**
 * Every function here is invoked asynchronously, but for one that has a URL and tells its caller. Lambda tries a durable execution that failed, timed out or was stopped no second
 * time: only its dead-letter queue keeps what started it. https://docs.aws.amazon.com/lambda/latest/dg/durable-best-practices.html
 */
const functionProblems = (template: Template): string[] =>
  resourcesOf(template, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    if (resourcesOf(template, 'AWS::Lambda::Url').some(([, url]) => referred(url.Properties.TargetFunctionArn) === id)) return [];
    const queue = referred((Properties.DeadLetterConfig as { TargetArn?: unknown } | undefined)?.TargetArn);
    if (!queue) return [`${id}: no dead-letter queue`];
    const role = template.Resources[referred(Properties.Role) ?? ''];
    const may =
      role && statementsOf(role).some(({ Action, Resource }) => list(Action).includes('sqs:SendMessage') && referred(Resource) === queue);
    return may ? [] : [`${id}: its role may not send to ${queue}`];
  });

describe('the packaged service', () => {
  let folder: string;
  let template: Template;
  const sources: Record<string, string[]> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selfheal-package-'));
    await packageService(folder);
    template = JSON.parse(await readFile(join(folder, 'out/cloudformation-template-update-stack.json'), 'utf8'));
    for (const name of ['intake', 'remediate', 'watch', 'approve']) {
      const map = unzip(await readFile(join(folder, `out/${name}.zip`))).get(`functions/${name}.cjs.map`);
      sources[name] = JSON.parse(map?.toString('utf8') ?? '').sources;
    }
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The template with one thing changed. */
  const planted = (change: (resources: Template['Resources']) => void): Template => {
    const copy = structuredClone(template);
    change(copy.Resources);
    return copy;
  };
  const roleWith = (statement: Statement) =>
    planted(({ RemediateRole }) => {
      const policies = RemediateRole?.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[] | undefined;
      policies?.[0]?.PolicyDocument.Statement.push(statement);
    });
  const statementIn = (resources: Template['Resources'], action: string) =>
    statementsOf(resources.RemediateRole as Resource).find(({ Action }) => list(Action).includes(action)) as Statement;

  describe('its permissions', () => {
    test('are those of the calls that it makes: nothing is missing and nothing is left over', () => {
      expect(permissionProblems(template)).toEqual([]);
    });

    test('are so for every role that a function has', () => {
      const used = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => referred(Properties.Role));
      expect([...used].sort()).toEqual(Object.keys(roles).sort());
    });

    test('show one that is missing and one that is left over', () => {
      const less = planted((resources) => {
        statementIn(resources, 'ec2:RebootInstances').Action = ['ec2:StartInstances', 'ec2:StopInstances'];
      });
      expect(permissionProblems(less)).toEqual(['RemediateRole: ec2:RebootInstances is missing']);
      const more = roleWith({ Effect: 'Allow', Action: 'ec2:TerminateInstances', Resource: '*' });
      expect(permissionProblems(more)).toEqual(['RemediateRole: ec2:TerminateInstances is granted, and nothing needs it']);
    });

    test('have no wildcard, and reach every resource only to look', () => {
      expect(breadthProblems(template)).toEqual([]);
    });

    test.each<[string, Statement, string]>([
      ['everything', { Effect: 'Allow', Action: '*', Resource: 'arn' }, 'RemediateRole: * has a wildcard'],
      ['all of a service', { Effect: 'Allow', Action: ['ec2:*'], Resource: 'arn' }, 'RemediateRole: ec2:* has a wildcard'],
      [
        'a call on every resource',
        { Effect: 'Allow', Action: 'sns:Publish', Resource: ['*'] },
        'RemediateRole: sns:Publish on every resource',
      ],
      ['all but something', { Effect: 'Allow', NotAction: 'iam:*', Resource: 'arn' }, 'RemediateRole: allows by exclusion'],
    ])('show it where somebody may do %s', (_, statement, problem) => {
      expect(breadthProblems(roleWith(statement))).toEqual([problem]);
    });

    test('change only what has opted in', () => {
      expect(optInProblems(template)).toEqual([]);
    });

    test.each(acting)('show it where %s does without the opt-in', (action) => {
      const open = planted((resources) => {
        delete statementIn(resources, action).Condition;
      });
      expect(optInProblems(open)).toContain(`RemediateRole: ${action} without the opt-in tag`);
    });
  });

  describe('the page on which people decide', () => {
    test('can be opened without an account, by its URL alone', () => {
      const [url] = resourcesOf(template, 'AWS::Lambda::Url').map(([, { Properties }]) => Properties);
      expect(resourcesOf(template, 'AWS::Lambda::Url')).toHaveLength(1);
      expect(url).toMatchObject({ AuthType: 'NONE' });
      // Lambda wants both of them. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
      const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
        .map(([, { Properties }]) => Properties)
        .filter(({ Principal }) => Principal === '*');
      expect(permissions.map(({ Action }) => Action).sort()).toEqual(['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl']);
      expect(permissions.map(({ FunctionUrlAuthType, InvokedViaFunctionUrl }) => FunctionUrlAuthType ?? InvokedViaFunctionUrl)).toEqual(
        expect.arrayContaining(['NONE', true]),
      );
    });

    test('reaches questions in the ledger and nothing else there', () => {
      const onLedger = statementsOf(template.Resources.ApproveRole as Resource).filter(({ Action }) =>
        list(Action)[0]?.startsWith('dynamodb:'),
      );
      expect(onLedger.map(({ Condition }) => Condition)).toEqual([
        { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'approval#*' }, Null: { 'dynamodb:LeadingKeys': 'false' } },
      ]);
    });

    test('has its key generated, and in no variable of any function', () => {
      const [, key] = resourcesOf(template, 'AWS::SecretsManager::Secret')[0] ?? [];
      expect(key?.Properties.GenerateSecretString).toMatchObject({ GenerateStringKey: 'current', PasswordLength: 64 });
      expect(key?.Properties).not.toHaveProperty('SecretString');
      expect(JSON.stringify(template)).not.toContain('{{resolve:');
    });
  });

  describe('what is delivered asynchronously', () => {
    test('is kept where its delivery fails, in a queue that lets the service in', () => {
      expect(resourcesOf(template, 'AWS::Events::Rule').length).toBeGreaterThan(0);
      expect(deadLetterProblems(template)).toEqual([]);
    });

    test('shows a queue that is missing or shut', () => {
      const shut = planted((resources) => {
        for (const [id] of resourcesOf(template, 'AWS::SQS::QueuePolicy')) delete resources[id];
      });
      expect(deadLetterProblems(shut).length).toBeGreaterThan(0);
      const missing = planted((resources) => {
        for (const [id] of resourcesOf(template, 'AWS::SQS::Queue')) delete resources[id];
      });
      expect(deadLetterProblems(missing).every((problem) => problem.endsWith('no dead-letter queue'))).toBe(true);
    });

    test('goes to a queue whose policy no other policy replaces', () => {
      expect(queuePolicyProblems(template)).toEqual([]);
    });

    test('is kept where intake or the watch fails', () => {
      expect(functionProblems(template).filter((problem) => !problem.startsWith('Remediate'))).toEqual([]);
    });

    test('is kept where a function fails', () => {
      expect(functionProblems(template)).toEqual([]);
    });
  });

  describe('its bundles', () => {
    const packageOf = (source: string) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];

    test('of intake has no client of what only remediation calls', () => {
      const packages = new Set(sources.intake?.map(packageOf));
      expect(packages).toContain('@aws-sdk/client-lambda');
      for (const name of ['client-ec2', 'client-auto-scaling', 'client-cloudwatch', 'client-dynamodb', 'client-sns']) {
        expect(packages).not.toContain(`@aws-sdk/${name}`);
      }
    });

    test('of the watch has no client that could change an instance or a group', () => {
      const packages = new Set(sources.watch?.map(packageOf));
      expect(packages).toContain('@aws-sdk/client-dynamodb');
      for (const name of ['client-ec2', 'client-auto-scaling']) expect(packages).not.toContain(`@aws-sdk/${name}`);
    });

    test('of the approval page has no client that could act', () => {
      const packages = new Set(sources.approve?.map(packageOf));
      expect(packages).toContain('@aws-sdk/client-lambda');
      for (const name of ['client-ec2', 'client-auto-scaling', 'client-sns']) expect(packages).not.toContain(`@aws-sdk/${name}`);
    });

    test('of remediation has them', () => {
      expect(new Set(sources.remediate?.map(packageOf))).toContain('@aws-sdk/client-ec2');
    });

    test.each(['intake', 'remediate', 'watch', 'approve'])('of %s has nothing of what is only for development', (name) => {
      const own = (sources[name] ?? []).filter((source) => !source.includes('node_modules/'));
      expect(own.length).toBeGreaterThan(10);
      expect(own.filter((source) => !/(^|\/)(functions|shared)\//.test(source))).toEqual([]);
      expect(own.filter((source) => /(^|\/)(local|test|bench)\//.test(source))).toEqual([]);
      expect(new Set(sources[name]?.map(packageOf))).not.toContain('dynalite');
    });
  });
});
