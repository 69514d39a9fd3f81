import type * as Sdk from '@aws-sdk/client-kms';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Access } from '../model/access.ts';
import type { Keys } from '../model/keys.ts';
import { requireState } from './keys.ts';
import { page } from './pages.ts';

/** What a grant on a symmetric key can be for. https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations */
const grantable: ReadonlySet<string> = new Set([
  'CreateGrant',
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'RetireGrant',
]);

const dryRun = ({ DryRun }: { DryRun?: boolean | undefined }): void => {
  if (DryRun) throw new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.', 412);
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html */
export const grantOperations = (world: World, keys: Keys, { open }: Access): Record<string, Operation> => ({
  CreateGrant: operation<Sdk.CreateGrantCommandInput, Sdk.CreateGrantCommandOutput>(
    () => sdk.kms().CreateGrant$,
    (input, context) => {
      const { GranteePrincipal, RetiringPrincipal, Operations = [], Constraints, Name } = input;
      const key = open(input.KeyId, 'CreateGrant', context);
      const unknown = Operations.find((name) => !grantable.has(name));
      if (GranteePrincipal === undefined || Operations.length === 0 || unknown !== undefined)
        throw new AwsError(
          'ValidationException',
          `A grant needs a grantee and operations that a grant can be for${unknown ? `, not ${unknown}` : ''}.`,
        );
      if (!GranteePrincipal.startsWith('arn:')) throw new AwsError('InvalidArnException', 'The grantee principal must be an ARN.');
      requireState(key, 'Enabled');
      dryRun(input);
      const GrantId = keys.grantId();
      key.grants.set(GrantId, {
        GrantId,
        KeyId: key.arn,
        GranteePrincipal,
        Operations: [...Operations],
        IssuingAccount: `arn:${world.partition}:iam::${world.account}:root`,
        CreationDate: new Date(context.now),
        ...(RetiringPrincipal === undefined ? {} : { RetiringPrincipal }),
        ...(Constraints === undefined ? {} : { Constraints }),
        ...(Name === undefined ? {} : { Name }),
      });
      return { GrantId, GrantToken: Buffer.from(GrantId).toString('base64') };
    },
  ),

  ListGrants: operation<Sdk.ListGrantsCommandInput, Sdk.ListGrantsCommandOutput>(
    () => sdk.kms().ListGrants$,
    (input, context) => {
      const key = open(input.KeyId, 'ListGrants', context);
      const of = [...key.grants.values()].filter(
        ({ GrantId, GranteePrincipal }) =>
          (input.GrantId ?? GrantId) === GrantId && (input.GranteePrincipal ?? GranteePrincipal) === GranteePrincipal,
      );
      const { rows, ...next } = page(of, ({ GrantId }) => GrantId, input, { usual: 50, most: 100 });
      return { Grants: rows, ...next };
    },
  ),

  RevokeGrant: operation<Sdk.RevokeGrantCommandInput, Sdk.RevokeGrantCommandOutput>(
    () => sdk.kms().RevokeGrant$,
    (input, context) => {
      const key = open(input.KeyId, 'RevokeGrant', context);
      const id = input.GrantId ?? '';
      if (!key.grants.has(id)) throw new AwsError('NotFoundException', `Grant ID ${id.slice(0, 128)} not found`);
      dryRun(input);
      key.grants.delete(id);
      return {};
    },
  ),
});
