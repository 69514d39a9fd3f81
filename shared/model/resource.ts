import * as z from 'zod';

/** Types of resource that a failure can be about. `alarm` is used where an alarm names nothing else. */
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
  'heartbeat',
  'alarm',
] as const;

export type ResourceType = (typeof resourceTypes)[number];

/** A resource by its type and id, in the account and region of its incident. */
export const resourceSchema = z.object({ type: z.enum(resourceTypes), id: z.string().min(1).max(2048) });

export type Resource = z.infer<typeof resourceSchema>;
