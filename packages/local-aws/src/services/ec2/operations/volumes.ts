import type {
  DescribeVolumeStatusCommandInput,
  DescribeVolumeStatusCommandOutput,
  DescribeVolumesCommandInput,
  DescribeVolumesCommandOutput,
  VolumeAttachment,
  VolumeStatusItem,
  VolumeType,
  Volume as WireVolume,
} from '@aws-sdk/client-ec2';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Shape, Volume } from '../model/instance.ts';
import { volumeState } from '../model/volume.ts';
import { dryRun, tagList, volumesById, wholeSecond } from './common.ts';
import { compileFilters, type FilterTable, tagFilters } from './filters.ts';
import { checkPage, type PageInput, type PageRules, page } from './pages.ts';

/** As EC2 shows an attachment, which is over when the volume is free. */
export const wireAttachment = ({ id, attachment }: Volume): VolumeAttachment | undefined =>
  attachment
    ? {
        AttachTime: wholeSecond(attachment.at),
        DeleteOnTermination: attachment.deleteOnTermination,
        Device: attachment.device,
        InstanceId: attachment.instance.id,
        State: attachment.state,
        VolumeId: id,
      }
    : undefined;

/** https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html: what a gp3 volume has without asking. */
export const performance = ({ type, sizeGiB, iops, throughput }: Shape): Pick<WireVolume, 'Iops' | 'Throughput'> => {
  if (type === 'gp3') return { Iops: iops ?? 3000, Throughput: throughput ?? 125 };
  if (type === 'gp2') return { Iops: Math.min(16_000, Math.max(100, 3 * sizeGiB)) };
  return iops === undefined ? {} : { Iops: iops };
};

export const wireVolume = (volume: Volume): WireVolume => {
  const attachment = wireAttachment(volume);
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone.name,
    AvailabilityZoneId: volume.zone.id,
    CreateTime: new Date(volume.createdAt),
    Encrypted: volume.kmsKeyArn !== null,
    ...(volume.kmsKeyArn === null ? {} : { KmsKeyId: volume.kmsKeyArn }),
    MultiAttachEnabled: false,
    Size: volume.shape.sizeGiB,
    SnapshotId: volume.snapshotId ?? '',
    State: volumeState(volume),
    VolumeType: volume.shape.type as VolumeType,
    ...performance(volume.shape),
    Tags: tagList(volume.tags),
    Attachments: attachment ? [attachment] : [],
  };
};

const volumeTable: FilterTable<Volume> = {
  ...tagFilters<Volume>(({ tags }) => tags),
  'attachment.attach-time': ({ attachment }) => (attachment ? wholeSecond(attachment.at).toISOString() : undefined),
  'attachment.delete-on-termination': ({ attachment }) => (attachment ? String(attachment.deleteOnTermination) : undefined),
  'attachment.device': ({ attachment }) => attachment?.device,
  'attachment.instance-id': ({ attachment }) => attachment?.instance.id,
  'attachment.status': ({ attachment }) => attachment?.state,
  'availability-zone': ({ zone }) => zone.name,
  'availability-zone-id': ({ zone }) => zone.id,
  'create-time': ({ createdAt }) => new Date(createdAt).toISOString(),
  encrypted: ({ kmsKeyArn }) => String(kmsKeyArn !== null),
  'multi-attach-enabled': () => 'false',
  size: ({ shape }) => String(shape.sizeGiB),
  'snapshot-id': ({ snapshotId }) => snapshotId ?? undefined,
  status: volumeState,
  'volume-id': ({ id }) => id,
  'volume-type': ({ shape }) => shape.type,
};

const statusOf = ({ impairedSince }: Volume): 'ok' | 'impaired' => (impairedSince === null ? 'ok' : 'impaired');
const ioEnabled = ({ impairedSince }: Volume): 'passed' | 'failed' => (impairedSince === null ? 'passed' : 'failed');

/** What EC2 says of a volume whose data it can't vouch for: it has disabled I/O until somebody decides. */
const inconsistency = {
  type: 'potential-data-inconsistency',
  description: 'I/O to the volume is disabled because its data may be inconsistent',
  action: 'enable-volume-io',
} as const;

const eventId = ({ id }: Volume): string => `evol-${id.slice('vol-'.length)}`;

const wireStatus = (volume: Volume): VolumeStatusItem => {
  const { impairedSince } = volume;
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone.name,
    AvailabilityZoneId: volume.zone.id,
    VolumeStatus: {
      Status: statusOf(volume),
      Details: [
        { Name: 'io-enabled', Status: ioEnabled(volume) },
        { Name: 'io-performance', Status: 'not-applicable' },
      ],
    },
    Actions:
      impairedSince === null
        ? []
        : [{ Code: inconsistency.action, Description: 'Enable volume I/O', EventId: eventId(volume), EventType: inconsistency.type }],
    Events:
      impairedSince === null
        ? []
        : [
            {
              Description: inconsistency.description,
              EventId: eventId(volume),
              EventType: inconsistency.type,
              NotBefore: new Date(impairedSince),
              ...(volume.attachment ? { InstanceId: volume.attachment.instance.id } : {}),
            },
          ],
    AttachmentStatuses: volume.attachment ? [{ InstanceId: volume.attachment.instance.id, IoPerformance: 'not-applicable' }] : [],
  };
};

const whenImpaired =
  (text: (volume: Volume) => string) =>
  (volume: Volume): string | undefined =>
    volume.impairedSince === null ? undefined : text(volume);

const statusTable: FilterTable<Volume> = {
  'action.code': whenImpaired(() => inconsistency.action),
  'action.event-id': whenImpaired(eventId),
  'attachment-status.instance-id': ({ attachment }) => attachment?.instance.id,
  'attachment-status.io-performance': ({ attachment }) => (attachment ? 'not-applicable' : undefined),
  'availability-zone': ({ zone }) => zone.name,
  'event.description': whenImpaired(() => inconsistency.description),
  'event.event-id': whenImpaired(eventId),
  'event.event-type': whenImpaired(() => inconsistency.type),
  'event.not-before': whenImpaired(({ impairedSince }) => new Date(impairedSince ?? 0).toISOString()),
  'volume-status.details-name': () => ['io-enabled', 'io-performance'],
  'volume-status.details-status': (volume) => [ioEnabled(volume), 'not-applicable'],
  'volume-status.status': statusOf,
};

type VolumeInput = PageInput & { VolumeIds?: string[] | undefined; Filters?: DescribeVolumesCommandInput['Filters'] };

/** DescribeVolumes and DescribeVolumeStatus. */
export const volumeOperations = (fleet: Fleet): Record<string, Operation> => {
  const select = (rules: PageRules, table: FilterTable<Volume>, input: VolumeInput) => {
    const ids = input.VolumeIds ?? [];
    checkPage(rules, input, { name: 'volumeIdSet', given: ids.length > 0 });
    const matches = compileFilters(table, input.Filters);
    const candidates = ids.length > 0 ? volumesById(fleet, ids) : fleet.volumes.values();
    dryRun(input);
    return page(rules, input, Iterator.from(candidates).filter(matches), ({ seq }) => seq);
  };

  return {
    DescribeVolumes: operation<DescribeVolumesCommandInput, DescribeVolumesCommandOutput>(
      () => sdk.ec2().DescribeVolumes$,
      (input) => {
        const { rows, ...next } = select({ call: 'DescribeVolumes', least: 5, most: 1000 }, volumeTable, input);
        return { Volumes: rows.map(wireVolume), ...next };
      },
    ),
    DescribeVolumeStatus: operation<DescribeVolumeStatusCommandInput, DescribeVolumeStatusCommandOutput>(
      () => sdk.ec2().DescribeVolumeStatus$,
      (input) => {
        const { rows, ...next } = select({ call: 'DescribeVolumeStatus', least: 5, most: 1000 }, statusTable, input);
        return { VolumeStatuses: rows.map(wireStatus), ...next };
      },
    ),
  };
};
