import type { Resource, ResourceType } from '../resource.ts';
import type { ResourceSnapshot, TreatedFacts } from '../snapshot.ts';
import { alarm } from './alarm.ts';
import { canary } from './canary.ts';
import { capacityReservation } from './capacity-reservation.ts';
import { certificate } from './certificate.ts';
import { database } from './database.ts';
import type { ResourceTypeDefinition } from './definition.ts';
import { fleet } from './fleet.ts';
import { group } from './group.ts';
import { heartbeat } from './heartbeat.ts';
import { instance } from './instance.ts';
import { loadBalancer } from './load-balancer.ts';
import { queue } from './queue.ts';
import { region } from './region.ts';
import { service } from './service.ts';
import { snapshot } from './snapshot.ts';
import { targetGroup } from './target-group.ts';
import { task } from './task.ts';
import { volume } from './volume.ts';
import { zone } from './zone.ts';

const defined = {
  instance,
  volume,
  'target-group': targetGroup,
  'load-balancer': loadBalancer,
  group,
  database,
  queue,
  canary,
  certificate,
  service,
  task,
  snapshot,
  fleet,
  'capacity-reservation': capacityReservation,
  zone,
  region,
  heartbeat,
  alarm,
} satisfies Readonly<Record<ResourceType, ResourceTypeDefinition>>;

/** Every resource type, most specific first: an instance's own metric often names its group as well. */
export const typesOfResource: Readonly<Record<ResourceType, ResourceTypeDefinition>> = defined;

const named = Object.entries(typesOfResource) as [ResourceType, ResourceTypeDefinition][];

/** The types that actions may target. Every guard holds an action on any other type. */
export type ActedUpon = { [T in ResourceType]: (typeof defined)[T] extends { treated: object } ? T : never }[ResourceType];

/** Whether actions may target a type. */
export const isActedUpon = (type: ResourceType): type is ActedUpon => typesOfResource[type].treated !== undefined;

/** The resource's part of a snapshot; null if it isn't there, or if actions don't target the type. */
export const seenOf = (type: ResourceType, facts: TreatedFacts) => typesOfResource[type].treated?.seen(facts) ?? null;

/** The resource's part of a snapshot and that of what contains it. */
export const seenAround = (type: ResourceType, facts: ResourceSnapshot) =>
  [seenOf(type, facts), typesOfResource[type].treated?.within(facts)].filter((one) => one !== null && one !== undefined);

/** All parts of a snapshot that are of types that actions may target. */
export const everySeen = (facts: ResourceSnapshot) => named.flatMap(([, { treated }]) => treated?.seen(facts) ?? []);

/** A resource's Availability Zone, if known. */
export const zoneOf = ({ type, id }: Resource, facts: TreatedFacts): string | undefined => {
  const zone = typesOfResource[type].zone?.(id, facts);
  return zone === '' || zone === 'unknown' ? undefined : zone;
};

/** Whether a look for a resource of a type that actions may target didn't find it. */
export const isUnseen = (type: ResourceType, facts: ResourceSnapshot): boolean => typesOfResource[type].treated?.seen(facts) === null;

/** The types that metrics name, most specific first. */
export const typesInMetrics: readonly ResourceType[] = named.flatMap(([type, { dimensions }]) => (dimensions ? [type] : []));

const dimensions = new Map(
  named.flatMap(([type, one]) => Object.entries(one.dimensions ?? {}).map(([name, namespaces]) => [name, { type, namespaces }] as const)),
);

/** The type that a dimension of AWS's own metrics names, if any. */
export const typeOfDimension = (name: string): ResourceType | undefined => dimensions.get(name)?.type;

/** Whether an invalid id in this dimension is an error, and not just other text. */
export const mustBeWellFormed = (namespace: string, dimension: string): boolean =>
  dimensions.get(dimension)?.namespaces.includes(namespace) ?? false;

/** Whether an id has the form of its type. */
export const isValidResourceId = ({ type, id }: Resource): boolean => typesOfResource[type].idPattern.test(id);

/** The type of an id by its prefix in EC2's events, if any. */
export const typeOfPrefix = (id: string): ResourceType | undefined => named.find(([, { prefix }]) => prefix?.test(id))?.[0];

/** The ARNs of all types, longest prefix first. */
export const arnsOfTypes = named
  .flatMap(([type, { arns = [], strict = false }]) => arns.map((arn) => ({ type, strict, ...arn })))
  .sort((a, b) => b.prefix.length - a.prefix.length);
