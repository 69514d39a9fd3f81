import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';
import type { PackagedPolicy } from '../shared/policy/packaged.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

type Service = {
  custom: {
    esbuild: BuildOptions & { plugins: string; outputFileExtension: string; skipRebuild: boolean; exclude: string[] };
  };
  functions: Record<string, { handler: string; environment?: Record<string, unknown> }>;
  provider: { environment?: Record<string, unknown> };
};

const readService = (): Service => parse(readFileSync(join(root, 'serverless.yml'), 'utf8'));

/** The options of serverless.yml as esbuild takes them; what is not said there is as the packager sets it. */
const bundling = (policy?: PackagedPolicy): BuildOptions => {
  const { plugins, outputFileExtension, skipRebuild, exclude, ...options } = readService().custom.esbuild;
  return {
    ...options,
    plugins: createRequire(import.meta.url)(join(root, plugins))({ service: { custom: { packagedPolicy: policy } } }),
    outExtension: { '.js': outputFileExtension },
    absWorkingDir: root,
    platform: 'node',
    target: 'node24',
    logLevel: 'error',
  };
};

/** Names of the deployed functions. */
export const functionNames = (): string[] => Object.keys(readService().functions);

/** Names of the variables that a function's environment has. */
export const variablesOf = (name: string): string[] => {
  const { functions, provider } = readService();
  return Object.keys({ ...provider.environment, ...functions[name]?.environment });
};

export type Bundle = {
  name: string;
  /** Where it was written to. */
  file: string;
  /** Of the code, without its source map. */
  bytes: number;
  /** Bytes by where they are from: a package, or a folder of ours; the largest first. */
  parts: [string, number][];
};

const partOf = (path: string): string =>
  /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ??
  path
    .replace(/^lean-sdk:.*/, 'local/package')
    .split('/')
    .slice(0, 2)
    .join('/');

/** Bundles a function, or any other file of the project, into a folder, as it is deployed, with a policy if one is given. */
export const bundle = async (name: string, folder: string, entry?: string, policy?: PackagedPolicy): Promise<Bundle> => {
  const source = entry ?? readService().functions[name]?.handler.replace(/\.\w+$/, '.ts');
  if (source === undefined) throw new Error(`there is no function ${name}`);
  const { metafile } = await build({ ...bundling(policy), entryPoints: { [name]: source }, outdir: folder, metafile: true });
  const [path, output] = Object.entries(metafile.outputs).find(([file]) => !file.endsWith('.map')) ?? [];
  if (path === undefined || output === undefined) throw new Error(`${name} gave no bundle`);
  const parts = new Map<string, number>();
  for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
    parts.set(partOf(input), (parts.get(partOf(input)) ?? 0) + bytesInOutput);
  }
  return { name, file: join(root, path), bytes: output.bytes, parts: [...parts].sort(([, a], [, b]) => b - a) };
};
