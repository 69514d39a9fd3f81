import type { GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { principalOf } from '../../core/principal.ts';
import type { World } from '../../core/world.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';

/** STS: who am I? https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const createSts = (world: World): { service: Service } => ({
  service: {
    signingName: 'sts',
    protocols: ['query'],
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    operations: {
      GetCallerIdentity: operation<GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput>(
        () => sdk.sts().GetCallerIdentity$,
        (_input, { accessKey }) => {
          const { arn, principalId } = principalOf(world, accessKey);
          return { Account: world.account, Arn: arn, UserId: principalId };
        },
      ),
    },
  },
});
