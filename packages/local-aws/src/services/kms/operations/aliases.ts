import type * as Sdk from '@aws-sdk/client-kms';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Access } from '../model/access.ts';
import type { Alias, Keys } from '../model/keys.ts';
import { requireState } from './keys.ts';
import { page } from './pages.ts';

const wireAlias = ({ name, arn, keyId, createdAt, changedAt }: Alias): Sdk.AliasListEntry => ({
  AliasName: name,
  AliasArn: arn,
  TargetKeyId: keyId,
  CreationDate: new Date(createdAt),
  LastUpdatedDate: new Date(changedAt),
});

/** Names of keys. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const aliasOperations = (keys: Keys, { open }: Access): Record<string, Operation> => ({
  CreateAlias: operation<Sdk.CreateAliasCommandInput, Sdk.CreateAliasCommandOutput>(
    () => sdk.kms().CreateAlias$,
    (input, context) => {
      const name = input.AliasName ?? '';
      if (!/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name) || name.startsWith('alias/aws/'))
        throw new AwsError('InvalidAliasNameException', `${name.slice(0, 256)} is not a name that an alias can have.`);
      const key = open(input.TargetKeyId, 'CreateAlias', context);
      requireState(key, 'Enabled', 'Disabled');
      if (keys.aliases.has(name)) throw new AwsError('AlreadyExistsException', `An alias with the name ${name} already exists`);
      keys.addAlias(name, key.id);
      return {};
    },
  ),

  DeleteAlias: operation<Sdk.DeleteAliasCommandInput, Sdk.DeleteAliasCommandOutput>(
    () => sdk.kms().DeleteAlias$,
    (input, context) => {
      const name = input.AliasName ?? '';
      open(name.startsWith('alias/') ? name : `alias/${name}`, 'DeleteAlias', context);
      keys.aliases.delete(name);
      return {};
    },
  ),

  ListAliases: operation<Sdk.ListAliasesCommandInput, Sdk.ListAliasesCommandOutput>(
    () => sdk.kms().ListAliases$,
    (input) => {
      const key = input.KeyId === undefined ? undefined : keys.expect(input.KeyId);
      const of = [...keys.aliases.values()].filter(({ keyId }) => key === undefined || keyId === key.id);
      const { rows, ...next } = page(of, ({ name }) => name, input, { usual: 50, most: 100 });
      return { Aliases: rows.map(wireAlias), ...next };
    },
  ),
});
