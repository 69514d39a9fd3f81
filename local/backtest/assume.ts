import type { ContainerHostFacts } from '../../shared/model/container-host.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { typesOfResource } from '../../shared/model/resources/index.ts';
import type { DatabaseFacts, GroupFacts, InstanceFacts, ResourceSnapshot } from '../../shared/model/snapshot.ts';
import type { Inventory } from './inventory.ts';

/**
 * A history doesn't contain what a live look would have found. These are the assumptions in its place: what an inventory says about the
 * resource, or else the simplest case, a running lone on-demand instance on EBS with the reported failure.
 */
export type Assumed = {
  facts: ResourceSnapshot;
  /** The inventory describes the instance, or the group as it is now. */
  known: boolean;
};

const noTags = {};

const instanceFacts = (id: string, tags: Record<string, string>, given: Partial<InstanceFacts>, stopped: boolean): InstanceFacts => ({
  id,
  stateReason: null,
  stoppedAt: null,
  instanceType: 'unknown',
  availabilityZone: '',
  zoneId: null,
  launchedAt: 0,
  rootDevice: 'ebs',
  instanceStore: false,
  spot: false,
  // As EC2 has it unless somebody says otherwise.
  autoRecovery: true,
  groupName: tags['aws:autoscaling:groupName'] ?? null,
  address: null,
  volumes: [],
  operator: null,
  ...given,
  // Its state today is not that of then.
  state: stopped ? 'stopped' : 'running',
  tags,
});

/** Of a group in a history only its name and tags matter; nothing in the model reads the rest. */
const groupFacts = (name: string, tags: Record<string, string>, given?: GroupFacts): GroupFacts => ({
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
  ...given,
  name,
  tags,
});

/** One of many, whose agent is gone. */
const lostHost = (tags: Record<string, string>): ContainerHostFacts => ({
  arn: '',
  cluster: '',
  tags,
  status: 'ACTIVE',
  connected: false,
  tasks: 0,
  standalone: 0,
  hosts: { all: 0, lost: 0, lostIds: [], able: 0 },
});

/** One that falls further behind a source that is well. */
const laggingReplica = (id: string, tags: Record<string, string>): DatabaseFacts => ({
  id,
  state: 'available',
  availabilityZone: 'unknown',
  cluster: null,
  pending: [],
  maintenanceWindow: null,
  replica: {
    source: { id: 'its source', state: 'available' },
    reader: false,
    lag: { seconds: 0, perMinute: 1, stopped: false },
    replication: null,
  },
  tags,
});

/** `stateReason` if the history shows why the instance stopped. */
export const assume = (
  { failure, resource, alarm, at }: Incident,
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
  const own = typesOfResource[resource.type];
  const ofInstance = own.machine ? inventory.instances.get(resource.id) : undefined;
  const instance = own.machine
    ? { ...instanceFacts(resource.id, tagsOf(resource.id), ofInstance ?? {}, failure === 'instance-stopped'), stateReason }
    : null;
  const groupName = own.group ? resource.id : (instance?.groupName ?? null);
  const today = alarm && inventory.present?.alarms.get(alarm.name);
  return {
    known: ofInstance !== undefined || (own.group === true && inventory.present?.groups.has(resource.id) === true),
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
      group: groupName === null ? null : groupFacts(groupName, tagsOf(groupName), inventory.present?.groups.get(groupName)),
      alarm: alarm && {
        composite: false,
        actionsEnabled: true,
        actions: [],
        evaluationSeconds: null,
        // By its path on Linux, which is not in the history.
        ...(failure === 'disk-full' && own.machine ? { fileSystems: [{ instance: resource.id, path: '/', device: null }] } : {}),
        ...today,
        name: alarm.name,
        state: 'ALARM',
        updatedAt: today ? at : null,
        evaluated: true,
      },
      targets: null,
      ...own.treated?.assumed?.(resource.id, tagsOf(resource.id)),
      ...(failure === 'replica-behind' ? { database: laggingReplica(resource.id, tagsOf(resource.id)) } : {}),
      ...(failure === 'agent-lost' ? { host: lostHost(tagsOf(resource.id)) } : {}),
    },
  };
};
