import type { Incident } from '../model/incident.ts';
import type { Particulars } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';
import { seenOf, typesOfResource } from '../model/resources/index.ts';
import { runbookOfTag, runbookTag } from '../model/runbook.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';

/** Details by which people know a resource besides its id, where known: name, place, and related resources. */
export const particularsOf = (
  { resource, alarm }: Pick<Incident, 'resource' | 'alarm'>,
  facts?: Pick<ResourceSnapshot, 'instance' | 'group'>,
  policy?: Pick<Policy, 'runbooks'>,
): Particulars => {
  const { type, id } = resource;
  const { instance = null, group = null } = facts ?? {};
  const own = seenOf(type, { instance, group });
  const name = own?.tags.Name?.trim();
  const zone = typesOfResource[type].zone?.(id, { instance });
  const groupName = typesOfResource[type].group ? id : (group?.name ?? instance?.groupName);
  const tags = [own, group].map((one) => one?.tags[runbookTag]);
  const runbook = policy && tags.map((tag) => runbookOfTag(tag, policy.runbooks)).find((found) => found !== null);
  return {
    ...(name ? { name: name.slice(0, 256) } : {}),
    ...(zone && zone !== 'unknown' ? { zone } : {}),
    ...(groupName ? { group: groupName } : {}),
    ...(alarm ? { alarm: { name: alarm.name, arn: alarm.arn } } : {}),
    ...(runbook ? { runbook } : {}),
  };
};
