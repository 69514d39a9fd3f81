import * as z from 'zod';

/** Kinds of thing that a failure can be about. `alarm` is what is named where an alarm names nothing else. */
export const resourceTypes = [
  'instance',
  'group',
  'volume',
  'snapshot',
  'fleet',
  'target-group',
  'load-balancer',
  'database',
  'service',
  'task',
  'queue',
  'canary',
  'certificate',
  'zone',
  'region',
  'capacity-reservation',
  'alarm',
] as const;

export type ResourceType = (typeof resourceTypes)[number];

export const resourceSchema = z.object({ type: z.enum(resourceTypes), id: z.string().min(1).max(2048) });

export type Resource = z.infer<typeof resourceSchema>;
