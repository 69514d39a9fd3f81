import type { InstanceBlockDeviceMapping, Instance as WireInstance } from '@aws-sdk/client-ec2';
import type { Fleet } from '../fleet.ts';
import { type Instance, stateCodes } from '../instance.ts';
import { type Seen, tagList, wholeSecond } from './common.ts';

export const wireState = (name: Seen['face']['state']) => ({ Code: stateCodes[name], Name: name });

const dashed = (ip: string): string => ip.replaceAll('.', '-');

export const privateDnsName = ({ instance }: Seen, region: string): string => `ip-${dashed(instance.privateIp)}.${region}.compute.internal`;

export const publicDnsName = ({ face }: Seen, region: string): string =>
  face.publicIp === null ? '' : `ec2-${dashed(face.publicIp)}.${region}.compute.amazonaws.com`;

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

/** An instance as DescribeInstances and RunInstances show it. A terminated one has given back its network and its volumes. */
export const wireInstance = (fleet: Fleet, seen: Seen): WireInstance => {
  const { instance, face } = seen;
  const { region } = fleet.world;
  const gone = face.state === 'terminated';
  return {
    AmiLaunchIndex: instance.launchIndex,
    Architecture: instance.type.architecture,
    ...(instance.clientToken === '' ? {} : { ClientToken: instance.clientToken }),
    EbsOptimized: false,
    EnaSupport: true,
    Hypervisor: 'xen',
    ImageId: instance.imageId,
    InstanceId: instance.id,
    ...(instance.spotRequestId === null ? {} : { InstanceLifecycle: 'spot', SpotInstanceRequestId: instance.spotRequestId }),
    InstanceType: instance.type.name as NonNullable<WireInstance['InstanceType']>,
    ...(instance.keyName === null ? {} : { KeyName: instance.keyName }),
    LaunchTime: wholeSecond(face.launchedAt),
    MaintenanceOptions: { AutoRecovery: face.autoRecovery },
    Monitoring: { State: instance.detailedMonitoring ? 'enabled' : 'disabled' },
    Placement: {
      AvailabilityZone: instance.zone.name,
      AvailabilityZoneId: instance.zone.id,
      GroupName: '',
      Tenancy: 'default',
    },
    PlatformDetails: 'Linux/UNIX',
    PrivateDnsName: gone ? '' : privateDnsName(seen, region),
    PublicDnsName: gone ? '' : publicDnsName(seen, region),
    RootDeviceName: instance.rootDevice,
    RootDeviceType: 'ebs',
    SourceDestCheck: true,
    State: wireState(face.state),
    StateTransitionReason: face.transitionReason,
    ...(face.stateReason === null ? {} : { StateReason: { Code: face.stateReason.code, Message: face.stateReason.message } }),
    Tags: tagList(face.tags),
    UsageOperation: 'RunInstances',
    VirtualizationType: 'hvm',
    BlockDeviceMappings: gone ? [] : blockDevices(instance),
    ...(gone
      ? {}
      : {
          PrivateIpAddress: instance.privateIp,
          ...(face.publicIp === null ? {} : { PublicIpAddress: face.publicIp }),
          SubnetId: instance.zone.subnetId,
          VpcId: fleet.vpcId,
          SecurityGroups: [{ GroupId: fleet.securityGroupId, GroupName: securityGroupName }],
        }),
  };
};
