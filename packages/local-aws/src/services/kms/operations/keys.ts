import type * as Sdk from '@aws-sdk/client-kms';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Access } from '../model/access.ts';
import type { Key, Keys } from '../model/keys.ts';
import { readPolicy } from '../model/policy.ts';
import { page } from './pages.ts';

const window = { usual: 30, least: 7, most: 30 };
const policyName = 'default';

/** A key in another state than the call needs. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
export const requireState = (key: Key, ...states: Key['state'][]): void => {
  if (states.includes(key.state)) return;
  if (key.state === 'Disabled') throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  throw new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
};

/** Keys themselves: what they are, their states and their policies. https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html */
export const keyOperations = (world: World, keys: Keys, { open }: Access): Record<string, Operation> => {
  const metadata = (key: Key): Sdk.KeyMetadata => ({
    AWSAccountId: world.account,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    ...(key.deletedAt === null ? {} : { DeletionDate: new Date(key.deletedAt) }),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  });

  const checkPolicyName = (name = policyName): void => {
    if (name !== policyName) throw new AwsError('NotFoundException', `No such policy exists: ${name.slice(0, 128)}`);
  };

  return {
    CreateKey: operation<Sdk.CreateKeyCommandInput, Sdk.CreateKeyCommandOutput>(
      () => sdk.kms().CreateKey$,
      (input) => {
        const { Policy, Description = '', KeyUsage = 'ENCRYPT_DECRYPT', Origin = 'AWS_KMS', MultiRegion = false } = input;
        const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
        const plain = KeyUsage === 'ENCRYPT_DECRYPT' && Origin === 'AWS_KMS' && spec === 'SYMMETRIC_DEFAULT' && !MultiRegion;
        if (!plain || input.CustomKeyStoreId || input.XksKeyId || input.Tags?.length)
          throw new AwsError('UnsupportedOperationException', 'The local AWS has symmetric keys of KMS of one region only, without tags.');
        return { KeyMetadata: metadata(keys.add('CUSTOMER', Description, Policy)) };
      },
    ),

    DescribeKey: operation<Sdk.DescribeKeyCommandInput, Sdk.DescribeKeyCommandOutput>(
      () => sdk.kms().DescribeKey$,
      (input, context) => ({ KeyMetadata: metadata(open(input.KeyId, 'DescribeKey', context)) }),
    ),

    ListKeys: operation<Sdk.ListKeysCommandInput, Sdk.ListKeysCommandOutput>(
      () => sdk.kms().ListKeys$,
      (input) => {
        const { rows, ...next } = page([...keys.all()], ({ id }) => id, input, { usual: 100, most: 1000 });
        return { Keys: rows.map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })), ...next };
      },
    ),

    EnableKey: operation<Sdk.EnableKeyCommandInput, Sdk.EnableKeyCommandOutput>(
      () => sdk.kms().EnableKey$,
      (input, context) => {
        const key = open(input.KeyId, 'EnableKey', context);
        requireState(key, 'Enabled', 'Disabled');
        key.state = 'Enabled';
        return {};
      },
    ),

    DisableKey: operation<Sdk.DisableKeyCommandInput, Sdk.DisableKeyCommandOutput>(
      () => sdk.kms().DisableKey$,
      (input, context) => {
        const key = open(input.KeyId, 'DisableKey', context);
        requireState(key, 'Enabled', 'Disabled');
        key.state = 'Disabled';
        return {};
      },
    ),

    ScheduleKeyDeletion: operation<Sdk.ScheduleKeyDeletionCommandInput, Sdk.ScheduleKeyDeletionCommandOutput>(
      () => sdk.kms().ScheduleKeyDeletion$,
      (input, context) => {
        const days = input.PendingWindowInDays ?? window.usual;
        const key = open(input.KeyId, 'ScheduleKeyDeletion', context);
        if (!Number.isInteger(days) || days < window.least || days > window.most)
          throw new AwsError('ValidationException', `PendingWindowInDays must be from ${window.least} to ${window.most}, not ${days}.`);
        requireState(key, 'Enabled', 'Disabled');
        keys.scheduleDeletion(key, days);
        const { arn, state, deletedAt } = key;
        return { KeyId: arn, KeyState: state, PendingWindowInDays: days, DeletionDate: new Date(deletedAt ?? 0) };
      },
    ),

    CancelKeyDeletion: operation<Sdk.CancelKeyDeletionCommandInput, Sdk.CancelKeyDeletionCommandOutput>(
      () => sdk.kms().CancelKeyDeletion$,
      (input, context) => {
        const key = open(input.KeyId, 'CancelKeyDeletion', context);
        if (key.state !== 'PendingDeletion') throw new AwsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
        key.state = 'Disabled';
        key.deletedAt = null;
        return { KeyId: key.arn };
      },
    ),

    GetKeyPolicy: operation<Sdk.GetKeyPolicyCommandInput, Sdk.GetKeyPolicyCommandOutput>(
      () => sdk.kms().GetKeyPolicy$,
      (input, context) => {
        const key = open(input.KeyId, 'GetKeyPolicy', context);
        checkPolicyName(input.PolicyName);
        return { Policy: key.policyText, PolicyName: policyName };
      },
    ),

    PutKeyPolicy: operation<Sdk.PutKeyPolicyCommandInput, Sdk.PutKeyPolicyCommandOutput>(
      () => sdk.kms().PutKeyPolicy$,
      (input, context) => {
        const key = open(input.KeyId, 'PutKeyPolicy', context);
        checkPolicyName(input.PolicyName);
        const text = input.Policy ?? '';
        key.policy = readPolicy(text);
        key.policyText = text;
        return {};
      },
    ),
  };
};
