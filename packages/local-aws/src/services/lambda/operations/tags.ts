import type * as Sdk from '@aws-sdk/client-lambda';
import { lambdaParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { FunctionStore } from '../model/functions.ts';
import { invalid, notFound } from './common.ts';

/** Tags of functions, which are named by their ARNs; versions and aliases have none. */
export const tagOperations = (world: World, store: FunctionStore): Service['operations'] => {
  const tagsOf = (arn = ''): Map<string, string> => {
    const prefix = world.arn('lambda', 'function:');
    const [name = '', qualifier] = arn.startsWith(prefix) ? arn.slice(prefix.length).split(':') : [];
    if (name === '') throw invalid(`Invalid resource ARN: ${arn.slice(0, 200)}`);
    if (qualifier !== undefined)
      throw invalid(
        'Tags on function aliases and versions are not supported. Please specify either a function name or an unqualified function ARN.',
      );
    const found = store.get(name);
    if (!found) throw notFound(`Function not found: ${arn}`);
    return found.tags;
  };

  return {
    ListTags: operation<Sdk.ListTagsCommandInput, Sdk.ListTagsCommandOutput>(
      () => sdk.lambda().ListTags$,
      ({ Resource }) => ({ Tags: Object.fromEntries(tagsOf(Resource)) }),
    ),
    TagResource: operation<Sdk.TagResourceCommandInput, Sdk.TagResourceCommandOutput>(
      () => sdk.lambda().TagResource$,
      ({ Resource, Tags = {} }) => {
        const tags = tagsOf(Resource);
        if (new Set([...tags.keys(), ...Object.keys(Tags)]).size > lambdaParameters.tags)
          throw invalid(`The number of tags exceeds the maximum of ${lambdaParameters.tags}`);
        for (const [key, value] of Object.entries(Tags)) tags.set(key, value);
        return {};
      },
    ),
    UntagResource: operation<Sdk.UntagResourceCommandInput, Sdk.UntagResourceCommandOutput>(
      () => sdk.lambda().UntagResource$,
      ({ Resource, TagKeys = [] }) => {
        const tags = tagsOf(Resource);
        for (const key of TagKeys) tags.delete(key);
        return {};
      },
    ),
  };
};
