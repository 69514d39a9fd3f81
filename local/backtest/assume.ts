import type { Incident } from '../../shared/model/incident.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Facts, GroupFacts, InstanceFacts } from '../../shared/model/snapshot.ts';
import type { Inventory } from './inventory.ts';

/**
 * What a live look would have seen is not in a history. This is what is assumed in its place: what an inventory says of the resource,
 * and where it says nothing, the plainest thing that there is: a running, lone, on-demand instance on EBS whose failure is the one that
 * was told.
 */
export type Assumed = {
  facts: Facts;
  /** The inventory tells what the instance is. */
  known: boolean;
};

const noTags = {};

const instanceFacts = (id: string, tags: Record<string, string>, given: Partial<InstanceFacts>, stopped: boolean): InstanceFacts => ({
  id,
  state: stopped ? 'stopped' : 'running',
  stateReason: null,
  stoppedAt: null,
  instanceType: 'unknown',
  availabilityZone: '',
  zoneId: null,
  launchedAt: 0,
  rootDevice: 'ebs',
  instanceStore: false,
  spot: false,
  autoRecovery: false,
  groupName: tags['aws:autoscaling:groupName'] ?? null,
  address: null,
  volumes: [],
  operator: null,
  ...given,
  tags,
});

/** Only its name and tags count: nothing that is modelled reads the rest. */
const groupFacts = (name: string, tags: Record<string, string>): GroupFacts => ({
  name,
  tags,
  min: 0,
  max: 0,
  desired: 0,
  healthCheckType: 'EC2',
  healthCheckGraceSeconds: 0,
  cooldownSeconds: 0,
  warmUpSeconds: null,
  maintenance: null,
  balanced: false,
  launchSource: null,
  drainSeconds: null,
  suspendedProcesses: [],
  count: { all: 0, inService: 0, working: 0, joining: 0 },
  members: [],
  deleting: false,
});

/** `stateReason` where the history tells why the instance stopped. */
export const assume = (
  { failure, resource, alarm }: Incident,
  inventory: Inventory,
  { optIn }: Policy,
  now: number,
  stateReason: string | null,
): Assumed => {
  const tagsOf = (id: string): Record<string, string> => {
    const found = inventory.tags(id);
    if (inventory.everything) return { ...found, [optIn.key]: optIn.value };
    return found ?? (inventory.ids.has(id) ? { [optIn.key]: optIn.value } : noTags);
  };
  const ofInstance = resource.type === 'instance' ? inventory.instances.get(resource.id) : undefined;
  const instance =
    resource.type === 'instance'
      ? { ...instanceFacts(resource.id, tagsOf(resource.id), ofInstance ?? {}, failure === 'instance-stopped'), stateReason }
      : null;
  const groupName = resource.type === 'group' ? resource.id : (instance?.groupName ?? null);
  return {
    known: ofInstance !== undefined,
    facts: {
      at: now,
      full: true,
      instance,
      status: instance && {
        state: instance.state,
        system: failure === 'host-impaired' ? 'impaired' : 'ok',
        systemImpairedSince: null,
        instance:
          failure === 'host-impaired' || failure === 'instance-unreachable' || failure === 'status-check-failed' ? 'impaired' : 'ok',
        attachedEbs: null,
        scheduled: [],
      },
      group: groupName === null ? null : groupFacts(groupName, tagsOf(groupName)),
      alarm: alarm && {
        name: alarm.name,
        state: 'ALARM',
        updatedAt: null,
        composite: false,
        evaluated: true,
        actionsEnabled: true,
        actions: [],
        evaluationSeconds: null,
      },
      targets: null,
    },
  };
};
