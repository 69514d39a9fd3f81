import type {
  AttachVolumeCommandInput,
  AttachVolumeCommandOutput,
  CreateVolumeCommandInput,
  CreateVolumeCommandOutput,
  DeleteVolumeCommandInput,
  DeleteVolumeCommandOutput,
  DetachVolumeCommandInput,
  DetachVolumeCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Volume } from '../model/instance.ts';
import type { Modifications } from '../model/modifications.ts';
import type { Snapshots } from '../model/snapshots.ts';
import { volumeState } from '../model/volume.ts';
import type { Volumes } from '../model/volumes.ts';
import { checkOperator, dryRun, principal, seenInstances, volumesById } from './common.ts';
import { checkedDisk } from './disks.ts';
import { tagsFor } from './tag-specifications.ts';
import { createTokens } from './tokens.ts';
import { wireAttachment, wireVolume } from './volumes.ts';

const taggable: ReadonlySet<string> = new Set(['volume']);
/** What a volume has that is made from a snapshot of which nothing but its id is known here. */
const snapshotGiB = 8;

const wrongState = (message: string) => new AwsError('IncorrectState', message);

/** CreateVolume, AttachVolume, DetachVolume and DeleteVolume. */
export const volumeChanges = (
  fleet: Fleet,
  { volumes, modifications, snapshots }: { volumes: Volumes; modifications: Modifications; snapshots: Snapshots },
): Record<string, Operation> => {
  const tokens = createTokens<Volume>(fleet.world.clock);

  const volumeOf = (id: string | undefined): Volume => volumesById(fleet, [id ?? ''])[0] as Volume;

  return {
    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html */
    CreateVolume: operation<CreateVolumeCommandInput, CreateVolumeCommandOutput>(
      () => sdk.ec2().CreateVolume$,
      (input) => {
        const before = tokens.repeated(input);
        if (before) return wireVolume(before);
        const { AvailabilityZone: name, AvailabilityZoneId: id, Size, SnapshotId } = input;
        if (name === undefined && id === undefined)
          throw new AwsError('MissingParameter', 'The request must contain the parameter AvailabilityZone or AvailabilityZoneId');
        const zone = [...fleet.zones.values()].find((one) => (name === undefined ? one.id === id : one.name === name));
        if (!zone) throw new AwsError('InvalidZone.NotFound', `The zone '${(name ?? id ?? '').slice(0, 100)}' does not exist.`);
        if (Size === undefined && SnapshotId === undefined)
          throw new AwsError('MissingParameter', 'The request must contain the parameter size/snapshot');
        const spec = checkedDisk(Size ?? snapshots.all.get(SnapshotId ?? '')?.sizeGiB ?? snapshotGiB, input);
        const tags = new Map(tagsFor('volume', input.TagSpecifications, taggable).map(({ key, value }) => [key, value]));
        dryRun(input);
        return wireVolume(tokens.keep(input, volumes.create({ ...spec, zone, tags })));
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html */
    AttachVolume: operation<AttachVolumeCommandInput, AttachVolumeCommandOutput>(
      () => sdk.ec2().AttachVolume$,
      (input, context) => {
        const volume = volumeOf(input.VolumeId);
        const [seen] = seenInstances(fleet, [input.InstanceId ?? '']);
        const device = input.Device ?? '';
        if (!seen) throw new AwsError('InvalidInstanceID.NotFound', 'The instance does not exist');
        const { instance } = seen;
        if (!/^(\/dev\/[a-z0-9]{2,10}|xvd[a-z]{1,2})$/.test(device))
          throw new AwsError('InvalidParameterValue', `Value (${device.slice(0, 100)}) for parameter device is invalid.`);
        if (volume.attachment) throw new AwsError('VolumeInUse', `${volume.id} is already attached to an instance`);
        if (volumeState(volume) !== 'available') throw wrongState(`Volume '${volume.id}' is in the '${volumeState(volume)}' state.`);
        // In the words of https://github.com/hashicorp/terraform-provider-aws/issues/17547.
        const modifying = modifications.underWay(volume);
        if (modifying?.state === 'modifying')
          throw new AwsError('OperationNotPermitted', `Cannot attach volume ${volume.id} when it is in modification state: MODIFYING`);
        if (instance.described.state !== 'running' && instance.described.state !== 'stopped')
          throw new AwsError('IncorrectState', `Instance '${instance.id}' is not 'running'.`);
        if (volume.zone !== instance.zone)
          throw new AwsError(
            'InvalidVolume.ZoneMismatch',
            `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
          );
        if (instance.volumes.some(({ attachment }) => attachment?.device === device))
          throw new AwsError(
            'InvalidParameterValue',
            `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
          );
        checkOperator(fleet, 'AttachVolume', instance, context);
        dryRun(input);
        volumes.attach(volume, instance, device, principal(fleet, context));
        return wireAttachment(volume) ?? {};
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVolume.html */
    DetachVolume: operation<DetachVolumeCommandInput, DetachVolumeCommandOutput>(
      () => sdk.ec2().DetachVolume$,
      (input, context) => {
        const volume = volumeOf(input.VolumeId);
        const { attachment } = volume;
        if (!attachment) throw wrongState(`Volume '${volume.id}' is in the '${volumeState(volume)}' state.`);
        const { instance, device } = attachment;
        if ((input.InstanceId ?? instance.id) !== instance.id || (input.Device ?? device) !== device)
          throw new AwsError(
            'InvalidAttachment.NotFound',
            `The volume '${volume.id}' is not attached to instance '${(input.InstanceId ?? instance.id).slice(0, 100)}' as device '${(input.Device ?? device).slice(0, 100)}'`,
          );
        if (device === instance.rootDevice && instance.described.state !== 'stopped')
          throw new AwsError('OperationNotPermitted', `Unable to detach root volume '${volume.id}' from instance '${instance.id}'`);
        checkOperator(fleet, 'DetachVolume', instance, context);
        dryRun(input);
        volumes.detach(volume);
        return wireAttachment(volume) ?? {};
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html: "must be in the available state". */
    DeleteVolume: operation<DeleteVolumeCommandInput, DeleteVolumeCommandOutput>(
      () => sdk.ec2().DeleteVolume$,
      (input) => {
        const volume = volumeOf(input.VolumeId);
        if (volume.attachment)
          throw new AwsError('VolumeInUse', `Volume ${volume.id} is currently attached to ${volume.attachment.instance.id}`);
        if (volume.creating) throw wrongState(`Volume '${volume.id}' is in the 'creating' state.`);
        dryRun(input);
        fleet.volumes.delete(volume.id);
        return {};
      },
    ),
  };
};
