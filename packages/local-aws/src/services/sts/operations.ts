import type { GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { principalOf } from '../../core/principal.ts';
import type { World } from '../../core/world.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';

export const identityOperations = (world: World): Service['operations'] => ({
  GetCallerIdentity: operation<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>(
    () => sdk.sts().GetCallerIdentity$,
    (_input, { accessKey }) => {
      const { arn, principalId } = principalOf(world, accessKey);
      return { Account: world.account, Arn: arn, UserId: principalId };
    },
  ),
});
