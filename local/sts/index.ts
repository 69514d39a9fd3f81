import type { GetCallerIdentityCommandInput, GetCallerIdentityCommandOutput } from '@aws-sdk/client-sts';
import { principalOf } from '../principal.ts';
import { sdk } from '../protocol/sdk.ts';
import { operation, type Service } from '../protocol/service.ts';
import type { World } from '../world/world.ts';

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
