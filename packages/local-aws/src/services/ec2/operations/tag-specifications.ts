import type { ResourceType, Tag, TagSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';

const maxTags = 50;

export const isReserved = (key: string): boolean => /^aws:/i.test(key);

/** Tags as a caller may set them. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions */
export const checkedTags = (tags: readonly Tag[] | undefined): { key: string; value: string }[] =>
  (tags ?? []).map(({ Key = '', Value = '' }) => {
    const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
    if (Key === '') throw invalid('Tag key cannot be empty.');
    if (isReserved(Key)) throw invalid("Tag keys starting with 'aws:' are reserved for internal use");
    if (Key.length > 128) throw invalid('Tag key exceeds the maximum length of 128 characters');
    if (Value.length > 256) throw invalid('Tag value exceeds the maximum length of 256 characters');
    return { key: Key, value: Value };
  });

export const checkTagCount = (keys: Iterable<string>): void => {
  let count = 0;
  for (const key of keys) if (!isReserved(key)) count++;
  if (count > maxTags) throw new AwsError('TagLimitExceeded', `The maximum number of tags for a resource, ${maxTags}, has been reached.`);
};

/** The tags that a call gives to what it makes; `taggable` is what it can make, `kind` which of it is asked about. */
export const tagsFor = (kind: ResourceType, specifications: readonly TagSpecification[] | undefined, taggable: ReadonlySet<string>) => {
  const invalid = (message: string) => new AwsError('InvalidParameterValue', message);
  const tags = (specifications ?? []).flatMap(({ ResourceType: type, Tags }) => {
    if (!taggable.has(type ?? '')) throw invalid(`'${type}' is not a valid taggable resource type for this operation.`);
    const checked = checkedTags(Tags);
    return type === kind ? checked : [];
  });
  const keys = new Set(tags.map(({ key }) => key));
  if (keys.size < tags.length) throw invalid('Duplicate tag keys are not allowed.');
  checkTagCount(keys);
  return tags;
};
