import type * as Sdk from '@aws-sdk/client-rds';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Databases } from '../model/databases.ts';

export const tagList = (tags: ReadonlyMap<string, string>): Sdk.Tag[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

/** Tags of instances and clusters, which are named by their ARNs. */
export const tagOperations = (world: World, { find }: Databases): Service['operations'] => {
  const tagsOf = (arn: string | undefined): Map<string, string> => {
    const named = (['instance', 'cluster'] as const).map(
      (kind) => [kind, world.arn('rds', kind === 'instance' ? 'db:' : 'cluster:')] as const,
    );
    const [kind, prefix] = named.find(([, start]) => arn?.startsWith(start)) ?? [];
    if (kind === undefined || prefix === undefined)
      throw new AwsError('InvalidParameterValue', `Invalid resource name: ${String(arn).slice(0, 200)}`);
    const id = String(arn).slice(prefix.length);
    const found = find(kind, id);
    if (found) return found.tags;
    if (kind === 'instance') throw new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
    throw new AwsError('DBClusterNotFoundFault', `DBCluster ${id} not found.`, 404);
  };

  return {
    AddTagsToResource: operation<Sdk.AddTagsToResourceCommandInput, Sdk.AddTagsToResourceCommandOutput>(
      () => sdk.rds().AddTagsToResource$,
      ({ ResourceName, Tags = [] }) => {
        const tags = tagsOf(ResourceName);
        for (const { Key = '', Value = '' } of Tags) tags.set(Key, Value);
        return {};
      },
    ),
    RemoveTagsFromResource: operation<Sdk.RemoveTagsFromResourceCommandInput, Sdk.RemoveTagsFromResourceCommandOutput>(
      () => sdk.rds().RemoveTagsFromResource$,
      ({ ResourceName, TagKeys = [] }) => {
        const tags = tagsOf(ResourceName);
        for (const key of TagKeys) tags.delete(key);
        return {};
      },
    ),
    ListTagsForResource: operation<Sdk.ListTagsForResourceCommandInput, Sdk.ListTagsForResourceCommandOutput>(
      () => sdk.rds().ListTagsForResource$,
      ({ ResourceName }) => ({ TagList: tagList(tagsOf(ResourceName)) }),
    ),
  };
};
