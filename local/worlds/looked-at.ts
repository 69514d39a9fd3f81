import * as z from 'zod';
import { dayMs, duration } from '../../shared/model/duration.ts';
import { optInTag } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import { databasesSchema, placeDatabases } from './databases.ts';
import { name } from './values.ts';

/** A version of a function by its number. */
export const versionNumber = z.string().regex(/^\d{1,2}$/, 'must be the number of a version, as text');
const share = z.number().min(0).max(1);
const durationMs = z.number().positive().max(900_000);
const tags = z.record(z.string().min(1).max(128), z.string().max(256)).default({});

const lambdaFunction = z.strictObject({
  published: z.int().min(0).max(20).default(0),
  /** The version that each alias points to. */
  aliases: z.record(name, versionNumber).default({}),
  optedIn: z.boolean().default(true),
  tags,
  /** Invocations a minute that name the function alone, and those that name an alias. */
  rate: z.number().min(0).default(0),
  rates: z.record(name, z.number().min(0)).default({}),
  /** The share of its invocations that fail, and how long they take on average; of single versions, where these differ. */
  errors: share.default(0),
  durationMs: durationMs.default(100),
  versions: z.record(versionNumber, z.strictObject({ errors: share.optional(), durationMs: durationMs.optional() })).default({}),
  timeout: duration.default(30),
  /** Reserved concurrency. */
  reserved: z.int().min(0).optional(),
  /** Event source mappings, by the names of the queues that they read. */
  mappings: z
    .record(name, z.strictObject({ alias: name.optional(), enabled: z.boolean().default(true), rate: z.number().min(0).default(0) }))
    .default({}),
});

/** Functions and databases, by the names that AWS has them under. */
export const lookedAtSchema = {
  functions: z.record(name, lambdaFunction).default({}),
  databases: databasesSchema,
};
type LookedAt = { [Kind in keyof typeof lookedAtSchema]: z.output<(typeof lookedAtSchema)[Kind]> };

/** Puts them into the world, as they have been for a month. */
export const placeLookedAt = async (host: Host, { functions, databases }: LookedAt): Promise<void> => {
  const { lambda, world } = host.aws;
  const at = world.clock.now() - 30 * dayMs;
  const tagged = (optedIn: boolean, own: Readonly<Record<string, string>>) => ({
    ...(optedIn ? { [optInTag.Key]: optInTag.Value } : {}),
    ...own,
  });
  for (const [own, { published, optedIn, rate, errors, durationMs, mappings, reserved, ...spec }] of Object.entries(functions)) {
    const { aliases, timeout, versions } = spec;
    lambda.place({
      name: own,
      modifiedAt: at,
      published: Array.from({ length: published }, () => at),
      aliases,
      timeout,
      tags: tagged(optedIn, spec.tags),
      behaviour: { errors, durationMs },
      versions,
      rates: { ...(rate > 0 ? { '': rate } : {}), ...spec.rates },
      ...(reserved === undefined ? {} : { reserved }),
    });
    for (const [queue, { alias, enabled, rate: perMinute }] of Object.entries(mappings))
      lambda.placeMapping({
        ...{ functionName: own, source: world.arn('sqs', queue), enabled, perMinute, modifiedAt: at },
        ...(alias === undefined ? {} : { target: alias }),
      });
  }
  await placeDatabases(host, databases, at);
};
