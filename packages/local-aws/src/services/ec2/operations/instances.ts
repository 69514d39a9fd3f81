import type { DescribeInstancesCommandInput, DescribeInstancesCommandOutput, Reservation } from '@aws-sdk/client-ec2';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import { stateCodes } from '../model/instance.ts';
import { allSeen, dryRun, type Seen, seenInstances, wholeSecond } from './common.ts';
import { compileFilters, type FilterTable, tagFilters } from './filters.ts';
import { checkPage, page } from './pages.ts';
import { privateDnsName, publicDnsName, publicIpOf, securityGroupName, wireAssociation, wireInstance } from './shape.ts';

const rules = { call: 'DescribeInstances', least: 5, most: 1000 };

const instanceFilters = (fleet: Fleet): FilterTable<Seen> => {
  const { region, account } = fleet.world;
  return {
    ...tagFilters<Seen>(({ described }) => described.tags),
    architecture: ({ instance }) => instance.type.architecture,
    'availability-zone': ({ instance }) => instance.zone.name,
    'availability-zone-id': ({ instance }) => instance.zone.id,
    'block-device-mapping.attach-time': ({ instance }) =>
      instance.volumes.map(({ attachment }) => wholeSecond(attachment?.at ?? 0).toISOString()),
    'block-device-mapping.delete-on-termination': ({ instance }) =>
      instance.volumes.map(({ attachment }) => String(attachment?.deleteOnTermination)),
    'block-device-mapping.device-name': ({ instance }) => instance.volumes.map(({ attachment }) => attachment?.device ?? ''),
    'block-device-mapping.status': ({ instance }) => instance.volumes.map(({ attachment }) => attachment?.state ?? ''),
    'block-device-mapping.volume-id': ({ instance }) => instance.volumes.map((v) => v.id),
    'client-token': ({ instance }) => instance.clientToken,
    'dns-name': (seen) => publicDnsName(seen, region),
    'ebs-optimized': () => 'false',
    'ena-support': () => 'true',
    'hibernation-options.configured': ({ instance }) => String(instance.hibernates),
    hypervisor: () => 'xen',
    'image-id': ({ instance }) => instance.imageId,
    'instance-id': ({ instance }) => instance.id,
    'instance-lifecycle': ({ instance }) => (instance.spotRequestId === null ? undefined : 'spot'),
    'instance-state-code': ({ described }) => String(stateCodes[described.state]),
    'instance-state-name': ({ described }) => described.state,
    'instance-type': ({ instance }) => instance.type.name,
    'instance.group-id': () => fleet.securityGroupId,
    'instance.group-name': () => securityGroupName,
    'ip-address': (seen) => publicIpOf(seen) ?? undefined,
    'key-name': ({ instance }) => instance.keyName ?? undefined,
    'launch-index': ({ instance }) => String(instance.launchIndex),
    'launch-time': ({ described }) => wholeSecond(described.launchedAt).toISOString(),
    'maintenance-options.auto-recovery': ({ described }) => described.autoRecovery,
    'monitoring-state': ({ instance }) => (instance.detailedMonitoring ? 'enabled' : 'disabled'),
    'network-interface.addresses.association.ip-owner-id': (seen) => wireAssociation(fleet, seen)?.IpOwnerId,
    'network-interface.addresses.association.public-ip': (seen) => publicIpOf(seen) ?? undefined,
    'network-interface.association.ip-owner-id': (seen) => wireAssociation(fleet, seen)?.IpOwnerId,
    'network-interface.association.public-ip': (seen) => publicIpOf(seen) ?? undefined,
    'network-interface.network-interface-id': ({ instance }) => instance.networkInterfaceId,
    'network-interface.subnet-id': ({ instance }) => instance.zone.subnetId,
    'operator.managed': ({ instance }) => String(instance.operator !== null),
    'operator.principal': ({ instance }) => instance.operator ?? undefined,
    'owner-id': () => account,
    platform: () => undefined,
    'platform-details': () => 'Linux/UNIX',
    'private-dns-name': (seen) => privateDnsName(seen, region),
    'private-ip-address': ({ instance }) => instance.privateIp,
    reason: ({ described }) => described.transitionReason,
    'requester-id': ({ instance }) => instance.requesterId ?? undefined,
    'reservation-id': ({ instance }) => instance.reservationId,
    'root-device-name': ({ instance }) => instance.rootDevice,
    'root-device-type': () => 'ebs',
    'source-dest-check': () => 'true',
    'spot-instance-request-id': ({ instance }) => instance.spotRequestId ?? undefined,
    'state-reason-code': ({ described }) => described.stateReason?.code,
    'state-reason-message': ({ described }) => described.stateReason?.message,
    'subnet-id': ({ instance }) => instance.zone.subnetId,
    tenancy: () => 'default',
    'usage-operation': () => 'RunInstances',
    'virtualization-type': () => 'hvm',
    'vpc-id': () => fleet.vpcId,
  };
};

/** Instances of one launch stand together in one reservation. */
export const reservations = (fleet: Fleet, instances: readonly Seen[]): Reservation[] => {
  const byId = new Map<string, Reservation & { Instances: NonNullable<Reservation['Instances']> }>();
  for (const seen of instances) {
    const { reservationId, requesterId } = seen.instance;
    let reservation = byId.get(reservationId);
    if (!reservation) {
      reservation = {
        ReservationId: reservationId,
        OwnerId: fleet.world.account,
        ...(requesterId === null ? {} : { RequesterId: requesterId }),
        Groups: [],
        Instances: [],
      };
      byId.set(reservationId, reservation);
    }
    reservation.Instances.push(wireInstance(fleet, seen));
  }
  return [...byId.values()];
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
export const describeInstances = (fleet: Fleet): Record<string, Operation> => {
  const table = instanceFilters(fleet);
  return {
    DescribeInstances: operation<DescribeInstancesCommandInput, DescribeInstancesCommandOutput>(
      () => sdk.ec2().DescribeInstances$,
      (input) => {
        const ids = input.InstanceIds ?? [];
        checkPage(rules, input, { name: 'instancesSet', given: ids.length > 0 });
        const matches = compileFilters(table, input.Filters);
        const candidates = ids.length > 0 ? seenInstances(fleet, ids) : allSeen(fleet);
        dryRun(input);
        const { rows, ...next } = page(rules, input, Iterator.from(candidates).filter(matches), (seen) => seen.instance.seq);
        return { Reservations: reservations(fleet, rows), ...next };
      },
    ),
  };
};
