import type * as Sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Modification, Shape, Volume } from '../model/instance.ts';
import { type Modifications, progressOf } from '../model/modifications.ts';
import { volumeState } from '../model/volume.ts';
import { dryRun, volumesById, wholeSecond } from './common.ts';
import { checkedDisk } from './disks.ts';
import { compileFilters, type FilterTable } from './filters.ts';
import { checkPage, page } from './pages.ts';
import { performance } from './volumes.ts';

const rules = { call: 'DescribeVolumesModifications', least: 5, most: 500 };

type Row = { volume: Volume; latest: Modification };

const iopsOf = (shape: Shape) => performance(shape).Iops;
const text = (value: number | undefined) => (value === undefined ? undefined : String(value));

const table: FilterTable<Row> = {
  'modification-state': ({ latest }) => latest.state,
  'original-iops': ({ latest }) => text(iopsOf(latest.original)),
  'original-size': ({ latest }) => String(latest.original.sizeGiB),
  'original-volume-type': ({ latest }) => latest.original.type,
  originalMultiAttachEnabled: () => 'false',
  'start-time': ({ latest }) => new Date(latest.startedAt).toISOString(),
  'target-iops': ({ latest }) => text(iopsOf(latest.target)),
  'target-size': ({ latest }) => String(latest.target.sizeGiB),
  'target-volume-type': ({ latest }) => latest.target.type,
  targetMultiAttachEnabled: () => 'false',
  'volume-id': ({ volume }) => volume.id,
};

const wire = ({ id }: Volume, one: Modification, now: number): Sdk.VolumeModification => {
  const [target, original] = [performance(one.target), performance(one.original)];
  return {
    VolumeId: id,
    ModificationState: one.state,
    ...(one.message === '' ? {} : { StatusMessage: one.message }),
    TargetSize: one.target.sizeGiB,
    TargetIops: target.Iops,
    TargetVolumeType: one.target.type as Sdk.VolumeType,
    TargetThroughput: target.Throughput,
    TargetMultiAttachEnabled: false,
    OriginalSize: one.original.sizeGiB,
    OriginalIops: original.Iops,
    OriginalVolumeType: one.original.type as Sdk.VolumeType,
    OriginalThroughput: original.Throughput,
    OriginalMultiAttachEnabled: false,
    Progress: progressOf(one, now),
    StartTime: wholeSecond(one.startedAt),
    ...(one.endedAt === null ? {} : { EndTime: wholeSecond(one.endedAt) }),
  };
};

/** ModifyVolume and DescribeVolumesModifications. */
export const modificationOperations = (fleet: Fleet, modifications: Modifications): Record<string, Operation> => {
  const { clock } = fleet.world;

  const checkedTarget = ({ shape }: Volume, { Size, VolumeType, Iops, Throughput }: Sdk.ModifyVolumeCommandInput): Shape => {
    // The code is assumed.
    if (Size === undefined && VolumeType === undefined && Iops === undefined && Throughput === undefined)
      throw new AwsError('MissingParameter', 'The request must contain the parameter size, volumeType, iops or throughput');
    const { sizeGiB, type } = checkedDisk(Size ?? shape.sizeGiB, { VolumeType: VolumeType ?? shape.type });
    if (sizeGiB < shape.sizeGiB) throw new AwsError('InvalidParameterValue', 'New size cannot be smaller than existing size');
    const { iops, throughput } = type === shape.type ? shape : {};
    const [newIops, newThroughput] = [Iops ?? iops, Throughput ?? throughput];
    return {
      sizeGiB,
      type,
      ...(newIops === undefined ? {} : { iops: newIops }),
      ...(newThroughput === undefined ? {} : { throughput: newThroughput }),
    };
  };

  return {
    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html */
    ModifyVolume: operation<Sdk.ModifyVolumeCommandInput, Sdk.ModifyVolumeCommandOutput>(
      () => sdk.ec2().ModifyVolume$,
      (input, { requestId }) => {
        const volume = volumesById(fleet, [input.VolumeId ?? ''])[0] as Volume;
        const state = volumeState(volume);
        if (state !== 'in-use' && state !== 'available')
          throw new AwsError('IncorrectState', `Volume '${volume.id}' is in the '${state}' state.`);
        const target = checkedTarget(volume, input);
        // In the words of https://github.com/sodafoundation/strato/issues/1120.
        const other = modifications.underWay(volume);
        if (other)
          throw new AwsError(
            'IncorrectModificationState',
            `Volume ${volume.id} cannot be modified in modification state ${other.state.toUpperCase()}`,
          );
        // "An error message that indicates when you can perform your next modification": how it says so is assumed.
        const nextAt = modifications.nextAt(volume);
        if (nextAt !== undefined)
          throw new AwsError(
            'VolumeModificationRateExceeded',
            `You've reached the maximum modification rate per volume limit. You can modify this volume again at ${wholeSecond(nextAt).toISOString().replace('.000', '')}.`,
          );
        dryRun(input);
        return { VolumeModification: wire(volume, modifications.begin(volume, target, requestId), clock.now()) };
      },
    ),

    /** The newest of each volume. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumesModifications.html */
    DescribeVolumesModifications: operation<Sdk.DescribeVolumesModificationsCommandInput, Sdk.DescribeVolumesModificationsCommandOutput>(
      () => sdk.ec2().DescribeVolumesModifications$,
      (input) => {
        const ids = input.VolumeIds ?? [];
        checkPage(rules, input, { name: 'volumeIdSet', given: ids.length > 0 });
        const matches = compileFilters(table, input.Filters);
        const named = ids.length > 0 ? volumesById(fleet, ids) : [...fleet.volumes.values()];
        const found = named.flatMap((volume): Row[] => {
          const latest = volume.modifications.at(-1);
          if (latest) return [{ volume, latest }];
          if (ids.length === 0) return [];
          // The words are assumed.
          throw new AwsError('InvalidVolumeModification.NotFound', `Modification for volume '${volume.id}' does not exist.`);
        });
        dryRun(input);
        const { rows, ...next } = page(rules, input, found.filter(matches), ({ volume }) => volume.seq);
        return { VolumesModifications: rows.map(({ volume, latest }) => wire(volume, latest, clock.now())), ...next };
      },
    ),
  };
};
