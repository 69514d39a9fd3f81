import type * as Sdk from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Volume } from '../model/instance.ts';
import type { Snapshot, Snapshots } from '../model/snapshots.ts';
import { volumeState } from '../model/volume.ts';
import { checkForm, dryRun, tagList, volumesById } from './common.ts';
import { compileFilters, type FilterTable, tagFilters } from './filters.ts';
import { checkPage, page } from './pages.ts';
import { tagsFor } from './tag-specifications.ts';

const rules = { call: 'DescribeSnapshots', least: 5, most: 1000 };
const taggable: ReadonlySet<string> = new Set(['snapshot']);
const gibibyte = 2 ** 30;

const table: FilterTable<Snapshot> = {
  ...tagFilters<Snapshot>(({ tags }) => tags),
  description: ({ description }) => description,
  encrypted: ({ kmsKeyArn }) => String(kmsKeyArn !== null),
  'snapshot-id': ({ id }) => id,
  'start-time': ({ startedAt }) => new Date(startedAt).toISOString(),
  status: ({ state }) => state,
  'volume-id': ({ volumeId }) => volumeId,
  'volume-size': ({ sizeGiB }) => String(sizeGiB),
};

export const snapshotsById = (snapshots: Snapshots, ids: readonly string[]): Snapshot[] => {
  checkForm(ids, 'snap', 'InvalidSnapshotID');
  return [...new Set(ids)].map((id) => {
    const snapshot = snapshots.all.get(id);
    if (!snapshot) throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
    return snapshot;
  });
};

/** CreateSnapshot, DescribeSnapshots and DeleteSnapshot. */
export const snapshotOperations = (fleet: Fleet, snapshots: Snapshots): Record<string, Operation> => {
  const { account, clock } = fleet.world;

  const progressOf = ({ state, startedAt, completesAt }: Snapshot): string => {
    if (state === 'completed') return '100%';
    if (completesAt === null) return '40%';
    return `${Math.min(99, Math.floor(((clock.now() - startedAt) / (completesAt - startedAt)) * 100))}%`;
  };

  const wire = (snapshot: Snapshot): Sdk.Snapshot => {
    const { id, volumeId, sizeGiB, kmsKeyArn, description, startedAt, completesAt, state, message, tags } = snapshot;
    return {
      SnapshotId: id,
      OwnerId: account,
      Description: description,
      StartTime: new Date(startedAt),
      State: state,
      ...(message === '' ? {} : { StateMessage: message }),
      ...(state === 'completed' ? { CompletionTime: new Date(completesAt ?? startedAt + 60_000) } : {}),
      Progress: progressOf(snapshot),
      VolumeId: volumeId,
      VolumeSize: sizeGiB,
      FullSnapshotSizeInBytes: sizeGiB * gibibyte,
      Encrypted: kmsKeyArn !== null,
      ...(kmsKeyArn === null ? {} : { KmsKeyId: kmsKeyArn }),
      StorageTier: 'standard',
      Tags: tagList(tags),
    };
  };

  return {
    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html */
    CreateSnapshot: operation<Sdk.CreateSnapshotCommandInput, Sdk.CreateSnapshotCommandOutput>(
      () => sdk.ec2().CreateSnapshot$,
      ({ VolumeId = '', Description = '', TagSpecifications, ...input }) => {
        const volume = volumesById(fleet, [VolumeId])[0] as Volume;
        const tags = new Map(tagsFor('snapshot', TagSpecifications, taggable).map(({ key, value }) => [key, value]));
        const state = volumeState(volume);
        if (state !== 'in-use' && state !== 'available')
          throw new AwsError('IncorrectState', `Volume '${volume.id}' is in the '${state}' state.`);
        const tooMany = snapshots.tooMany(volume);
        // In the words of https://support.n2ws.com/portal/en/kb/articles/volume-sna.
        if (tooMany === 'rate')
          throw new AwsError(
            'SnapshotCreationPerVolumeRateExceeded',
            'The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.',
          );
        if (tooMany === 'pending')
          throw new AwsError('ConcurrentSnapshotLimitExceeded', 'Maximum allowed in-progress snapshots for a single volume exceeded.');
        dryRun(input);
        return wire(snapshots.create(volume, Description, tags));
      },
    ),

    /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSnapshots.html; there are none but the account's own. */
    DescribeSnapshots: operation<Sdk.DescribeSnapshotsCommandInput, Sdk.DescribeSnapshotsCommandOutput>(
      () => sdk.ec2().DescribeSnapshots$,
      (input) => {
        const ids = input.SnapshotIds ?? [];
        checkPage(rules, input, { name: 'snapshotIdSet', given: ids.length > 0 });
        const matches = compileFilters(table, input.Filters);
        const found = ids.length > 0 ? snapshotsById(snapshots, ids) : [...snapshots.all.values()];
        dryRun(input);
        const { rows, ...next } = page(rules, input, found.filter(matches), ({ seq }) => seq);
        return { Snapshots: rows.map(wire), ...next };
      },
    ),

    DeleteSnapshot: operation<Sdk.DeleteSnapshotCommandInput, Sdk.DeleteSnapshotCommandOutput>(
      () => sdk.ec2().DeleteSnapshot$,
      (input) => {
        const [snapshot] = snapshotsById(snapshots, [input.SnapshotId ?? '']);
        dryRun(input);
        snapshots.all.delete(snapshot?.id ?? '');
        return {};
      },
    ),
  };
};
