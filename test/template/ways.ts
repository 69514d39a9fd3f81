import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { linesOf } from '../docs/extract.ts';
import type { Json, Packaged } from './service.ts';
import { blocks, byTerraform, createModule, givenIn, refusedBy, snake } from './terraform.ts';

const folder = 'infrastructure/terraform';
const pages = ['README.md', 'docs/deploy.md', 'docs/operations.md'];
const module = createModule(folder, 'package.tf');
const { variables } = module;

/** Ways in without the framework, each held against the template that is packaged. */
export const ways = (packaged: () => Packaged): void => {
  const parameters = () => packaged().plain.Parameters;

  const refused = (values: Readonly<Record<string, string>>) => refusedBy(parameters(), values);
  const evaluated = (given: Json, expression: string) =>
    module.evaluated({ package: join(packaged().folder, 'out'), bucket: 'archives', ...given }, expression);

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
  const capability = (): string => {
    const iam = Object.values(packaged().plain.Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'));
    const named = iam.filter(({ Properties = {} }) => 'RoleName' in Properties || 'ManagedPolicyName' in Properties);
    return named.some(({ Type }) => Type !== 'AWS::IAM::RolePolicy') ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
  };

  test('what CloudFormation refuses of a parameter is found', () => {
    expect(refused({ Mode: 'enforce', Email: 'you@example.com' })).toEqual([]);
    expect(refused({ Mode: 'on', Emial: 'you@example.com', Email: 'you' })).toEqual(['Mode=on', 'Emial=you@example.com', 'Email=you']);
  });

  describe('the way in by the AWS CLI', () => {
    test('deploys what the packaging leaves, with parameters that the template has', () => {
      const lines = pages.flatMap((page) => blocks(page, 'sh').flatMap(linesOf));
      const packages = lines.filter((line) => line.startsWith('aws cloudformation package'));
      const deploys = lines.filter((line) => /^aws cloudformation deploy.* \.serverless\//.test(line));
      expect([packages.length, deploys.length > 1]).toEqual([1, true]);
      const [, from, to] = /--template-file (\S+) .*--output-template-file (\S+)/.exec(packages[0] ?? '') ?? [];
      expect(from).toBe('.serverless/template.json');
      for (const line of deploys) {
        // Longer than what goes without a bucket, and with roles.
        expect(line).toMatch(new RegExp(`--template-file ${to} .*--s3-bucket .*--capabilities ${capability()} `));
        const [, given = ''] = /--parameter-overrides ([^-]\S*(?: [A-Z]\w+=\S+)*)/.exec(line) ?? [];
        const values = Object.fromEntries(given.split(' ').map((pair) => pair.split('=') as [string, string]));
        expect(Object.keys(values).length).toBeGreaterThan(0);
        expect([line, ...refused(values)]).toEqual([line]);
      }
    });
  });

  describe('the module for Terraform', () => {
    test('has a variable for each parameter, under its name, and hands each on', () => {
      const own = ['package', 'bucket', 'prefix', 'tags'];
      const names = Object.keys(parameters());
      expect([...variables.keys()]).toEqual([...own, ...names.map(snake)]);
      const handed = module.handed('parameters = {\n    for name, value in {\n', '\n    } :');
      expect(handed).toEqual(names.map((name) => [name, `var.${snake(name)}`]));
      for (const [name, { Type, Description }] of Object.entries(parameters())) {
        const body = variables.get(snake(name)) ?? '';
        expect(body).toContain(`= ${JSON.stringify(Description)}\n`);
        expect(body).toMatch(new RegExp(`type += ${Type.toLowerCase()}\\n +default += null\\n`));
      }
    });

    test('uses variables, locals and outputs that there are', () => {
      expect(module.loose()).toEqual([]);
      const outputs = [...module.text.matchAll(/\.outputs\["(\w+)"\]/g)].map(([, name]) => name);
      expect(outputs.filter((name) => !Object.hasOwn(packaged().plain.Outputs ?? {}, name ?? ''))).toEqual([]);
      expect(outputs.length).toBeGreaterThan(0);
    });

    test('allows the stack what it makes, and no more', () => {
      expect(module.text).toContain(`capabilities = ["${capability()}"]`);
    });

    test('is shown with variables that it has, and values that can be used', () => {
      const [shown = '', ...more] = blocks('docs/deploy.md', 'hcl');
      expect(more).toEqual([]);
      const { source, ...values } = givenIn(shown);
      expect(source).toBe(`./selfheal/${folder}`);
      expect(Object.keys(values).filter((name) => !variables.has(name))).toEqual([]);
      const ofTemplate = Object.keys(parameters()).filter((name) => values[snake(name)] !== undefined);
      expect(ofTemplate.length).toBeGreaterThan(1);
      expect(refused(Object.fromEntries(ofTemplate.map((name) => [name, String(values[snake(name)])])))).toEqual([]);
    });

    byTerraform('is written as Terraform formats it', () => {
      expect(module.unformatted()).toBe('');
    });

    byTerraform('uploads each archive under a name that follows from its content, and the template with these names', () => {
      const { keys, body } = evaluated({ prefix: 'here/' }, '{ keys = local.keys, body = jsondecode(local.body) }') as {
        keys: Record<string, string>;
        body: unknown;
      };
      const expected = structuredClone(packaged().plain);
      for (const [id, { Type, Properties }] of Object.entries(expected.Resources)) {
        if (Type !== 'AWS::Lambda::Function' || !Properties) continue;
        const digest = Buffer.from(packaged().archives[String(Properties.Code)] ?? '', 'base64').toString('hex');
        expect([id, keys[id]]).toEqual([id, `here/${digest}.zip`]);
        Properties.Code = { S3Bucket: 'archives', S3Key: keys[id] };
      }
      expect(body).toEqual(expected);
    });

    byTerraform('hands on what is given, as text, and nothing else, to the deployment that was packaged', () => {
      const given = { mode: 'dry-run', email: 'you@example.com', log_retention_days: 7, approver: '' };
      const handed = { Mode: 'dry-run', Email: 'you@example.com', LogRetentionDays: '7', Approver: '' };
      expect(evaluated(given, 'local.parameters')).toEqual(handed);
      const bare = evaluated({}, '{ parameters = local.parameters, deployment = local.deployment }');
      expect(bare).toEqual({ parameters: {}, deployment: 'selfheal-prod' });
    });
  });

  describe('the snippet for the CDK', () => {
    const snippet = () => blocks('docs/deploy.md', 'ts')[0] ?? '';

    test('is TypeScript', () => {
      expect(stripTypeScriptTypes(snippet())).not.toContain('as CfnFunction');
      expect(() => stripTypeScriptTypes(snippet().replace('{', '{{'))).toThrow();
    });

    test('gives parameters that the template has', () => {
      const [, given = ''] = /parameters: \{([^}]*)\}/.exec(snippet()) ?? [];
      const values = Object.fromEntries([...given.matchAll(/(\w+): '([^']*)'/g)].map(([, name = '', value = '']) => [name, value]));
      expect(Object.keys(values).length).toBeGreaterThan(1);
      expect(refused(values)).toEqual([]);
      expect(snippet()).toContain(`stackName: '${packaged().plain.Metadata.Deployment}'`);
    });
  });
};
