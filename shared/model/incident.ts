import { createHash } from 'node:crypto';
import * as z from 'zod';
import { alarmRefSchema, type Classification, classificationSchema } from './classification.ts';
import { type FailureId, failureIds } from './failure-id.ts';

/**
 * One failure on one resource. A durable execution starts with it, so apart from the fields left out of its key it is equal in all
 * deliveries of the same episode.
 */
export const incidentSchema = classificationSchema.extend({
  /** Also the name of the durable execution: letters, digits and hyphens, at most 64. */
  key: z.string().regex(/^[a-z0-9-]{1,64}$/),
  failure: classificationSchema.shape.failure.unwrap(),
  resource: classificationSchema.shape.resource.unwrap(),
  account: z.string(),
  region: z.string(),
  disposition: z.enum(['remediate', 'escalate']),
  /** Within the range of a Date. */
  at: z.int().min(0).max(8.64e15),
});
export type Incident = z.infer<typeof incidentSchema>;

/**
 * What all copies of one event have in common. The execution starts with it, so a second start is the same as the first, whichever copy it
 * is for. Anything more that a copy contains is in the ledger's inbox.
 */
export const briefSchema = incidentSchema
  .pick({ key: true, failure: true, resource: true, account: true, region: true, partition: true, severity: true, kind: true, at: true })
  .extend({ alarm: alarmRefSchema.omit({ actions: true }).nullable(), inbox: z.literal(true) });
export type Brief = z.infer<typeof briefSchema>;

/** Reduces an incident to what all copies of its event have in common. */
export const briefOf = ({ key, failure, resource, account, region, partition, severity, kind, at, alarm }: Incident): Brief => ({
  ...{ key, failure, resource, account, region, partition, severity, kind, at },
  alarm: alarm && { name: alarm.name, arn: alarm.arn },
  inbox: true,
});

/** The key of a second incident, for an actionable copy that arrives after the inbox was closed with copies that were not. */
export const successorOf = (key: string): string => `${key}-2`;

/** The name of the heartbeat that an incident is about; null if it is about none. */
export const beatOf = ({ kind, evidence }: Partial<Pick<Incident, 'kind' | 'evidence'>>): string | null =>
  kind === 'heartbeat' ? (evidence?.beat ?? null) : null;

/**
 * The same for every redelivery of an episode, in any envelope and order, and different for every other episode. Two alarms that go off at
 * the same moment have two keys: one may be silenced, and must not silence the other. So have two heartbeats.
 */
export const incidentKey = (
  verdict: Pick<Incident, 'failure' | 'resource' | 'account' | 'region' | 'at' | 'alarm'> & Partial<Pick<Incident, 'kind' | 'evidence'>>,
): string => {
  const { failure, resource, account, region, at, alarm } = verdict;
  const of = alarm?.name ?? beatOf(verdict);
  const episode = JSON.stringify([account, region, failure, resource.type, resource.id, at, ...(of === null ? [] : [of])]);
  return `${failure}-${createHash('sha256').update(episode).digest('hex').slice(0, 32)}`;
};

const keyForm = /^([a-z-]+)-[0-9a-z]+(?:-2)?$/;

/** The failure class in an incident's key; undefined where it names none that there is. */
export const failureInKey = (key: string): FailureId | undefined => {
  const name = keyForm.exec(key)?.[1];
  return failureIds.find((id) => id === name);
};

/** In bytes. AWS's own names are much shorter, and everything about an execution is kept in one DynamoDB item. */
const byteLimits = { children: 100_000, actions: 20_000 };

/** The first of `texts` that together fit into `bytes`. */
const takeWithin = (texts: readonly string[], bytes: number): string[] => {
  let left = bytes;
  return texts.filter((text) => {
    left -= Buffer.byteLength(text);
    return left >= 0;
  });
};

/** The incident that a verdict opens, or null if the verdict is to do nothing. A missing account or region defaults to `home`. */
export const openIncident = (verdict: Classification, home: { account: string; region: string }): Incident | null => {
  const { failure, resource, disposition, alarm, children } = verdict;
  if (disposition === 'ignore' || failure === null || resource === null) return null;
  const opened = {
    ...verdict,
    failure,
    resource,
    disposition,
    alarm: alarm?.actions ? { ...alarm, actions: takeWithin(alarm.actions, byteLimits.actions) } : alarm,
    children: takeWithin(children, byteLimits.children),
    account: verdict.account ?? home.account,
    region: verdict.region ?? home.region,
  };
  return { ...opened, key: incidentKey(opened) };
};
