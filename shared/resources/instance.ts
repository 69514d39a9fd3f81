import { DescribeInstanceStatusCommand, DescribeInstancesCommand, DescribeInstanceTypesCommand, type Instance } from '@aws-sdk/client-ec2';
import { classifyError, isDenied } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { readCheckStatus, readInstanceState } from '../aws/states.ts';
import { isNamed } from '../model/errors.ts';
import type { Incident } from '../model/incident.ts';
import type { InstanceFacts, StatusFacts } from '../model/snapshot.ts';
import { tagMap } from '../model/tags.ts';
import { DescribeLagError } from './describe-lag.ts';
import type { Part } from './resource-kind.ts';

/** Read-only calls of a look at an instance. A test compares them with the packaged template. */
export const instancePermissions = ['ec2:DescribeInstances', 'ec2:DescribeInstanceStatus', 'ec2:DescribeInstanceTypes'] as const;

const isNotFound = (error: unknown): boolean => isNamed(error, 'InvalidInstanceID.NotFound');

/** What EC2 says of an instance, in the words of a look. */
export const toInstance = (found: Instance): InstanceFacts => {
  const tags = tagMap(found.Tags);
  return {
    id: found.InstanceId ?? '',
    state: readInstanceState(found.State?.Name),
    stateReason: found.StateReason?.Code ?? null,
    stoppedAt: stoppedAtOf(found.StateTransitionReason),
    instanceType: found.InstanceType ?? 'unknown',
    availabilityZone: found.Placement?.AvailabilityZone ?? 'unknown',
    zoneId: found.Placement?.AvailabilityZoneId ?? null,
    launchedAt: found.LaunchTime?.getTime() ?? 0,
    tags,
    rootDevice: found.RootDeviceType ?? 'unknown',
    instanceStore: null,
    spot: found.InstanceLifecycle === 'spot' || found.InstanceLifecycle === 'interruptible-capacity-reservation',
    autoRecovery: found.MaintenanceOptions?.AutoRecovery === 'default',
    groupName: tags['aws:autoscaling:groupName'] ?? null,
    address: toAddress(found),
    volumes: (found.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.VolumeId ?? []),
    operator: found.Operator?.Managed ? (found.Operator.Principal ?? 'an AWS service') : null,
  };
};

/** Reads the time in `User initiated (2026-03-02 10:05:31 GMT)`. */
const stoppedAtOf = (reason: string | undefined): number | null => {
  const [, date, time] = /\((\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) GMT\)/.exec(reason ?? '') ?? [];
  const at = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(at) ? null : at;
};

/**
 * Owner of the association: `amazon` for an address from AWS's pool, an account for an elastic one.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceAssociation.html
 */
const toAddress = ({ PublicIpAddress, NetworkInterfaces = [] }: Instance): InstanceFacts['address'] => {
  if (!PublicIpAddress) return null;
  const owners = NetworkInterfaces.flatMap(({ Association }) => (Association?.PublicIp === PublicIpAddress ? [Association.IpOwnerId] : []));
  // An address that isn't certain to stay is assumed to change.
  return { ip: PublicIpAddress, elastic: owners.some((owner) => owner !== undefined && /^\d{12}$/.test(owner)) };
};

/**
 * The instance; null if EC2 has none with that id.
 * @throws whatever the SDK throws
 */
export const describeInstance = async ({ ec2 }: Pick<Clients, 'ec2'>, id: string): Promise<InstanceFacts | null> => {
  try {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const found = Reservations?.[0]?.Instances?.[0];
    // EC2 reports a missing instance with an error. An empty result is not an answer.
    if (!found) throw new DescribeLagError(`EC2 returned an empty result for ${id}`);
    return toInstance(found);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
};

/** What is the same for all instances of a type; null where EC2 doesn't say. */
type TypeFacts = { instanceStore: boolean | null; autoRecovery: boolean | null };

/** Cached per client: it never changes for a type. */
const types = new WeakMap<Clients['ec2'], Map<string, TypeFacts>>();

/** "Recovery is supported by all the types that the filter auto-recovery-supported lists", as the page on the configuration of recovery has it. */
const describeType = async ({ ec2 }: Clients, instanceType: string): Promise<TypeFacts> => {
  const known = types.get(ec2) ?? new Map<string, TypeFacts>();
  types.set(ec2, known);
  const learnt = known.get(instanceType);
  if (learnt !== undefined) return learnt;
  const { InstanceTypes } = await ec2.send(
    new DescribeInstanceTypesCommand({ InstanceTypes: [instanceType as NonNullable<Instance['InstanceType']>] }),
  );
  const { InstanceStorageSupported: instanceStore = null, AutoRecoverySupported: autoRecovery = null } = InstanceTypes?.[0] ?? {};
  const found = { instanceStore, autoRecovery };
  if (instanceStore !== null) known.set(instanceType, found);
  return found;
};

const describeStatus = async ({ ec2 }: Clients, id: string): Promise<StatusFacts | null> => {
  try {
    const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id], IncludeAllInstances: true }));
    const found = InstanceStatuses?.[0];
    if (!found) return null;
    return {
      state: readInstanceState(found.InstanceState?.Name),
      system: readCheckStatus(found.SystemStatus?.Status),
      systemImpairedSince: found.SystemStatus?.Details?.find(({ ImpairedSince }) => ImpairedSince)?.ImpairedSince?.getTime() ?? null,
      instance: readCheckStatus(found.InstanceStatus?.Status),
      attachedEbs: found.AttachedEbsStatus?.Status ? readCheckStatus(found.AttachedEbsStatus.Status) : null,
      // AWS keeps a completed event for a week and marks it only in its description.
      scheduled: (found.Events ?? [])
        .filter(({ Description }) => !/^\[(Completed|Canceled)\]/.test(Description ?? ''))
        .map(({ Code, NotBefore, NotAfter }) => ({
          code: Code ?? 'unknown',
          notBefore: NotBefore?.getTime() ?? null,
          notAfter: NotAfter?.getTime() ?? null,
        })),
    };
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
};

/**
 * Reads the instance and its status. For a known instance in an unchanged state, the status alone shows every relevant improvement. A
 * stopped one is read again: it may have been started and stopped for another reason.
 */
export const describeWithStatus = async (
  clients: Clients,
  id: string,
  known: InstanceFacts | null | undefined,
): Promise<[InstanceFacts | null, StatusFacts | null]> => {
  const early = known ? await describeStatus(clients, id) : null;
  if (known && early && early.state === known.state && early.state !== 'stopped') return [known, early];
  const [instance, status] = await Promise.all([describeInstance(clients, id), early ?? describeStatus(clients, id)]);
  if (!instance && status) throw new DescribeLagError(`EC2 finds no instance ${id}, but reports its status checks`);
  if (instance && instance.instanceType === known?.instanceType) {
    instance.instanceStore = known.instanceStore;
    instance.autoRecovery &&= known.autoRecovery;
  }
  return [instance, status];
};

/** The same if no action will follow: each call may be refused without the other. */
export const describeInParts = async (clients: Clients, id: string, part: Part): Promise<[InstanceFacts | null, StatusFacts | null]> => {
  const [described, status] = await Promise.all([
    part(`instance ${id}`, async () => ({ instance: await describeInstance(clients, id) })),
    part(`the status checks of ${id}`, () => describeStatus(clients, id)),
  ]);
  if (described?.instance === null && status) throw new DescribeLagError(`EC2 finds no instance ${id}, but reports its status checks`);
  return [described?.instance ?? null, status];
};

const unknownType: TypeFacts = { instanceStore: null, autoRecovery: null };

/** Only needed to decide whether a lone instance may be stopped, and whether EC2 recovers it by itself. */
export const typeOf = async (clients: Clients, incident: Incident, instance: InstanceFacts): Promise<TypeFacts> => {
  if (incident.playbook === null || instance.groupName !== null) return unknownType;
  try {
    return await describeType(clients, instance.instanceType);
  } catch (error) {
    // Without this permission the instance can't be stopped, but it can still be rebooted.
    if (isDenied(classifyError(error))) return unknownType;
    throw error;
  }
};
