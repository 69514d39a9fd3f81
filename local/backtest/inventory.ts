import * as z from 'zod';
import { parseJson } from '../../shared/model/json.ts';
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
  instances: ReadonlyMap<string, Partial<InstanceFacts>>;
  /** One line for people. */
  told: string;
};

const text = z.string().nullish();
const tagList = z.array(z.object({ Key: z.string(), Value: z.string() })).nullish();
const taggedById = z.record(z.string(), z.record(z.string(), z.string()));

/**
 * What `aws ec2 describe-instances`, `aws autoscaling describe-auto-scaling-groups` and `aws rds describe-db-instances` print.
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
});

const printedKeys = Object.keys(printed.shape);

const none = (told: string, everything: boolean): Inventory => ({
  everything,
  ids: new Set(),
  tags: () => undefined,
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

const fromPrinted = ({ Reservations, AutoScalingGroups, DBInstances }: z.infer<typeof printed>, name: string): Inventory => {
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
  return fromTags(tags, instances, name);
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
  if (!read.success) throw new Error(`${name}: must be ids, tags by id, or what describe-instances or describe-auto-scaling-groups prints`);
  return fromTags(new Map(Object.entries(read.data)), new Map(), name);
};

/** What is assumed to be opted in, as plain data: everything, nothing, or the content of a file. */
export type InventoryInput = 'all' | 'none' | { content: string; name: string };

/** Throws an Error that says what is wrong. */
export const inventoryOf = (input: InventoryInput): Inventory => {
  if (input === 'all') return allOptedIn;
  return input === 'none' ? noneOptedIn : parseInventory(input.content, input.name);
};
