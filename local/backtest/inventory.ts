import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Instance } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { Clients } from '../../shared/aws/clients.ts';
import type { Guard } from '../../shared/guards/guard.ts';
import { parseArn } from '../../shared/model/arn.ts';
import { parseJson } from '../../shared/model/json.ts';
import type { ResourceType } from '../../shared/model/resource.ts';
import { arnsOfTypes } from '../../shared/model/resources/index.ts';
import type { AlarmFacts, GroupFacts, InstanceFacts } from '../../shared/model/snapshot.ts';
import { tagMap } from '../../shared/model/tags.ts';
import { toGroup } from '../../shared/resources/group.ts';
import { toInstance } from '../../shared/resources/instance.ts';

type Tags = Record<string, string>;

/** What is asked about the present besides, where the question is not what has been. */
export type Present = {
  groups: ReadonlyMap<string, GroupFacts>;
  alarms: ReadonlyMap<string, AlarmFacts>;
  /** Guards that can be asked, in order, about a resource that is known or is not: what they look up is in `clients`. */
  guards: { known: readonly Guard[]; unknown: readonly Guard[] };
  clients: Partial<Clients>;
};

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
  /** Null: it is held against a history, of whose time only tags and what doesn't change are known. */
  present: Present | null;
  /** One line for people. */
  told: string;
};

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);
const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((value) => value ?? undefined);
const part = <T extends z.ZodRawShape>(shape: T) =>
  z
    .object(shape)
    .nullish()
    .transform((value) => value ?? undefined);
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
            State: part({ Name: text }),
            Placement: part({ AvailabilityZone: text, AvailabilityZoneId: text }),
            PublicIpAddress: text,
            NetworkInterfaces: list(z.object({ Association: part({ PublicIp: text, IpOwnerId: text }) })),
            BlockDeviceMappings: list(z.object({ Ebs: part({ VolumeId: text }) })),
            Operator: part({ Managed: z.boolean().nullish(), Principal: text }),
            Tags: tagList,
          }),
        ),
      }),
    )
    .optional(),
  AutoScalingGroups: z
    .array(
      z.object({
        AutoScalingGroupName: z.string(),
        MinSize: count,
        MaxSize: count,
        DesiredCapacity: count,
        DefaultCooldown: count,
        DefaultInstanceWarmup: count,
        HealthCheckType: text,
        HealthCheckGracePeriod: count,
        InstanceMaintenancePolicy: part({ MinHealthyPercentage: count, MaxHealthyPercentage: count }),
        TargetGroupARNs: list(z.string()),
        LoadBalancerNames: list(z.string()),
        SuspendedProcesses: list(z.object({ ProcessName: text })),
        Status: text,
        Instances: list(
          z.object({ InstanceId: text, LifecycleState: text, HealthStatus: text, ProtectedFromScaleIn: z.boolean().nullish() }),
        ),
        Tags: tagList,
      }),
    )
    .optional(),
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
  present: null,
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

type Printed = z.infer<typeof printed>;

/** What an instance keeps for as long as it lives, and its state now. */
const factsOfInstance = (found: NonNullable<Printed['Reservations']>[number]['Instances'][number]): Partial<InstanceFacts> => {
  const { state, address, volumes, operator, spot } = toInstance(found as Instance);
  return {
    ...{ state, address, volumes, operator, spot },
    instanceType: found.InstanceType ?? 'unknown',
    rootDevice: found.RootDeviceType === 'instance-store' ? 'instance-store' : 'ebs',
    availabilityZone: found.Placement?.AvailabilityZone ?? '',
    zoneId: found.Placement?.AvailabilityZoneId ?? null,
  };
};

const fromPrinted = (given: Printed, name: string): Inventory => {
  const { Reservations, AutoScalingGroups, DBInstances, ResourceTagMappingList } = given;
  const tags = new Map<string, Tags>();
  const instances = new Map<string, Partial<InstanceFacts>>();
  for (const found of (Reservations ?? []).flatMap((reservation) => reservation.Instances)) {
    tags.set(found.InstanceId, tagMap(found.Tags));
    instances.set(found.InstanceId, factsOfInstance(found));
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

/** Whether a value is what the AWS CLI prints, or an SDK answers, of instances, groups or databases. */
export const isPrinted = (value: object): boolean => printedKeys.some((key) => key in value);

const parsePrinted = (value: unknown, name: string): Printed => {
  const read = printed.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Error(`${name}: ${issue?.path.join('.')}: ${issue?.message}`);
};

/** Several of these as one. */
export type Listed = { inventory: Inventory; groups: Map<string, GroupFacts>; has: { instances: boolean; groups: boolean } };

/**
 * All of these as one inventory, with the groups as they are now.
 * @throws {Error} saying what is wrong
 */
export const listPrinted = (values: readonly { where: string; value: unknown }[], name: string): Listed => {
  const read = values.map(({ where, value }) => parsePrinted(value, where));
  /** Left out where none of them has it: then nothing is known of what it would list. */
  const merged = <K extends keyof Printed>(key: K): Printed[K] =>
    read.some((one) => one[key] !== undefined) ? (read.flatMap((one): unknown[] => one[key] ?? []) as Printed[K]) : undefined;
  const all: Printed = {
    Reservations: merged('Reservations'),
    AutoScalingGroups: merged('AutoScalingGroups'),
    DBInstances: merged('DBInstances'),
    ResourceTagMappingList: merged('ResourceTagMappingList'),
  };
  const groups = (all.AutoScalingGroups ?? []).map((one) => [
    one.AutoScalingGroupName,
    toGroup(one.AutoScalingGroupName, one as AutoScalingGroup),
  ]);
  return {
    inventory: fromPrinted(all, name),
    groups: new Map(groups as [string, GroupFacts][]),
    has: {
      instances: all.Reservations !== undefined,
      groups: all.AutoScalingGroups !== undefined,
    },
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
  if (typeof value === 'object' && value !== null && isPrinted(value)) return fromPrinted(parsePrinted(value, name), name);
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
