import { keyProblem } from '../../shared/guards/can-start-again.ts';
import { ownerOf } from '../../shared/model/owner.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { InstanceFacts } from '../../shared/model/snapshot.ts';
import type { Inventory } from '../backtest/inventory.ts';
import type { AlarmDocument, Documents } from './documents.ts';

/** What there is besides alarms, and what stands in the way of healing it. */
export type Coverage = {
  /** Instances that exist; null where they were not read. */
  instances: number | null;
  groups: number | null;
  /** Instances without an owner that no alarm names, nor their group. */
  unwatched: string[];
  /** Alarms that tell nobody: without an action, or with their actions disabled. */
  silent: string[];
  /** Instances that another controller owns. */
  owned: { id: string; owner: string; kind: keyof Policy['owners'] }[];
  /** Volumes that a stopped instance would lack at its start; null where volumes were not read. */
  volumes: { id: string; instance: string; key: string | null; problem: string }[] | null;
};

const valuesIn = ({ definition: { Dimensions, Metrics } }: AlarmDocument): string[] =>
  [Dimensions, ...(Metrics ?? []).map(({ MetricStat }) => MetricStat?.Metric.Dimensions)].flatMap((all) =>
    (all ?? []).map(({ Value }) => Value),
  );

const exists = ({ state }: Partial<InstanceFacts>): boolean => state !== 'terminated' && state !== 'shutting-down';

const keysOf = ({ volumes, keys }: Documents, instances: readonly (readonly [string, Partial<InstanceFacts>])[], { kmsKeys }: Policy) =>
  volumes &&
  instances.flatMap(([instance, facts]) =>
    (facts.volumes ?? []).flatMap((id) => {
      const volume = volumes.get(id);
      if (!volume?.Encrypted || !volume.KmsKeyId) return [];
      const key = keys.get(volume.KmsKeyId) ?? { arn: volume.KmsKeyId, manager: null, state: null };
      const problem = keyProblem(key, id, kmsKeys);
      return problem === null ? [] : [{ id, instance, key: key.arn, problem }];
    }),
  );

export const coverageOf = (documents: Documents, inventory: Inventory, policy: Policy): Coverage => {
  const { alarms, listed } = documents;
  const named = new Set(alarms.flatMap(valuesIn));
  const instances = [...listed.inventory.instances].filter(([, facts]) => exists(facts));
  const withOwner = instances.map(([id, facts]) => {
    const tags = inventory.tags(id) ?? {};
    const groupName = tags['aws:autoscaling:groupName'] ?? null;
    return { id, groupName, owner: ownerOf({ tags, groupName, operator: facts.operator ?? null }) };
  });
  return {
    instances: listed.has.instances ? instances.length : null,
    groups: listed.has.groups ? listed.groups.size : null,
    unwatched: withOwner.flatMap(({ id, groupName, owner }) =>
      owner || named.has(id) || (groupName !== null && named.has(groupName)) ? [] : [id],
    ),
    silent: alarms.flatMap(({ facts: { name, actions, actionsEnabled } }) => (actions.length > 0 && actionsEnabled ? [] : [name])),
    owned: withOwner.flatMap(({ id, owner }) => (owner ? [{ id, owner: owner.name, kind: owner.kind }] : [])),
    volumes: keysOf(documents, instances, policy),
  };
};
