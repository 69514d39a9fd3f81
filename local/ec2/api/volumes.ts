import type {
  DescribeVolumeStatusCommandInput,
  DescribeVolumeStatusCommandOutput,
  DescribeVolumesCommandInput,
  DescribeVolumesCommandOutput,
  VolumeStatusItem,
  VolumeType,
  Volume as WireVolume,
} from '@aws-sdk/client-ec2';
import { sdk } from '../../protocol/sdk.ts';
import { type Operation, operation } from '../../protocol/service.ts';
import type { Fleet } from '../fleet.ts';
import type { Volume } from '../instance.ts';
import { dryRun, tagList, volumesById } from './common.ts';
import { compileFilters, type FilterTable, tagFilters } from './filters.ts';
import { checkPage, type PageInput, type PageRules, page } from './pages.ts';

const stateOf = ({ attached }: Volume): 'in-use' | 'available' => (attached ? 'in-use' : 'available');

const wireVolume = (volume: Volume): WireVolume => ({
  VolumeId: volume.id,
  AvailabilityZone: volume.zone.name,
  AvailabilityZoneId: volume.zone.id,
  CreateTime: new Date(volume.createdAt),
  Encrypted: false,
  MultiAttachEnabled: false,
  Size: volume.sizeGiB,
  State: stateOf(volume),
  VolumeType: volume.type as VolumeType,
  Tags: tagList(volume.tags),
  Attachments: volume.attached
    ? [
        {
          AttachTime: new Date(volume.createdAt),
          DeleteOnTermination: volume.deleteOnTermination,
          Device: volume.device,
          InstanceId: volume.instance.id,
          State: 'attached',
          VolumeId: volume.id,
        },
      ]
    : [],
});

const volumeTable: FilterTable<Volume> = {
  ...tagFilters<Volume>(({ tags }) => tags),
  'attachment.attach-time': ({ attached, createdAt }) => (attached ? new Date(createdAt).toISOString() : undefined),
  'attachment.delete-on-termination': ({ attached, deleteOnTermination }) => (attached ? String(deleteOnTermination) : undefined),
  'attachment.device': ({ attached, device }) => (attached ? device : undefined),
  'attachment.instance-id': ({ attached, instance }) => (attached ? instance.id : undefined),
  'attachment.status': ({ attached }) => (attached ? 'attached' : undefined),
  'availability-zone': ({ zone }) => zone.name,
  'availability-zone-id': ({ zone }) => zone.id,
  'create-time': ({ createdAt }) => new Date(createdAt).toISOString(),
  encrypted: () => 'false',
  'multi-attach-enabled': () => 'false',
  size: ({ sizeGiB }) => String(sizeGiB),
  'snapshot-id': () => undefined,
  status: stateOf,
  'volume-id': ({ id }) => id,
  'volume-type': ({ type }) => type,
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
              ...(volume.attached ? { InstanceId: volume.instance.id } : {}),
            },
          ],
    AttachmentStatuses: volume.attached ? [{ InstanceId: volume.instance.id, IoPerformance: 'not-applicable' }] : [],
  };
};

const whenImpaired =
  (text: (volume: Volume) => string) =>
  (volume: Volume): string | undefined =>
    volume.impairedSince === null ? undefined : text(volume);

const statusTable: FilterTable<Volume> = {
  'action.code': whenImpaired(() => inconsistency.action),
  'action.event-id': whenImpaired(eventId),
  'attachment-status.instance-id': ({ attached, instance }) => (attached ? instance.id : undefined),
  'attachment-status.io-performance': ({ attached }) => (attached ? 'not-applicable' : undefined),
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
