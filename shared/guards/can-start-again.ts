import { DescribeVolumesCommand, type Volume } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { classifyError } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { type Check, defineGuard, escalate, hold, none, pass } from './guard.ts';

/** IAM actions of its look-ups. A test compares them with the packaged template. */
export const canStartAgainPermissions = ['ec2:DescribeVolumes', 'kms:DescribeKey'] as const;

/** A key as the guard knows it; a manager of null is a customer, a state of null was not visible. */
export type Key = { arn: string; manager: string | null; state: string | null };

/** A key without access is not an AWS managed key: everyone in the account may describe those. */
const describeKey = async ({ kms }: Pick<Clients, 'kms'>, id: string): Promise<Key> => {
  try {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    return { arn: KeyMetadata?.Arn ?? id, manager: KeyMetadata?.KeyManager ?? null, state: KeyMetadata?.KeyState ?? null };
  } catch (error) {
    if (classifyError(error).kind !== 'refused') throw error;
    return { arn: id, manager: null, state: null };
  }
};

/** Why a volume under a key would not be there at a start; null if it would. */
export const keyProblem = (key: Key, volume: string, ours: readonly string[]): string | null => {
  const { arn, manager, state } = key;
  if (state !== null && state !== 'Enabled') return `the key ${arn} of volume ${volume} is ${state}`;
  if (manager === 'AWS') return null;
  if (!ours.includes(arn)) {
    return `volume ${volume} is encrypted under ${arn}, which is not in kmsKeys of the policy: without kms:CreateGrant on it a start is accepted and fails`;
  }
  return state === null ? `selfheal isn't allowed to see whether the key ${arn} of volume ${volume} is enabled (kms:DescribeKey)` : null;
};

const startsAgain: Check = async ({ facts: { instance }, clients, policy }) => {
  if (!instance) return hold('the instance does not exist');
  const VolumeIds = instance.volumes;
  if (VolumeIds.length === 0) return escalate(`${instance.id} has no visible volume: it might not start again`);
  const { Volumes = [] } = await clients.ec2.send(new DescribeVolumesCommand({ VolumeIds }));
  const found = new Map(Volumes.map((volume): [string, Volume] => [volume.VolumeId ?? '', volume]));
  for (const id of VolumeIds) {
    const volume = found.get(id);
    if (!volume) return escalate(`volume ${id} of ${instance.id} is not visible: it might not start again`);
    if (volume.State === 'error') return escalate(`volume ${id} of ${instance.id} is in state error: it would not start again`);
    if (volume.Encrypted === undefined) return escalate(`EC2 doesn't say whether volume ${id} of ${instance.id} is encrypted`);
    if (!volume.Encrypted) continue;
    if (!volume.KmsKeyId) return escalate(`EC2 doesn't say under which key volume ${id} of ${instance.id} is encrypted`);
    const problem = keyProblem(await describeKey(clients, volume.KmsKeyId), id, policy.kmsKeys);
    if (problem) return escalate(`${instance.id} would not start again: ${problem}`);
  }
  return pass;
};

const unknown: Check = ({ target }) => hold(`can't tell whether ${target.type} ${target.id} would come back`);

/**
 * A stopped instance must start again. To start an instance with a volume under a customer managed key, the caller needs
 * `kms:CreateGrant` on the key; without it EC2 accepts the start, and the instance stops again with `Client.InternalError`. So the guard
 * checks this before the stop. It can't check capacity and limits: only the start itself shows them.
 * https://repost.aws/knowledge-center/kms-iam-ec2-permission
 */
export const canStartAgain = defineGuard({
  id: 'can-start-again',
  live: true,
  check: {
    of: {
      instance: {
        starts: none,
        changesSoftware: none,
        interrupts: none,
        removesFromService: startsAgain,
        destroys: none,
        addsCapacity: none,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
      group: {
        starts: none,
        changesSoftware: none,
        interrupts: none,
        removesFromService: unknown,
        destroys: none,
        addsCapacity: none,
        changesAddress: none,
        repeatsWork: none,
        growsStorage: none,
      },
      // Another guard holds all but a reboot.
      database: none,
      service: none,
      queue: none,
      task: none,
      certificate: none,
    },
  },
});
