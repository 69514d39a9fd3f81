import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { LambdaClient, PublishVersionCommand, UpdateAliasCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import * as z from 'zod';
import { dayMs } from '../../shared/model/duration.ts';
import { optInTag } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import { name } from './values.ts';

/** Functions, ECS services and databases, by the names that AWS has them under. */
export const lookedAtSchema = {
  functions: z
    .record(
      name,
      z.strictObject({ published: z.int().min(0).max(20).default(0), aliases: z.record(name, z.string().regex(/^\d{1,2}$/)).default({}) }),
    )
    .default({}),
  services: z.record(name, z.strictObject({ cluster: name.default('default'), desired: z.int().min(0).max(100).default(2) })).default({}),
  databases: z
    .record(
      name,
      z.strictObject({
        kind: z.enum(['instance', 'cluster']).default('instance'),
        status: z.string().min(1).default('available'),
        optedIn: z.boolean().default(true),
        tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}),
        /** Its weekly maintenance window in UTC, such as `sat:23:45-sun:00:15`. */
        maintenance: z.string().min(1).optional(),
        /** Changes that are not applied yet, as RDS lists them. */
        pending: z.record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()])).optional(),
      }),
    )
    .default({}),
};
type LookedAt = { [Kind in keyof typeof lookedAtSchema]: z.output<(typeof lookedAtSchema)[Kind]> };

/** Puts them into the world, as they have been for a month. */
export const placeLookedAt = ({ aws: { lambda, ecs, rds, world } }: Host, { functions, services, databases }: LookedAt): void => {
  const at = world.clock.now() - 30 * dayMs;
  for (const [own, { published, aliases }] of Object.entries(functions))
    lambda.place({ name: own, modifiedAt: at, published: Array.from({ length: published }, () => at), aliases });
  for (const [own, { cluster, desired }] of Object.entries(services)) ecs.place({ cluster, name: own, desired, createdAt: at });
  for (const [id, { kind, status, optedIn, tags, maintenance, pending }] of Object.entries(databases))
    rds.place({
      id,
      kind,
      status,
      createdAt: at,
      tags: { ...(optedIn ? { [optInTag.Key]: optInTag.Value } : {}), ...tags },
      ...(maintenance === undefined ? {} : { maintenanceWindow: maintenance }),
      ...(pending === undefined ? {} : { pending }),
    });
};

/** New code; with an alias, also a version of it that the alias then points to. */
export const deployFunction = async ({ operator }: Host, FunctionName: string, alias: string | undefined): Promise<void> => {
  const lambda = operator.of(LambdaClient);
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: new Uint8Array([0]) }));
  if (alias === undefined) return;
  const { Version: FunctionVersion } = await lambda.send(new PublishVersionCommand({ FunctionName }));
  await lambda.send(new UpdateAliasCommand({ FunctionName, Name: alias, FunctionVersion }));
};

export const deployService = async ({ operator }: Host, service: string, cluster: string): Promise<void> => {
  await operator.of(ECSClient).send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
};
