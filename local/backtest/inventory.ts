import * as z from 'zod';
import { parseArn } from '../../shared/model/arn.ts';
import { parseJson } from '../../shared/model/json.ts';
import type { ResourceType } from '../../shared/model/resource.ts';
import { arnsOfTypes } from '../../shared/model/resources/index.ts';
import type { InstanceFacts } from '../../shared/model/snapshot.ts';
import { tagMap } from '../../shared/model/tags.ts';

type Tags = Record<string, string>;

/** What is known of resources, as they are today; nothing of it is looked up. */
export type Inventory = {
  /** Every resource has the opt-in tag. */
  everything: boolean;
  /** Ids listed without tags; they are opted in. */
  ids: ReadonlySet<string>;
  tags(id: string): Tags | undefined;
  /** Whether it tells of such resources at all: what isn't in a list of instances may still be a function with the tag. */
  tellsOf(type: ResourceType): boolean;
  instances: ReadonlyMap<string, Partial<InstanceFacts>>;
  /** One line for people. */
  told: string;
};

const text = z.string().nullish();
const tagList = z.array(z.object({ Key: z.string(), Value: z.string() })).nullish();
const taggedById = z.record(z.string(), z.record(z.string(), z.string()));

/**
 * What `aws ec2 describe-instances`, `aws autoscaling describe-auto-scaling-groups`, `aws rds describe-db-instances` and
 * `aws resourcegroupstaggingapi get-resources` print.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html
 */
const printed = z.object({
  Reservations: z
    .array(
      z.object({
        Instances: z.array(
          z.object({
            InstanceId: z.string(),
            InstanceType: text,
            RootDeviceType: text,
            InstanceLifecycle: text,
            Placement: z.object({ AvailabilityZone: text, AvailabilityZoneId: text }).nullish(),
            Tags: tagList,
          }),
        ),
      }),
    )
    .optional(),
  AutoScalingGroups: z.array(z.object({ AutoScalingGroupName: z.string(), Tags: tagList })).optional(),
  DBInstances: z.array(z.object({ DBInstanceIdentifier: z.string(), TagList: tagList })).optional(),
  ResourceTagMappingList: z.array(z.object({ ResourceARN: z.string(), Tags: tagList })).optional(),
});

const printedKeys = Object.keys(printed.shape) as (keyof typeof printed.shape)[];

const none = (told: string, everything: boolean): Inventory => ({
  everything,
  ids: new Set(),
  tags: () => undefined,
  tellsOf: () => true,
  instances: new Map(),
  told,
});

export const allOptedIn = none('every resource is assumed to have the opt-in tag', true);
export const noneOptedIn = none('no resource is assumed to have the opt-in tag', false);

const fromIds = (ids: readonly string[], name: string): Inventory => ({
  ...none(`the ${ids.length} resources in ${name} are assumed to have the opt-in tag, and no others`, false),
  ids: new Set(ids),
});

const fromTags = (tags: ReadonlyMap<string, Tags>, instances: ReadonlyMap<string, Partial<InstanceFacts>>, name: string): Inventory => ({
  ...none(`the ${tags.size} resources in ${name} have the tags listed there, and others have none`, false),
  tags: (id) => tags.get(id),
  instances,
});

/** The type of resources that each part of what is printed lists; the last one lists whatever has tags. */
const typesIn = {
  Reservations: 'instance',
  AutoScalingGroups: 'group',
  DBInstances: 'database',
} as const satisfies Record<Exclude<keyof typeof printed.shape, 'ResourceTagMappingList'>, ResourceType>;

/** The ids by which incidents may name what has this ARN. */
const idsOf = (text: string): string[] => {
  const arn = parseArn(text);
  const prefixes = arnsOfTypes.filter(({ service, whole }) => service === arn?.service && !whole).map(({ prefix }) => prefix);
  // As metrics name a service of ECS.
  if (arn?.service === 'ecs') prefixes.push('service/');
  const prefix = prefixes.find((one) => arn?.resource.startsWith(one));
  return arn && prefix !== undefined ? [text, arn.resource.slice(prefix.length)] : [text];
};

const fromPrinted = (given: z.infer<typeof printed>, name: string): Inventory => {
  const { Reservations, AutoScalingGroups, DBInstances, ResourceTagMappingList } = given;
  const tags = new Map<string, Tags>();
  const instances = new Map<string, Partial<InstanceFacts>>();
  for (const { InstanceId, InstanceType, RootDeviceType, InstanceLifecycle, Placement, Tags } of (Reservations ?? []).flatMap(
    (reservation) => reservation.Instances,
  )) {
    tags.set(InstanceId, tagMap(Tags));
    instances.set(InstanceId, {
      instanceType: InstanceType ?? 'unknown',
      rootDevice: RootDeviceType === 'instance-store' ? 'instance-store' : 'ebs',
      spot: InstanceLifecycle === 'spot',
      availabilityZone: Placement?.AvailabilityZone ?? '',
      zoneId: Placement?.AvailabilityZoneId ?? null,
    });
  }
  for (const { AutoScalingGroupName, Tags } of AutoScalingGroups ?? []) tags.set(AutoScalingGroupName, tagMap(Tags));
  for (const { DBInstanceIdentifier, TagList } of DBInstances ?? []) tags.set(DBInstanceIdentifier, tagMap(TagList));
  for (const { ResourceARN, Tags } of ResourceTagMappingList ?? []) for (const id of idsOf(ResourceARN)) tags.set(id, tagMap(Tags));
  const listed = (Object.keys(typesIn) as (keyof typeof typesIn)[]).filter((key) => given[key] !== undefined).map((key) => typesIn[key]);
  const others = `other resources of type ${listed.join(' and ')} have none, and those of other types are not known`;
  // An alias is tagged with its function.
  const byName = { ...fromTags(tags, instances, name), tags: (id: string) => tags.get(id) ?? tags.get(id.split(':')[0] ?? '') };
  if (ResourceTagMappingList) return byName;
  return {
    ...byName,
    tellsOf: (type) => listed.some((one) => one === type),
    told: `the ${tags.size} resources in ${name} have the tags listed there, ${others}`,
  };
};

/**
 * Reads what is opted in: a list of ids (JSON, or one per line), an object of tags by id, or what the AWS CLI prints for instances and
 * groups.
 * @throws {Error} saying what is wrong
 */
export const parseInventory = (content: string, name: string): Inventory => {
  const value = parseJson(content);
  if (value === undefined) {
    const ids = content.split(/\s+/).filter((id) => id !== '');
    if (/[{}[\]"]/.test(content) || ids.length === 0) throw new Error(`${name}: neither JSON nor a list of ids`);
    return fromIds(ids, name);
  }
  if (Array.isArray(value)) {
    const ids = z.array(z.string().min(1)).safeParse(value);
    if (!ids.success) throw new Error(`${name}: a list must be one of ids`);
    return fromIds(ids.data, name);
  }
  if (typeof value === 'object' && value !== null && printedKeys.some((key) => key in value)) {
    const read = printed.safeParse(value);
    if (read.success) return fromPrinted(read.data, name);
    const [issue] = read.error.issues;
    throw new Error(`${name}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const read = taggedById.safeParse(value);
  if (!read.success)
    throw new Error(`${name}: must be ids, tags by id, or what describe-instances, describe-auto-scaling-groups or get-resources prints`);
  return fromTags(new Map(Object.entries(read.data)), new Map(), name);
};

/** What is assumed to be opted in, as plain data: everything, nothing, or the content of a file. */
export type InventoryInput = 'all' | 'none' | { content: string; name: string };

/** Throws an Error that says what is wrong. */
export const inventoryOf = (input: InventoryInput): Inventory => {
  if (input === 'all') return allOptedIn;
  return input === 'none' ? noneOptedIn : parseInventory(input.content, input.name);
};
