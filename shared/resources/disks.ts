import { DescribeSnapshotsCommand, DescribeVolumesCommand, DescribeVolumesModificationsCommand } from '@aws-sdk/client-ec2';
import { GetCommandInvocationCommand, ListCommandInvocationsCommand } from '@aws-sdk/client-ssm';
import type { Clients } from '../aws/clients.ts';
import { type Command, documentName } from '../model/command.ts';
import { type BlockDevice, readBlockDevices, type VolumeFacts } from '../model/disk.ts';
import type { Incident } from '../model/incident.ts';
import { tagMap } from '../model/tags.ts';
import type { TreatedLook } from './resource-kind.ts';

/** What this look needs beyond the rights of other looks: packaging grants it only where the policy names what may be done. */
export const diskLookPermissions = ['ec2:DescribeVolumesModifications'] as const;

/** How a snapshot names the incident that began it, and a command the attempt that sent it. */
const begunBy = ({ key }: Pick<Incident, 'key'>): string => `selfheal ${key}/`;

/** What this incident's own command has listed; null as long as there is no such output. */
const listedBy = async ({ ssm }: Clients, incident: Incident, command: Command): Promise<BlockDevice[] | null> => {
  const InstanceId = incident.resource.id;
  const { CommandInvocations = [] } = await ssm.send(
    new ListCommandInvocationsCommand({
      InstanceId,
      Filters: [{ key: 'InvokedAfter', value: `${new Date(incident.at - 60_000).toISOString().slice(0, 19)}Z` }],
      Details: true,
      MaxResults: 50,
    }),
  );
  const own = CommandInvocations.find(
    ({ Comment = '', Status, DocumentName = '', DocumentVersion }) =>
      Status === 'Success' &&
      Comment.startsWith(begunBy(incident)) &&
      documentName(DocumentName) === documentName(command.document) &&
      DocumentVersion === command.version,
  );
  if (!own?.CommandId) return null;
  const step = own.CommandPlugins?.at(-1)?.Name;
  // The list itself has only the first 2,500 characters of the output.
  const { StandardOutputContent = '' } = await ssm.send(
    new GetCommandInvocationCommand({ CommandId: own.CommandId, InstanceId, ...(step ? { PluginName: step } : {}) }),
  );
  return readBlockDevices(StandardOutputContent);
};

const volumesOf = async ({ ec2 }: Clients, incident: Incident): Promise<VolumeFacts[]> => {
  const { Volumes = [] } = await ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [incident.resource.id] }] }),
  );
  const ids = Volumes.flatMap(({ VolumeId }) => VolumeId ?? []);
  if (ids.length === 0) return [];
  // By a filter: a volume that was never modified is an error by its id.
  const Filters = [{ Name: 'volume-id', Values: ids }];
  const [{ VolumesModifications = [] }, { Snapshots = [] }] = await Promise.all([
    ec2.send(new DescribeVolumesModificationsCommand({ Filters })),
    ec2.send(
      new DescribeSnapshotsCommand({
        OwnerIds: ['self'],
        Filters: [...Filters, { Name: 'description', Values: [`${begunBy(incident)}*`] }],
      }),
    ),
  ]);
  return Volumes.map(({ VolumeId: id = '', Size = 0, State, Attachments = [], Tags }) => {
    const latest = VolumesModifications.find(({ VolumeId }) => VolumeId === id);
    const snapshots = Snapshots.filter(({ VolumeId }) => VolumeId === id);
    const snapshot = snapshots.find((one) => one.State !== 'error') ?? snapshots[0];
    return {
      id,
      size: Size,
      state: State ?? 'unknown',
      attachments: Attachments.length,
      tags: tagMap(Tags),
      modification: latest
        ? {
            state: latest.ModificationState ?? 'unknown',
            size: latest.TargetSize ?? 0,
            ...(latest.OriginalSize === undefined ? {} : { from: latest.OriginalSize }),
          }
        : null,
      snapshot: snapshot ? (snapshot.State ?? 'unknown') : null,
    };
  });
};

/**
 * What the standard look at an instance adds where one of its disks fills up and the policy lets volumes be grown.
 * @throws whatever the SDK throws
 */
export const lookAtDisks: TreatedLook = async (clients, { incident, known, policy: { disks, commands } }) => {
  const command = disks && Object.hasOwn(commands, disks.look) ? commands[disks.look] : undefined;
  if (incident.failure !== 'disk-full' || !command) return {};
  const [devices, volumes] = await Promise.all([
    known?.disks?.devices ?? listedBy(clients, incident, command),
    volumesOf(clients, incident),
  ]);
  return { disks: { devices, volumes } };
};
