import { principalOf } from '../../../core/principal.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { CallContext } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import type { DescribeView, Instance, Volume } from '../model/instance.ts';

/** `DryRun` says what would have happened; permissions are checked before a call gets here. */
export const dryRun = (input: { DryRun?: boolean | undefined }): void => {
  if (input.DryRun) throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
};

/** Who calls, as key policies name him. */
export const principal = (fleet: Fleet, { accessKey }: CallContext): string => principalOf(fleet.world, accessKey).grantee;

const isId = (prefix: string, id: string): boolean => {
  const rest = id.startsWith(`${prefix}-`) ? id.slice(prefix.length + 1) : '';
  return /^([0-9a-f]{8}|[0-9a-f]{17})$/.test(rest);
};

/** Throws EC2's error for an id that hasn't the form of its kind, e.g. `InvalidInstanceID.Malformed`. */
export const checkForm = (ids: readonly string[], prefix: string, code: string): void => {
  const malformed = ids.find((id) => !isId(prefix, id));
  if (malformed !== undefined)
    throw new AwsError(`${code}.Malformed`, `Invalid id: "${malformed.slice(0, 100)}" (expecting "${prefix}-...")`);
};

export type Seen = {
  readonly instance: Instance;
  readonly described: DescribeView;
  /** The time to which it belongs. */
  readonly at: number;
};

/** What the wire shows of these instances. One that is malformed or unknown fails the whole call, as EC2 has it. */
export const seenInstances = (fleet: Fleet, ids: readonly string[]): Seen[] => {
  checkForm(ids, 'i', 'InvalidInstanceID');
  const found: Seen[] = [];
  const missing: string[] = [];
  for (const id of new Set(ids)) {
    const instance = fleet.instances.get(id);
    const seen = instance && fleet.seenNow(instance);
    if (instance && seen) found.push({ instance, ...seen });
    else missing.push(id);
  }
  if (missing.length === 1) throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${missing[0]}' does not exist`);
  if (missing.length > 1) throw new AwsError('InvalidInstanceID.NotFound', `The instance IDs '${missing.join(', ')}' do not exist`);
  return found;
};

export const allSeen = function* (fleet: Fleet): Iterable<Seen> {
  for (const instance of fleet.instances.values()) {
    const seen = fleet.seenNow(instance);
    if (seen) yield { instance, ...seen };
  }
};

export const volumesById = (fleet: Fleet, ids: readonly string[]): Volume[] => {
  checkForm(ids, 'vol', 'InvalidVolumeID');
  return [...new Set(ids)].map((id) => {
    const volume = fleet.volumes.get(id);
    if (!volume) throw new AwsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
    return volume;
  });
};

export const tagList = (tags: ReadonlyMap<string, string>): { Key: string; Value: string }[] =>
  [...tags].map(([Key, Value]) => ({ Key, Value }));

/** A date as EC2 gives it for launches and attachments: whole seconds. */
export const wholeSecond = (at: number): Date => new Date(Math.floor(at / 1000) * 1000);

/**
 * Only its operator may change an instance that a service manages: everybody else is denied, whatever his policies say.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/amazon-ec2-managed-instances.html
 */
export const checkOperator = (fleet: Fleet, operation: string, { id, operator }: Instance, context: CallContext): void => {
  if (operator === null || context.accessKey === operator) return;
  throw new AwsError(
    'UnauthorizedOperation',
    `You are not authorized to perform this operation. User: ${principal(fleet, context)} is not authorized to perform: ec2:${operation} on resource: ${fleet.world.arn('ec2', `instance/${id}`)} with an explicit deny in a resource-based policy`,
    403,
  );
};
