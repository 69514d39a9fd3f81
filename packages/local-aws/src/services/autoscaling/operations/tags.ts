import type { CreateOrUpdateTagsType, DeleteTagsType, DescribeTagsType, Tag, TagsType } from '@aws-sdk/client-auto-scaling';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { Core } from '../model/core.ts';
import type { Group } from '../model/group.ts';
import { invalid, liveGroup, page } from './check.ts';
import { tagsOf } from './wire.ts';

const mostTags = 50;

export const putTag = (group: Group, { Key = '', Value = '', PropagateAtLaunch = false }: Tag): void => {
  if (Key.length < 1 || Key.length > 128) throw invalid('The tag key must be between 1 and 128 characters long.');
  if (Value.length > 256) throw invalid('The tag value must be at most 256 characters long.');
  if (/^aws:/i.test(Key)) throw invalid("Tag keys can't start with the reserved prefix aws:");
  if (!group.tags.has(Key) && group.tags.size >= mostTags)
    throw new AwsError('LimitExceeded', `Exceeded limit of ${mostTags} tags for ${group.name}`);
  group.tags.set(Key, { key: Key, value: Value, propagate: PropagateAtLaunch });
};

const ownerOf = (core: Core, { ResourceId, ResourceType }: Tag): Group => {
  if (ResourceType !== undefined && ResourceType !== 'auto-scaling-group') throw invalid(`Resource type ${ResourceType} is not supported.`);
  return liveGroup(core, ResourceId);
};

const filters: Readonly<Record<string, (tag: ReturnType<typeof tagsOf>[number]) => string>> = {
  'auto-scaling-group': (tag) => tag.ResourceId ?? '',
  key: (tag) => tag.Key ?? '',
  value: (tag) => tag.Value ?? '',
  'propagate-at-launch': (tag) => String(tag.PropagateAtLaunch),
};

export const tagOperations = (core: Core): Record<string, Operation> => ({
  CreateOrUpdateTags: operation<CreateOrUpdateTagsType, object>(
    () => sdk.autoScaling().CreateOrUpdateTags$,
    ({ Tags = [] }) => {
      const owned = Tags.map((tag) => ({ group: ownerOf(core, tag), tag }));
      for (const { group, tag } of owned) putTag(group, tag);
      return {};
    },
  ),

  DeleteTags: operation<DeleteTagsType, object>(
    () => sdk.autoScaling().DeleteTags$,
    ({ Tags = [] }) => {
      const owned = Tags.map((tag) => ({ group: ownerOf(core, tag), tag }));
      for (const { group, tag } of owned) {
        const present = group.tags.get(tag.Key ?? '');
        if (present && (tag.Value === undefined || tag.Value === present.value)) group.tags.delete(present.key);
      }
      return {};
    },
  ),

  DescribeTags: operation<DescribeTagsType, TagsType>(
    () => sdk.autoScaling().DescribeTags$,
    (input) => {
      const wanted = (input.Filters ?? []).map(({ Name = '', Values = [] }) => {
        const read = filters[Name];
        if (!read || !Object.hasOwn(filters, Name))
          throw invalid(`Filter type ${Name} is not correct. Allowed Filter types are: ${Object.keys(filters).join(', ')}`);
        return { read, Values };
      });
      const found = [...core.groups.values()]
        .flatMap(tagsOf)
        .filter((tag) => wanted.every(({ read, Values }) => Values.includes(read(tag))));
      const { page: Tags, ...more } = page('tags', input, found, 100, 50);
      return { Tags, ...more };
    },
  ),
});
