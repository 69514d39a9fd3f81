import type {
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  Tag,
  TagResourceInput,
  TagResourceOutput,
  UntagResourceInput,
  UntagResourceOutput,
} from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation } from '../../../wire/protocol/service.ts';
import type { Alarms } from '../model/alarms.ts';
import { badValue, checkLength, invalid, missing } from './check.ts';

const mostTags = 50;

const checkTags = (tags: readonly Tag[]): void => {
  for (const { Key, Value } of tags) {
    if (!Key) throw missing('Tags.member.1.Key');
    checkLength(Key, 'tags.1.member.key', 1, 128);
    checkLength(Value, 'tags.1.member.value', 0, 256);
    if (/^aws:/i.test(Key)) throw invalid('System tags cannot be added/updated by requester.');
  }
};

/** The tags of alarms, by ARN. Tag values may hold anything. */
export const createTags = () => {
  const byArn = new Map<string, Map<string, string>>();
  return {
    /** Throws where the tags can't be put. */
    put: (arn: string, tags: readonly Tag[] = []): void => {
      checkTags(tags);
      const next = new Map(byArn.get(arn));
      for (const { Key, Value } of tags) next.set(Key as string, Value ?? '');
      if (next.size > mostTags) throw badValue(`The number of tags exceeds the limit of ${mostTags}.`);
      byArn.set(arn, next);
    },
    check: (tags: readonly Tag[] = []): void => {
      checkTags(tags);
      if (tags.length > mostTags) throw badValue(`The number of tags exceeds the limit of ${mostTags}.`);
    },
    remove: (arn: string, keys: readonly string[]): void => {
      for (const key of keys) byArn.get(arn)?.delete(key);
    },
    forget: (arn: string): void => {
      byArn.delete(arn);
    },
    list: (arn: string): Tag[] => [...(byArn.get(arn) ?? [])].map(([Key, Value]) => ({ Key, Value })),
  };
};

export type Tags = ReturnType<typeof createTags>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html and its neighbours */
export const tagOperations = (alarms: Alarms, tags: Tags) => {
  const existing = (arn: string | undefined): string => {
    const alarm = arn?.includes(':alarm:') ? alarms.find(arn) : undefined;
    if (!alarm || alarm.arn !== arn) {
      if (!/^arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:\d{12}:.+/.test(arn ?? '')) throw badValue(`Invalid resource ARN: ${arn}`);
      throw new AwsError('ResourceNotFoundException', `Resource ${arn} does not exist.`, 404);
    }
    return alarm.arn;
  };
  return {
    TagResource: operation<TagResourceInput, TagResourceOutput>(
      () => sdk.cloudWatch().TagResource$,
      ({ ResourceARN, Tags }) => {
        tags.put(existing(ResourceARN), Tags);
        return {};
      },
    ),
    UntagResource: operation<UntagResourceInput, UntagResourceOutput>(
      () => sdk.cloudWatch().UntagResource$,
      ({ ResourceARN, TagKeys }) => {
        tags.remove(existing(ResourceARN), TagKeys ?? []);
        return {};
      },
    ),
    ListTagsForResource: operation<ListTagsForResourceInput, ListTagsForResourceOutput>(
      () => sdk.cloudWatch().ListTagsForResource$,
      ({ ResourceARN }) => ({
        Tags: tags.list(existing(ResourceARN)),
      }),
    ),
  };
};
