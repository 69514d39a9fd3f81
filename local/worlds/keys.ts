import {
  CancelKeyDeletionCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  type GrantOperation,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { Host } from '../testbed/host.ts';
import type { ScenarioFleet } from './fleet-schema.ts';

type Change = { state?: 'Enabled' | 'Disabled' | 'PendingDeletion' | undefined; grants?: boolean | undefined };
/** A customer's key: its ARN, and what takes selfheal's right to create grants on it back. */
type Key = { arn: string; state: 'Enabled' | 'Disabled' | 'PendingDeletion'; forbid: () => void };
export type Keys = ReadonlyMap<string, Key>;

/** Puts a key into another state, as its owner does, and lets selfheal's role create grants on it or no longer. */
export const changeKey = async (host: Host, key: Key | undefined, { state, grants }: Change): Promise<void> => {
  if (!key) return;
  const KeyId = key.arn;
  if (grants !== undefined) {
    key.forbid();
    key.forbid = grants ? host.aws.kms.permitGrants('selfheal', KeyId) : () => {};
  }
  if (state === undefined || state === key.state) return;
  const client = host.operator.kms;
  if (key.state === 'PendingDeletion') await client.send(new CancelKeyDeletionCommand({ KeyId }));
  if (state === 'Enabled') await client.send(new EnableKeyCommand({ KeyId }));
  else if (state === 'Disabled') await client.send(new DisableKeyCommand({ KeyId }));
  else await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  key.state = state;
};

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html */
const launchOperations: GrantOperation[] = [
  'Encrypt',
  'Decrypt',
  'ReEncryptFrom',
  'ReEncryptTo',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'DescribeKey',
  'CreateGrant',
];

/** Makes a fleet's keys; what is encrypted under one that is disabled has to be launched before it is. */
export const makeKeys = async (host: Host, specs: ScenarioFleet['keys']): Promise<Keys> => {
  const { account, partition } = host.aws.world;
  const GranteePrincipal = `arn:${partition}:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;
  const client = host.operator.kms;
  const keys = new Map<string, Key>();
  for (const [name, { id, autoScaling }] of Object.entries(specs)) {
    const made = id === undefined ? await client.send(new CreateKeyCommand({ Description: name })) : undefined;
    const arn = made?.KeyMetadata?.Arn ?? host.aws.kms.place(id ?? '', name);
    if (autoScaling) await client.send(new CreateGrantCommand({ KeyId: arn, GranteePrincipal, Operations: launchOperations }));
    keys.set(name, { arn, state: 'Enabled', forbid: () => {} });
  }
  return keys;
};
