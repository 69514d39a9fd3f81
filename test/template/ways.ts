import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { linesOf } from '../docs/extract.ts';
import type { Json, Packaged } from './service.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const folder = 'infrastructure/terraform';
const pages = ['README.md', 'docs/deploy.md', 'docs/operations.md'];

const blocks = (page: string, language: string): string[] =>
  [...read(page).matchAll(/^```(\w+)[^\n]*\n([\s\S]*?)^```$/gm)].flatMap(([, found, text = '']) => (found === language ? [text] : []));

const snake = (name: string): string => name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

/** The variables of the module, with what each says. */
const variables = (): Map<string, string> =>
  new Map(
    [...read(`${folder}/variables.tf`).matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}$/gm)].map(([, name = '', body = '']) => [name, body]),
  );

const hasTerraform = spawnSync('terraform', ['version']).status === 0;

/** What Terraform makes of an expression of the module, without a provider and without an account. */
const evaluated = (packaged: Packaged, given: Json, expression: string): unknown => {
  const copy = mkdtempSync(join(tmpdir(), 'selfheal-terraform-'));
  try {
    for (const file of ['package.tf', 'variables.tf']) cpSync(join(root, folder, file), join(copy, file));
    const values = { package: join(packaged.folder, 'out'), bucket: 'archives', ...given };
    const { stdout, stderr } = spawnSync(
      'terraform',
      ['console', ...Object.entries(values).map(([name, value]) => `-var=${name}=${value}`)],
      { cwd: copy, input: `base64encode(jsonencode(${expression}))\n`, encoding: 'utf8', maxBuffer: 2 ** 26, env: quiet() },
    );
    const [, encoded] = /"([\w+/=]+)"\s*$/.exec(stdout) ?? [];
    if (encoded === undefined) throw new Error(`terraform console: ${stdout}${stderr}`);
    return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } finally {
    rmSync(copy, { recursive: true });
  }
};
const quiet = () => ({ ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', NO_COLOR: '1' });

/** Ways in without the framework, each held against the template that is packaged. */
export const ways = (packaged: () => Packaged): void => {
  const parameters = () => packaged().plain.Parameters;

  /** Values that CloudFormation would refuse, or names that the template doesn't have. */
  const refused = (values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).flatMap(([name, value]) => {
      const { AllowedValues, AllowedPattern = '' } = parameters()[name] ?? { AllowedValues: [] };
      return (AllowedValues?.map(String).includes(value) ?? new RegExp(AllowedPattern).test(value)) ? [] : [`${name}=${value}`];
    });

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
      expect([...variables().keys()]).toEqual([...own, ...names.map(snake)]);
      const [, handed = ''] = /parameters = \{\n {4}for name, value in \{\n([\s\S]*?)\n {4}\} :/.exec(read(`${folder}/package.tf`)) ?? [];
      expect(handed.split('\n').map((line) => line.trim().split(/\s+=\s+/))).toEqual(names.map((name) => [name, `var.${snake(name)}`]));
      for (const [name, { Type, Description }] of Object.entries(parameters())) {
        const body = variables().get(snake(name)) ?? '';
        expect(body).toContain(`= ${JSON.stringify(Description)}\n`);
        expect(body).toMatch(new RegExp(`type += ${Type.toLowerCase()}\\n +default += null\\n`));
      }
    });

    test('uses variables, locals and outputs that there are', () => {
      const text = ['main.tf', 'package.tf', 'outputs.tf'].map((file) => read(`${folder}/${file}`)).join('\n');
      const used = (kind: string) => [...new Set([...text.matchAll(new RegExp(`\\b${kind}\\.(\\w+)`, 'g'))].map(([, name]) => name))];
      expect(used('var').filter((name) => !variables().has(name ?? ''))).toEqual([]);
      expect([...variables().keys()].filter((name) => !used('var').includes(name))).toEqual([]);
      expect(used('local').filter((name) => !new RegExp(`^ {2}${name} += `, 'm').test(text))).toEqual([]);
      const outputs = [...text.matchAll(/\.outputs\["(\w+)"\]/g)].map(([, name]) => name);
      expect(outputs.filter((name) => !Object.hasOwn(packaged().plain.Outputs ?? {}, name ?? ''))).toEqual([]);
      expect(outputs.length).toBeGreaterThan(0);
    });

    test('allows the stack what it makes, and no more', () => {
      expect(read(`${folder}/main.tf`)).toContain(`capabilities = ["${capability()}"]`);
    });

    test('is shown with variables that it has, and values that can be used', () => {
      const [shown = '', ...more] = blocks('docs/deploy.md', 'hcl');
      expect(more).toEqual([]);
      const given = Object.fromEntries([...shown.matchAll(/^ {2}(\w+) += "([^"]*)"$/gm)].map(([, name = '', value = '']) => [name, value]));
      const { source, ...values } = given;
      expect(source).toBe(`./selfheal/${folder}`);
      expect(Object.keys(values).filter((name) => !variables().has(name))).toEqual([]);
      const ofTemplate = Object.keys(parameters()).filter((name) => values[snake(name)] !== undefined);
      expect(ofTemplate.length).toBeGreaterThan(1);
      expect(refused(Object.fromEntries(ofTemplate.map((name) => [name, String(values[snake(name)])])))).toEqual([]);
    });

    // The machine may have no Terraform; what is above holds there, too.
    const byTerraform = hasTerraform ? test : test.skip;

    byTerraform('is written as Terraform formats it', () => {
      const { status, stdout } = spawnSync('terraform', ['fmt', '-check', '-diff', join(root, folder)], { encoding: 'utf8', env: quiet() });
      expect([status, stdout]).toEqual([0, '']);
    });

    byTerraform('uploads each archive under a name that follows from its content, and the template with these names', () => {
      const keys = evaluated(packaged(), { prefix: 'here/' }, 'local.keys') as Record<string, string>;
      const expected = structuredClone(packaged().plain);
      for (const [id, { Type, Properties }] of Object.entries(expected.Resources)) {
        if (Type !== 'AWS::Lambda::Function' || !Properties) continue;
        const digest = Buffer.from(packaged().archives[String(Properties.Code)] ?? '', 'base64').toString('hex');
        expect([id, keys[id]]).toEqual([id, `here/${digest}.zip`]);
        Properties.Code = { S3Bucket: 'archives', S3Key: keys[id] };
      }
      expect(evaluated(packaged(), { prefix: 'here/' }, 'jsondecode(local.body)')).toEqual(expected);
      expect(evaluated(packaged(), {}, 'local.deployment')).toBe('selfheal-prod');
    });

    byTerraform('hands on what is given, as text, and nothing else', () => {
      const given = { mode: 'dry-run', email: 'you@example.com', log_retention_days: 7, approver: '' };
      const handed = { Mode: 'dry-run', Email: 'you@example.com', LogRetentionDays: '7', Approver: '' };
      expect(evaluated(packaged(), given, 'local.parameters')).toEqual(handed);
      expect(evaluated(packaged(), {}, 'local.parameters')).toEqual({});
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
