import type {
  CreateTagsCommandInput,
  CreateTagsCommandOutput,
  DeleteTagsCommandInput,
  DeleteTagsCommandOutput,
  DescribeTagsCommandInput,
  DescribeTagsCommandOutput,
  ResourceType,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';
import type { ElasticIps } from '../model/elastic.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Snapshots } from '../model/snapshots.ts';
import { allSeen, checkForm, dryRun, seenInstances, volumesById } from './common.ts';
import { compileFilters, type FilterTable } from './filters.ts';
import { checkPage, page } from './pages.ts';
import { snapshotsById } from './snapshots.ts';
import { checkedTags, checkTagCount, isReserved } from './tag-specifications.ts';
import type { LaunchTemplates } from './templates.ts';

const rules = { call: 'DescribeTags', least: 5, most: 1000 };
const maxResources = 1000;

type Tagged = { id: string; type: ResourceType; tags: ReadonlyMap<string, string>; set: (tags: ReadonlyMap<string, string>) => void };
type Row = { seq: number; id: string; type: ResourceType; key: string; value: string };

const tagTable: FilterTable<Row> = {
  key: ({ key }) => key,
  'resource-id': ({ id }) => id,
  'resource-type': ({ type }) => type,
  'tag:': ({ key, value }, wanted) => (key === wanted ? value : undefined),
  value: ({ value }) => value,
};

/** CreateTags, DeleteTags and DescribeTags, of instances, volumes, snapshots, elastic addresses and launch templates. */
export const tagOperations = (
  fleet: Fleet,
  { templates, elastic, snapshots }: { templates: LaunchTemplates; elastic: ElasticIps; snapshots: Snapshots },
): Record<string, Operation> => {
  const resource = (id: string): Tagged => {
    if (id.startsWith('vol-')) {
      const [volume] = volumesById(fleet, [id]);
      if (volume)
        return {
          id,
          type: 'volume',
          tags: volume.tags,
          set: (tags) => {
            volume.tags = tags;
          },
        };
    }
    if (id.startsWith('snap-')) {
      const [snapshot] = snapshotsById(snapshots, [id]);
      if (snapshot)
        return {
          id,
          type: 'snapshot',
          tags: snapshot.tags,
          set: (tags) => {
            snapshot.tags = tags;
          },
        };
    }
    if (id.startsWith('lt-')) {
      const template = templates.byId(id);
      return {
        id,
        type: 'launch-template',
        tags: template.tags,
        set: (tags) => {
          template.tags = tags;
        },
      };
    }
    if (id.startsWith('eipalloc-')) {
      const address = elastic.addresses.get(id);
      if (!address) throw new AwsError('InvalidAllocationID.NotFound', `The allocation ID '${id.slice(0, 100)}' does not exist`);
      return {
        id,
        type: 'elastic-ip',
        tags: address.tags,
        set: (tags) => {
          address.tags = tags;
        },
      };
    }
    if (!id.startsWith('i-')) throw new AwsError('InvalidID', `The ID '${id.slice(0, 100)}' is not valid`);
    const [seen] = seenInstances(fleet, [id]);
    if (!seen) throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    const { instance } = seen;
    return { id, type: 'instance', tags: instance.described.tags, set: (tags) => fleet.change(instance, { tags }) };
  };

  const resources = (ids: readonly string[] | undefined): Tagged[] => {
    if (!ids || ids.length === 0) throw new AwsError('MissingParameter', 'The request must contain the parameter resourceIdSet');
    if (ids.length > maxResources) throw new AwsError('InvalidParameterValue', `At most ${maxResources} resources can be tagged at once.`);
    checkForm(
      ids.filter((id) => id.startsWith('i-')),
      'i',
      'InvalidInstanceID',
    );
    return [...new Set(ids)].map(resource);
  };

  const rows = function* (): Iterable<Row> {
    /** Room for more tags than a resource can have, so that a row's number is its own. */
    const stride = 256;
    const spread = function* (base: number, seq: number, id: string, type: ResourceType, tags: ReadonlyMap<string, string>) {
      let i = 0;
      for (const [key, value] of tags) yield { seq: base + seq * stride + i++, id, type, key, value };
    };
    for (const { instance, described } of allSeen(fleet)) yield* spread(0, instance.seq, instance.id, 'instance', described.tags);
    for (const volume of fleet.volumes.values()) yield* spread(2 ** 50, volume.seq, volume.id, 'volume', volume.tags);
    for (const snapshot of snapshots.all.values()) yield* spread(2 ** 50 + 2 ** 48, snapshot.seq, snapshot.id, 'snapshot', snapshot.tags);
    for (const address of elastic.addresses.values())
      yield* spread(2 ** 50 + 2 ** 49, address.seq, address.allocationId, 'elastic-ip', address.tags);
    for (const template of templates.all()) yield* spread(2 ** 51, template.seq, template.id, 'launch-template', template.tags);
  };

  return {
    CreateTags: operation<CreateTagsCommandInput, CreateTagsCommandOutput>(
      () => sdk.ec2().CreateTags$,
      (input) => {
        const targets = resources(input.Resources);
        const added = checkedTags(input.Tags);
        if (added.length === 0) throw new AwsError('MissingParameter', 'The request must contain the parameter tagSet');
        dryRun(input);
        const changed = targets.map(({ tags, set }) => {
          const next = new Map(tags);
          for (const { key, value } of added) next.set(key, value);
          checkTagCount(next.keys());
          return { set, next };
        });
        for (const { set, next } of changed) set(next);
        return {};
      },
    ),

    /** A tag given with a value goes only if it has that value; no tags at all means all but the reserved ones. */
    DeleteTags: operation<DeleteTagsCommandInput, DeleteTagsCommandOutput>(
      () => sdk.ec2().DeleteTags$,
      (input) => {
        const targets = resources(input.Resources);
        checkedTags(input.Tags);
        dryRun(input);
        for (const { tags, set } of targets) {
          const kept = [...tags].filter(([key, value]) => {
            if (isReserved(key)) return true;
            if (!input.Tags || input.Tags.length === 0) return false;
            return !input.Tags.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value));
          });
          set(new Map(kept));
        }
        return {};
      },
    ),

    DescribeTags: operation<DescribeTagsCommandInput, DescribeTagsCommandOutput>(
      () => sdk.ec2().DescribeTags$,
      (input) => {
        checkPage(rules, input);
        const matches = compileFilters(tagTable, input.Filters);
        dryRun(input);
        const { rows: found, ...next } = page(rules, input, Iterator.from(rows()).filter(matches), ({ seq }) => seq);
        return { Tags: found.map(({ id, type, key, value }) => ({ ResourceId: id, ResourceType: type, Key: key, Value: value })), ...next };
      },
    ),
  };
};
