import { beatOf, type Incident } from '../model/incident.ts';
import type { Particulars } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';
import { seenOf, typesOfResource, zoneOf } from '../model/resources/index.ts';
import { runbookOfTag, runbookTag } from '../model/runbook.ts';
import type { TreatedFacts } from '../model/snapshot.ts';

/** Details by which people know a resource besides its id, where known: name, place, and related resources. */
export const particularsOf = (
  { resource, alarm, ...about }: Pick<Incident, 'resource' | 'alarm'> & Parameters<typeof beatOf>[0],
  facts: TreatedFacts = { instance: null, group: null },
  policy?: Pick<Policy, 'runbooks' | 'version'>,
): Particulars => {
  const { type, id } = resource;
  const { instance, group } = facts;
  const own = seenOf(type, facts);
  const name = own?.tags.Name?.trim();
  const zone = zoneOf(resource, facts);
  const groupName = typesOfResource[type].group ? id : (group?.name ?? instance?.groupName);
  const tags = [own, group].map((one) => one?.tags[runbookTag]);
  // The policy itself names that of a heartbeat.
  const named = beatOf(about) === null ? undefined : about.evidence?.runbook;
  const runbook = named ?? (policy && tags.map((tag) => runbookOfTag(tag, policy.runbooks)).find((found) => found !== null));
  return {
    ...(name ? { name: name.slice(0, 256) } : {}),
    ...(zone ? { zone } : {}),
    ...(groupName ? { group: groupName } : {}),
    ...(alarm ? { alarm: { name: alarm.name, arn: alarm.arn } } : {}),
    ...(runbook ? { runbook } : {}),
    ...(policy?.version === undefined ? {} : { policyVersion: policy.version }),
  };
};
