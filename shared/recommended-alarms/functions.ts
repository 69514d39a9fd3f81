import { GetAliasCommand, LambdaClient, ListTagsCommand, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { Clients } from '../aws/clients.ts';
import { isOptedIn } from '../guards/opt-in.ts';
import { isNamed } from '../model/errors.ts';
import type { Policy } from '../model/policy.ts';
import { namesFunctions, servingAlias } from '../model/remedies.ts';
import { unwatchedOf, type WatchedFunction } from './watched.ts';

/** IAM actions of the look at functions, which packaging grants only where the policy names what may be done to them. */
export const functionAlarmPermissions = ['lambda:ListFunctions', 'lambda:ListTags', 'lambda:GetAlias'] as const;

/** Lambda tells tags of one function at a time, too. */
const maxFunctions = 1000;

/** The functions that are opted in, with the alias that serves. Throws whatever the SDK throws. */
export const functionsOf = async (of: Clients['of'], policy: Pick<Policy, 'optIn' | 'lambda'>): Promise<WatchedFunction[]> => {
  if (!namesFunctions(policy)) return [];
  const client = of(LambdaClient);
  const all: { FunctionName: string; Resource: string }[] = [];
  for await (const { Functions = [] } of paginateListFunctions({ client, pageSize: 50 }, {}))
    for (const { FunctionName, FunctionArn } of Functions)
      if (FunctionName && FunctionArn) all.push({ FunctionName, Resource: FunctionArn });
  if (all.length > maxFunctions) throw new Error(`there are ${all.length} functions, and the tags of ${maxFunctions} are read at most`);
  const found: WatchedFunction[] = [];
  for (const { FunctionName, Resource } of all) {
    const { Tags: tags = {} } = await client.send(new ListTagsCommand({ Resource }));
    if (!isOptedIn(tags, policy)) continue;
    const Name = servingAlias(policy.lambda.rollback, FunctionName);
    const isThere = async () => {
      try {
        return Name !== undefined && (await client.send(new GetAliasCommand({ FunctionName, Name }))).Name === Name;
      } catch (error) {
        if (isNamed(error, 'ResourceNotFoundException')) return false;
        throw error;
      }
    };
    found.push({ name: FunctionName, alias: (await isThere()) ? (Name ?? null) : null, unwatched: unwatchedOf(tags) });
  }
  return found;
};
