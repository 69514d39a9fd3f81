import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { classifyError, isDenied } from '../../shared/aws/call.ts';
import { createClient } from '../../shared/aws/client.ts';
import { UsageError } from '../../shared/model/errors.ts';
import type { Place } from '../../shared/model/place.ts';

/** The functions of a hub whose roles members let in. */
export type HubFunction = 'remediate' | 'watch';

/**
 * A hub as its members should know it; what its functions name to their roles, and the topics that it listens to, as `444455556666:eu-west-1`, are
 * null where that can't be seen.
 */
export type Hub = Place & {
  partition: string;
  roles: Record<HubFunction, string>;
  externalId: string | null;
  topics: readonly string[] | null;
};

/** IAM actions of looking at the hub. */
export const hubPermissions = ['lambda:GetFunctionConfiguration'] as const;

/**
 * The hub in the account and region of the credentials in use; null where there is none, or none that may be seen: they may be a member's own.
 * @throws {UsageError} if the deployment there is no hub
 */
export const findHub = async (config: object, stage: string, at: Place & { partition: string }): Promise<Hub | null> => {
  const lambda = createClient(LambdaClient, { ...config, maxAttempts: 3 });
  const look = (part: HubFunction | 'intake') =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName: `selfheal-${stage}-${part}` })).catch((error: unknown) => {
      const found = classifyError(error);
      if (isDenied(found) || found.code === 'ResourceNotFoundException') return null;
      throw error;
    });
  const [remediate, watch] = [await look('remediate'), await look('watch')];
  if (!remediate || !watch) return null;
  const { Variables } = remediate.Environment ?? {};
  if (Variables && !Variables.MEMBER_ROLE)
    throw new UsageError(
      `the deployment of the stage ${stage} in the account ${at.account} and the region ${at.region} is no hub: docs/hub.md`,
    );
  const topics = (await look('intake'))?.Environment?.Variables?.MEMBER_TOPICS;
  return {
    ...{ account: at.account, region: at.region, partition: at.partition },
    roles: { remediate: remediate.Role ?? '', watch: watch.Role ?? '' },
    externalId: Variables?.MEMBER_EXTERNAL_ID || null,
    topics: topics ? topics.split(',').filter((one) => one !== 'none') : null,
  };
};
