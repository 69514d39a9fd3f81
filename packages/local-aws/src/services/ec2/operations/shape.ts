import type {
  InstanceBlockDeviceMapping,
  InstanceNetworkInterface,
  InstanceNetworkInterfaceAssociation,
  Instance as WireInstance,
} from '@aws-sdk/client-ec2';
import type { Fleet } from '../model/fleet.ts';
import { type Instance, stateCodes } from '../model/instance.ts';
import { type Seen, tagList, wholeSecond } from './common.ts';

export const wireState = (name: Seen['described']['state']) => ({ Code: stateCodes[name], Name: name });

const dashed = (ip: string): string => ip.replaceAll('.', '-');

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html */
export const privateDnsName = ({ instance }: Seen, region: string): string =>
  `ip-${dashed(instance.privateIp)}.${region === 'us-east-1' ? 'ec2' : `${region}.compute`}.internal`;

/** The address that the world knows it by. */
export const publicIpOf = ({ described }: Seen): string | null => described.elasticIp ?? described.publicIp;

export const publicDnsName = (seen: Seen, region: string): string => {
  const ip = publicIpOf(seen);
  return ip === null ? '' : `ec2-${dashed(ip)}.${region === 'us-east-1' ? 'compute-1' : `${region}.compute`}.amazonaws.com`;
};

export const securityGroupName = 'default';

export const blockDevices = ({ volumes }: Instance): InstanceBlockDeviceMapping[] =>
  volumes.flatMap(({ id, attachment }) =>
    attachment
      ? [
          {
            DeviceName: attachment.device,
            Ebs: {
              AttachTime: wholeSecond(attachment.at),
              DeleteOnTermination: attachment.deleteOnTermination,
              Status: attachment.state,
              VolumeId: id,
            },
          },
        ]
      : [],
  );

/** An address that AWS lends is `amazon`'s, an elastic one the account's. */
export const wireAssociation = (fleet: Fleet, seen: Seen): InstanceNetworkInterfaceAssociation | undefined => {
  const ip = publicIpOf(seen);
  if (ip === null) return undefined;
  const IpOwnerId = seen.described.elasticIp === null ? 'amazon' : fleet.world.account;
  return { IpOwnerId, PublicDnsName: publicDnsName(seen, fleet.world.region), PublicIp: ip };
};

const wireInterface = (fleet: Fleet, seen: Seen, Association: ReturnType<typeof wireAssociation>): InstanceNetworkInterface => {
  const { instance } = seen;
  const address = {
    PrivateDnsName: privateDnsName(seen, fleet.world.region),
    PrivateIpAddress: instance.privateIp,
    ...(Association && { Association }),
  };
  return {
    ...address,
    Attachment: {
      AttachTime: wholeSecond(instance.createdAt),
      AttachmentId: instance.networkInterfaceId.replace('eni-', 'eni-attach-'),
      DeleteOnTermination: true,
      DeviceIndex: 0,
      Status: 'attached',
    },
    Groups: [{ GroupId: fleet.securityGroupId, GroupName: securityGroupName }],
    InterfaceType: 'interface',
    NetworkInterfaceId: instance.networkInterfaceId,
    OwnerId: fleet.world.account,
    PrivateIpAddresses: [{ ...address, Primary: true }],
    SourceDestCheck: true,
    Status: 'in-use',
    SubnetId: instance.zone.subnetId,
    VpcId: fleet.vpcId,
  };
};

/** An instance as DescribeInstances and RunInstances show it. A terminated one has given back its network and its volumes. */
export const wireInstance = (fleet: Fleet, seen: Seen): WireInstance => {
  const { instance, described } = seen;
  const { region } = fleet.world;
  const gone = described.state === 'terminated';
  const association = wireAssociation(fleet, seen);
  return {
    AmiLaunchIndex: instance.launchIndex,
    Architecture: instance.type.architecture,
    ...(instance.clientToken === '' ? {} : { ClientToken: instance.clientToken }),
    EbsOptimized: false,
    EnaSupport: true,
    HibernationOptions: { Configured: instance.hibernates },
    Hypervisor: 'xen',
    ImageId: instance.imageId,
    InstanceId: instance.id,
    ...(instance.spotRequestId === null ? {} : { InstanceLifecycle: 'spot', SpotInstanceRequestId: instance.spotRequestId }),
    InstanceType: instance.type.name as NonNullable<WireInstance['InstanceType']>,
    ...(instance.keyName === null ? {} : { KeyName: instance.keyName }),
    LaunchTime: wholeSecond(described.launchedAt),
    MaintenanceOptions: { AutoRecovery: described.autoRecovery },
    Monitoring: { State: instance.detailedMonitoring ? 'enabled' : 'disabled' },
    Placement: {
      AvailabilityZone: instance.zone.name,
      AvailabilityZoneId: instance.zone.id,
      GroupName: '',
      Tenancy: 'default',
    },
    Operator: instance.operator === null ? { Managed: false } : { Managed: true, Principal: instance.operator },
    PlatformDetails: 'Linux/UNIX',
    PrivateDnsName: gone ? '' : privateDnsName(seen, region),
    PublicDnsName: gone ? '' : publicDnsName(seen, region),
    RootDeviceName: instance.rootDevice,
    RootDeviceType: 'ebs',
    SourceDestCheck: true,
    State: wireState(described.state),
    StateTransitionReason: described.transitionReason,
    ...(described.stateReason === null
      ? {}
      : { StateReason: { Code: described.stateReason.code, Message: described.stateReason.message } }),
    Tags: tagList(described.tags),
    UsageOperation: 'RunInstances',
    VirtualizationType: 'hvm',
    BlockDeviceMappings: gone ? [] : blockDevices(instance),
    ...(gone
      ? {}
      : {
          PrivateIpAddress: instance.privateIp,
          ...(association ? { PublicIpAddress: association.PublicIp } : {}),
          NetworkInterfaces: [wireInterface(fleet, seen, association)],
          SubnetId: instance.zone.subnetId,
          VpcId: fleet.vpcId,
          SecurityGroups: [{ GroupId: fleet.securityGroupId, GroupName: securityGroupName }],
        }),
  };
};
