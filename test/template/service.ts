import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';
import { parse } from 'yaml';
import type { PlainTemplate } from '../../tools/deployment/plain-template.ts';
import { codeIn, shellIn } from '../docs/extract.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export type Json = Record<string, unknown>;
export type Statement = {
  Sid?: string;
  Effect: string;
  Principal?: string | { Service?: string | string[] };
  Action?: string | string[];
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
} & Json;
export type Resource = { Type: string; Properties: Json; Condition?: string; DependsOn?: string | string[] };
export type Template = { Resources: Record<string, Resource>; Conditions: Json; Outputs: Record<string, Json> };

export const list = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export const resourcesOf = ({ Resources }: Template, type: string): [string, Resource][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type);

type Document = { PolicyDocument: { Statement: Statement | Statement[] } };

/** What a role or a managed policy grants. */
export const statementsOf = ({ Type, Properties }: Resource): Statement[] =>
  (Type === 'AWS::IAM::ManagedPolicy' ? [Properties as Document] : list(Properties.Policies as Document[] | undefined)).flatMap(
    ({ PolicyDocument }) => list(PolicyDocument.Statement),
  );

/** What grants permissions to somebody: roles, and policies for roles that others make. */
export const grantsOf = (template: Template): [string, Resource][] => [
  ...resourcesOf(template, 'AWS::IAM::Role'),
  ...resourcesOf(template, 'AWS::IAM::ManagedPolicy'),
];

/** The policy that a queue, a topic, a bucket or a key has. */
export const documentOf = ({ Properties }: Resource): Statement[] =>
  list(((Properties.PolicyDocument ?? Properties.KeyPolicy) as { Statement: Statement | Statement[] } | undefined)?.Statement);

/** What a reference points to: the logical id in a `Ref` or a `Fn::GetAtt`. */
export const referred = (value: unknown): string | undefined => {
  const { Ref, 'Fn::GetAtt': get } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? get?.[0];
};

/** The template with something changed. */
export const planted = (template: Template, change: (resources: Template['Resources']) => void): Template => {
  const copy = structuredClone(template);
  change(copy.Resources);
  return copy;
};

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

const parts = ['functions', 'shared', 'local/input', 'local/policy', 'infrastructure', 'serverless.yml', 'package.json', 'tsconfig.json'];
const tools = [
  'tools/serverless-plugin.cjs',
  'tools/check-policy.ts',
  'local/policy',
  'local/input',
  'tools/deployment',
  'tools/bundling.cjs',
  'tools/lean-sdk.cjs',
];

/** A copy of the service in a folder of its own, so that nothing else that packages it at the same time is in the way. */
const copyOfService = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'selfheal-package-'));
  for (const path of [...parts, ...tools]) await cp(join(root, path), join(folder, path), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  await mkdir(join(folder, 'temporary'));
  // As `sls invoke local` leaves it.
  await mkdir(join(folder, '.esbuild/.build/local/invoke'), { recursive: true });
  await writeFile(join(folder, '.esbuild/.build/local/invoke/intake.cjs'), '');
  return folder;
};

/** Runs the framework in a copy of the service, without credentials; gives back what it printed. The first run must be alone. */
export const sls = async (folder: string, ...args: string[]): Promise<string> => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));
  // The bundler leaves folders in the temporary one: with one of its own they go away with the rest. The CLI keeps its
  // compiled schema in the home folder and doesn't write it in one go, so that two first runs at once trip over each other.
  const own = { AWS_EC2_METADATA_DISABLED: 'true', TMPDIR: join(folder, 'temporary'), HOME: folder };
  const all = ['node_modules/serverless/bin/serverless.js', ...args];
  const { stdout } = await promisify(execFile)(process.execPath, all, { cwd: folder, env: { ...env, ...own }, maxBuffer: 2 ** 26 }).catch(
    ({ stdout: out, stderr }) => {
      throw new Error(`sls ${args.join(' ')} failed:\n${out}${stderr}`);
    },
  );
  return stdout;
};

/** What the framework makes of the service's files, without bundling anything. */
export type Printed = {
  functions: Record<string, { reservedConcurrency?: number | null }>;
  provider: { logRetentionInDays: number };
  resources: Template;
};

export const printed = async (folder: string, ...args: string[]): Promise<Printed> => parse(await sls(folder, 'print', ...args)) as Printed;

/** Options for a new account, as the documents have them. */
export const smallAccount = (): string[] => {
  const command = shellIn(codeIn(readFileSync(join(root, 'docs/operations.md'), 'utf8'))).find((line) =>
    line.includes('intakeConcurrency=none'),
  );
  const [, args = ''] = /^npx sls deploy (.*)$/.exec(command ?? '') ?? [];
  return args.split(/\s+/);
};

/** Options of a hub whose death another region tells. */
const hubOptions = { hub: 'on', organization: 'o-a1b2c3d4e5', watchRegion: 'eu-west-1' };

export const functionNames = [
  'intake',
  'remediate',
  'watch',
  'approve',
  'chat',
  'beat',
  'probe',
  'dashboard-widget',
  'early-warning',
] as const;

export type Packaged = {
  /** Where the copy is, for further questions to the framework. */
  folder: string;
  template: Template;
  /** The service's own part of the template of a hub that another region watches, in a new account: one run for what each of them makes. */
  hub: () => Promise<Printed>;
  /** The same for ways in without the framework. */
  plain: PlainTemplate;
  /** What a member of the hub is deployed by. */
  member: Template;
  /** The digest of each archive beside them, by its name. */
  archives: Record<string, string>;
  /** The files in each function's archive, by the name of its file. */
  files: Record<string, string[]>;
  /** The source files in each function's bundle, by the name of its file. */
  sources: Record<string, string[]>;
  /** Each function's code, by the name of its file. */
  code: Record<string, string>;
  close(): Promise<void>;
};

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The service as it is deployed. */
export const packageService = async (): Promise<Packaged> => {
  const folder = await copyOfService();
  const close = () => rm(folder, { recursive: true, force: true });
  let asHub: Promise<Printed> | undefined;
  const hub = () => {
    const options = Object.entries(hubOptions).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
    asHub ??= printed(folder, ...smallAccount(), ...options);
    return asHub;
  };
  try {
    await sls(folder, 'package', '--stage', 'prod', '--package', 'out');
    const template = JSON.parse(await readFile(join(folder, 'out/cloudformation-template-update-stack.json'), 'utf8')) as Template;
    const plain = JSON.parse(await readFile(join(folder, 'out/template.json'), 'utf8')) as PlainTemplate;
    const member = JSON.parse(await readFile(join(folder, 'out/member.json'), 'utf8')) as Template;
    const archives: Record<string, string> = {};
    const files: Record<string, string[]> = {};
    const sources: Record<string, string[]> = {};
    const code: Record<string, string> = {};
    for (const name of functionNames) {
      const archive = await readFile(join(folder, `out/${camel(name)}.zip`));
      archives[`${camel(name)}.zip`] = createHash('sha256').update(archive).digest('base64');
      const unzipped = unzip(archive);
      files[name] = [...unzipped.keys()];
      sources[name] = JSON.parse(unzipped.get(`functions/${name}.cjs.map`)?.toString('utf8') ?? '').sources;
      code[name] = unzipped.get(`functions/${name}.cjs`)?.toString('utf8') ?? '';
    }
    return { folder, template, hub, plain, member, archives, files, sources, code, close };
  } catch (error) {
    await close();
    throw error;
  }
};
