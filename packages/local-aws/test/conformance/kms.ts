import assert from 'node:assert/strict';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  ListAliasesCommand,
  ListGrantsCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { fromPage, refused, type Setting } from './check.ts';

const api = 'kms/latest/APIReference/';
const noKey = '1234abcd-12ab-34cd-56ef-1234567890ab';

const createKey = async ({ kms }: Setting): Promise<string> => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? '';

export const kmsChecks = [
  ...fromPage(`${api}API_DescribeKey.html`, {
    'a key is described by its id, its ARN and its alias': async (setting) => {
      const { kms, fresh } = setting;
      const KeyId = await createKey(setting);
      const AliasName = `alias/${fresh('key')}`;
      await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: AliasName }));
      assert.deepEqual([KeyMetadata?.KeyId, KeyMetadata?.KeyManager, KeyMetadata?.KeyState], [KeyId, 'CUSTOMER', 'Enabled']);
      assert.equal((await kms.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.Arn }))).KeyMetadata?.KeyId, KeyId);
    },
    'the key that EBS has by default is managed by AWS': async ({ kms }) => {
      const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ebs' }));
      assert.equal(KeyMetadata?.KeyManager, 'AWS');
    },
    'an unknown key is refused': ({ kms }) => refused(kms.send(new DescribeKeyCommand({ KeyId: noKey })), 'NotFoundException'),
    'an unknown alias is refused': ({ kms }) => refused(kms.send(new DescribeKeyCommand({ KeyId: 'alias/none' })), 'NotFoundException'),
  }),
  ...fromPage(`${api}API_DisableKey.html`, {
    'a disabled key says so, and is enabled again': async (setting) => {
      const { kms } = setting;
      const KeyId = await createKey(setting);
      const state = async () => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
      await kms.send(new DisableKeyCommand({ KeyId }));
      assert.equal(await state(), 'Disabled');
      await kms.send(new EnableKeyCommand({ KeyId }));
      assert.equal(await state(), 'Enabled');
    },
  }),
  ...fromPage(`${api}API_ScheduleKeyDeletion.html`, {
    'a key to be deleted is pending deletion, and cannot be enabled': async (setting) => {
      const { kms } = setting;
      const KeyId = await createKey(setting);
      const { KeyState } = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
      assert.equal(KeyState, 'PendingDeletion');
      await refused(kms.send(new EnableKeyCommand({ KeyId })), 'KMSInvalidStateException');
    },
  }),
  ...fromPage(`${api}API_CreateAlias.html`, {
    "an alias of AWS's own cannot be made": async (setting) => {
      const TargetKeyId = await createKey(setting);
      await refused(
        setting.kms.send(new CreateAliasCommand({ AliasName: 'alias/aws/mine', TargetKeyId })),
        /^(InvalidAliasNameException|NotAuthorizedException)$/,
      );
    },
  }),
  ...fromPage(`${api}API_ListAliases.html`, {
    'the aliases of one key are listed': async (setting) => {
      const KeyId = await createKey(setting);
      const AliasName = `alias/${setting.fresh('key')}`;
      await setting.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
      const { Aliases = [] } = await setting.kms.send(new ListAliasesCommand({ KeyId }));
      assert.deepEqual(
        Aliases.map((alias) => alias.AliasName),
        [AliasName],
      );
    },
  }),
  ...fromPage(`${api}API_CreateGrant.html`, {
    'a grant is listed': async (setting) => {
      const KeyId = await createKey(setting);
      const GranteePrincipal = 'arn:aws:iam::123456789012:root';
      const { GrantId } = await setting.kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ['Decrypt'] }));
      const { Grants = [] } = await setting.kms.send(new ListGrantsCommand({ KeyId }));
      assert.deepEqual(
        Grants.map((grant) => grant.GrantId),
        [GrantId],
      );
    },
  }),
];
