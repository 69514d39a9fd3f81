import * as z from 'zod';
import { classificationRulesSchema } from './failures/rules.ts';

/**
 * What may be done to what, and how much of it. Everything has a default, so an empty policy is a safe one. Durations are in
 * seconds.
 */
export const policySchema = z
  .strictObject({
    /** `enforce` acts, `dry-run` takes every step but the mutating call, `off` only reports. */
    mode: z.enum(['off', 'dry-run', 'enforce']).default('enforce'),
    /** The tag that a resource must carry, with this value, before anything is done to it. */
    optIn: z.strictObject({ key: z.string().min(1).max(128), value: z.string().max(256) }).default({ key: 'selfheal', value: 'on' }),
    budget: z
      .strictObject({ actions: z.int().min(1).max(100), window: z.int().min(60) })
      .default({ actions: 6, window: 6 * 3600 })
      .describe('At most so many actions on one resource in a window'),
    lease: z
      .strictObject({
        /** How long a lease outlives its last renewal; a dead execution blocks its resource no longer than this. */
        seconds: z.int().min(60).max(86_400),
        /** How long an incident waits for another that treats the same resource. */
        patience: z.int().min(0).max(86_400),
      })
      .default({ seconds: 45 * 60, patience: 30 * 60 }),
    approval: z
      .strictObject({
        /** How long a person has to decide; after that nothing is done. */
        timeout: z.int().min(60).max(604_800),
      })
      .default({ timeout: 4 * 3600 }),
    verify: z
      .strictObject({
        /** The least time between the two looks that must both find the resource healthy. */
        apart: z.int().min(1).max(3600),
      })
      .default({ apart: 30 }),
    /** What alarms that selfheal doesn't know mean: custom and log-based metrics, above all. */
    classification: classificationRulesSchema.prefault({}),
    scaleOut: z.strictObject({ share: z.number().min(0).max(1) }).default({ share: 0.1 }),
    /** Hours of the day (UTC) in which disruptive work that can wait is done. */
    calm: z
      .strictObject({ fromHour: z.int().min(0).max(23), toHour: z.int().min(1).max(24) })
      .refine(({ fromHour, toHour }) => fromHour < toHour, { error: 'fromHour must be before toHour' })
      .default({ fromHour: 2, toHour: 5 }),
  })
  .prefault({});

export type Policy = z.infer<typeof policySchema>;

/** Reads a policy from JSON text; an empty text is the default policy. Throws an Error that names the path and the reason. */
export const parsePolicy = (text: string): Policy => {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new Error(`policy: not JSON: ${(error as Error).message}`);
  }
  const result = policySchema.safeParse(value);
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `policy: ${path.join('.') || '(root)'}: ${message}`).join('; '));
};
