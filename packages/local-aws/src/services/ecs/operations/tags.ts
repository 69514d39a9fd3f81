import type * as Sdk from '@aws-sdk/client-ecs';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import { tagList } from '../model/shapes.ts';
import type { State } from '../model/state.ts';
import { invalid } from './arguments.ts';

/** Tags of clusters, services, tasks and container instances, by their ARNs. */
export const tagOperations = (state: State): Service['operations'] => {
  const tagsOf = (arn = ''): Map<string, string> => {
    const [, kind, cluster = '', id = ''] =
      /^arn:[^:]+:ecs:[^:]*:\d{12}:(cluster|service|task|container-instance)\/([^/]+)(?:\/([^/]+))?$/.exec(arn) ?? [];
    if (kind === undefined) throw invalid('Invalid resource ARN.');
    const found = state.expectCluster(cluster);
    const resource =
      kind === 'cluster'
        ? found
        : kind === 'service'
          ? found.services.get(id)
          : kind === 'task'
            ? found.tasks.get(id)
            : found.hosts.get(id);
    if (!resource) throw new AwsError('ResourceNotFoundException', `The specified ${kind} was not found.`);
    return resource.tags;
  };

  return {
    ListTagsForResource: operation<Sdk.ListTagsForResourceCommandInput, Sdk.ListTagsForResourceCommandOutput>(
      () => sdk.ecs().ListTagsForResource$,
      ({ resourceArn }) => ({ tags: tagList(tagsOf(resourceArn)) }),
    ),
    TagResource: operation<Sdk.TagResourceCommandInput, Sdk.TagResourceCommandOutput>(
      () => sdk.ecs().TagResource$,
      ({ resourceArn, tags = [] }) => {
        const own = tagsOf(resourceArn);
        for (const { key = '', value = '' } of tags) own.set(key, value);
        return {};
      },
    ),
    UntagResource: operation<Sdk.UntagResourceCommandInput, Sdk.UntagResourceCommandOutput>(
      () => sdk.ecs().UntagResource$,
      ({ resourceArn, tagKeys = [] }) => {
        const own = tagsOf(resourceArn);
        for (const key of tagKeys) own.delete(key);
        return {};
      },
    ),
  };
};
