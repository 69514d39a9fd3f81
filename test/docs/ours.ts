import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { prices } from '../../bench/cost.ts';
import { commands } from '../../local/cli/main.ts';
import { scenarioNames } from '../../local/worlds/library.ts';
import { actions } from '../../shared/actions/index.ts';
import { guards } from '../../shared/guards/index.ts';
import { madeByTag } from '../../shared/model/cluster-readers.ts';
import { consumerTag } from '../../shared/model/consumer.ts';
import { failureIds } from '../../shared/model/failure-id.ts';
import { playbookIds } from '../../shared/model/playbook-id.ts';
import { modes, policySchema } from '../../shared/model/policy.ts';
import { runbookTag } from '../../shared/model/runbook.ts';
import { statuses } from '../../shared/model/status.ts';
import { metricNames } from '../../shared/notifications/metrics.ts';
import { overrideTags } from '../../shared/policy/effective-policy.ts';
import { alarmKinds } from '../../shared/recommended-alarms/watched.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

export type Part = { Type: string; DeletionPolicy?: string; Properties: Record<string, unknown> };
type Service = {
  params: Record<string, Record<string, string | number>>;
  custom: { names: Record<string, string> };
  functions: Record<string, { name: string; environment?: Record<string, unknown> }>;
};

/** The files of the service with the names filled in that the stage `prod` has. What the framework adds to them isn't there. */
const load = <T>(path: string, names: Record<string, string>): T => {
  const filled = read(path)
    .replace(/\$\{self:service\}/g, 'selfheal')
    .replace(/\$\{sls:stage\}/g, 'prod')
    .replace(/\$\{self:custom\.names\.(\w+)\}/g, (all, name: string) => names[name] ?? all);
  // Our own files: alarms share much.
  return parse(filled, { merge: true, maxAliasCount: -1 }) as T;
};

const { names } = load<Service>('serverless.yml', {}).custom;
export const service = load<Service>('serverless.yml', names);

type Piece = { AWSTemplateFormatVersion?: unknown; Resources?: Record<string, Part>; Outputs?: Record<string, unknown> };
const files = readdirSync(new URL('infrastructure/', root))
  .filter((file) => file.endsWith('.yml'))
  .map((file) => load<Piece>(`infrastructure/${file}`, names));
/** Templates of stacks of their own are no part of the service. */
const [pieces, ownStacks] = [files.filter((file) => !file.AWSTemplateFormatVersion), files.filter((file) => file.AWSTemplateFormatVersion)];

export const resources: Record<string, Part> = Object.assign({}, ...pieces.map(({ Resources }) => Resources));
export const ofType = (type: string): Part[] => Object.values(resources).filter(({ Type }) => Type === type);

const keysOf = (schema: unknown): string[] => {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties as object) : [];
  return [...own, ...Object.values(schema).flatMap(keysOf)];
};

const strings = (value: unknown): string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
};

/** Names with the stage in them: what is deployed under them. */
export const deployed = new Set(
  strings([service.custom.names, resources, ownStacks.map(({ Resources }) => Resources)]).filter((text) => /^[\w/-]+$/.test(text)),
);

const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
export const scripts = Object.keys(manifest.scripts ?? {});
export const parameters = service.params.default ?? {};

/** Words that are names of ours when they stand in code marks. */
export const vocabulary = new Set<string>([
  ...Object.keys(manifest),
  ...Object.keys(manifest.devDependencies ?? {}),
  ...Object.keys(parameters),
  ...Object.values(service.functions).map(({ name }) => name.replace('selfheal-prod-', '')),
  ...Object.keys(service.params),
  ...files.flatMap(({ Outputs }) => Object.keys(Outputs ?? {})),
  ...keysOf(z.toJSONSchema(policySchema, { io: 'input' })),
  ...Object.keys(prices),
  ...Object.keys(commands),
  ...actions.map(({ id }) => id),
  ...guards.map(({ id }) => id),
  ...[
    ...failureIds,
    ...playbookIds,
    ...statuses,
    ...metricNames,
    ...modes,
    ...overrideTags,
    runbookTag,
    consumerTag,
    madeByTag,
    ...alarmKinds,
  ],
  ...scenarioNames(),
]);
