import { readTargetState } from '../../shared/aws/states.ts';
import type { CertificateFacts, ValidationRecordFacts } from '../../shared/model/certificate.ts';
import type { ChannelId } from '../../shared/model/channel-id.ts';
import type { ClusterMembers } from '../../shared/model/cluster-members.ts';
import type { ReadersFacts } from '../../shared/model/cluster-readers.ts';
import type { ContainerHostFacts } from '../../shared/model/container-host.ts';
import type { ContainerServiceFacts, DeploymentFacts, FailedTasks } from '../../shared/model/container-service.ts';
import type { StorageFacts } from '../../shared/model/database-storage.ts';
import type { DiskFacts, VolumeFacts } from '../../shared/model/disk.ts';
import { type Incident, incidentKey } from '../../shared/model/incident.ts';
import type { ReplicasFacts } from '../../shared/model/instance-replicas.ts';
import type { Change, Outcome } from '../../shared/model/outcome.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import type { FormerRelease, ReleaseFacts } from '../../shared/model/release.ts';
import type { ReplicaFacts } from '../../shared/model/replica.ts';
import {
  type AlarmFacts,
  countMembers,
  type DatabaseFacts,
  type FunctionFacts,
  type GroupFacts,
  type InstanceFacts,
  type MemberFacts,
  type QueueFacts,
  type ResourceSnapshot,
  type StatusFacts,
  sumTargets,
  type TargetsFacts,
  type TaskFacts,
  workingBySource,
} from '../../shared/model/snapshot.ts';
import { channels } from '../../shared/notifications/channels/index.ts';
import type { Channel } from '../../shared/ports/reporter.ts';

/** The moment in which the examples play. */
export const noon = Date.UTC(2026, 10, 20, 12);

export const instanceId = 'i-0a1b2c3d4e5f60718';
export const groupName = 'web';

export const incident = (change: Partial<Incident> = {}): Incident => {
  const base: Omit<Incident, 'key'> = {
    failure: 'instance-unreachable',
    disposition: 'remediate',
    resource: { type: 'instance', id: instanceId },
    account: '123456789012',
    region: 'us-east-1',
    partition: 'aws',
    playbook: 'restart-instance',
    reason: 'its instance status check fails',
    severity: 'critical',
    kind: 'cloudwatch-alarm',
    at: noon,
    alarm: { name: 'web-status', arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:web-status' },
    children: [],
    evidence: {},
    ...change,
  };
  return { ...base, key: change.key ?? incidentKey(base) };
};

export const instance = (change: Partial<InstanceFacts> = {}): InstanceFacts => ({
  id: instanceId,
  state: 'running',
  stateReason: null,
  stoppedAt: null,
  instanceType: 'm7g.large',
  availabilityZone: 'us-east-1a',
  zoneId: 'use1-az1',
  launchedAt: noon - 86_400_000,
  tags: { selfheal: 'on' },
  rootDevice: 'ebs',
  instanceStore: false,
  spot: false,
  autoRecovery: true,
  groupName: null,
  address: null,
  volumes: ['vol-0a1b2c3d4e5f60718'],
  operator: null,
  ...change,
});

export const status = (change: Partial<StatusFacts> = {}): StatusFacts => ({
  state: 'running',
  system: 'ok',
  systemImpairedSince: null,
  instance: 'ok',
  attachedEbs: 'ok',
  scheduled: [],
  ...change,
});

export const memberOf = (id: string, change: Partial<MemberFacts> = {}): MemberFacts => ({
  instanceId: id,
  lifecycleState: 'InService',
  health: 'Healthy',
  protectedFromScaleIn: false,
  source: 'lt-0a1b2c3d4e5f60718 7',
  ...change,
});

const twoMembers = [memberOf(instanceId), memberOf('i-0ffffffffffffffff')];

/** All of its members are looked at. */
export const group = (change: Partial<GroupFacts> = {}): GroupFacts => ({
  name: groupName,
  min: 1,
  max: 4,
  desired: 2,
  healthCheckType: 'EC2',
  healthCheckGraceSeconds: 300,
  cooldownSeconds: 300,
  warmUpSeconds: null,
  maintenance: null,
  balanced: false,
  drainSeconds: null,
  launchSource: { kind: 'template', id: 'lt-0a1b2c3d4e5f60718', name: 'web', version: '7' },
  working: workingBySource(change.members ?? twoMembers),
  suspendedProcesses: [],
  count: countMembers(change.members ?? twoMembers),
  members: twoMembers,
  tags: { selfheal: 'on' },
  deleting: false,
  ...change,
});

/** The record by which the example's domain is validated, as ACM names it. */
export const wanted = {
  name: '_393b550374a051ba7cd4d95ec5860517.shop.example.',
  value: '_0a1b2c3d4e5f60718293a4b5c6d7e8f9.mhbtsbpdnt.acm-validations.aws.',
};

/** The record that validates a certificate; gone from the zone that it lies in, unless said otherwise. */
export const validation = (change: Partial<ValidationRecordFacts> = {}): ValidationRecordFacts => ({
  ...wanted,
  domain: 'shop.example',
  zone: { id: 'Z0SHOP', name: 'shop.example', servers: ['ns-1.awsdns-01.com'] },
  state: 'absent',
  instead: null,
  misled: null,
  ...change,
});

/** A certificate 45 days before its end, whose renewal waits for a record that is gone. */
export const certificate = (change: Partial<CertificateFacts> = {}): CertificateFacts => ({
  id: 'arn:aws:acm:us-east-1:123456789012:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b',
  tags: { selfheal: 'on' },
  owner: null,
  domain: 'shop.example',
  status: 'ISSUED',
  kind: 'AMAZON_ISSUED',
  method: 'DNS',
  renewal: { status: 'PENDING_VALIDATION', reason: null },
  expiresAt: noon + 45 * 24 * 3_600_000,
  inUse: true,
  records: [validation()],
  ...change,
});

/** A queue that gets the dead letters of another one, which is opted in as well. */
export const queue = (change: Partial<QueueFacts> = {}): QueueFacts => ({
  id: 'dead',
  arn: 'arn:aws:sqs:us-east-1:123456789012:dead',
  tags: { selfheal: 'on' },
  fifo: false,
  ownKey: false,
  messages: 40,
  consumer: null,
  sources: [{ id: 'orders', tags: { selfheal: 'on' }, waiting: 0, maxReceives: 3, visibilitySeconds: 30 }],
  moves: [],
  ...change,
});

/** A cluster whose writer is silent, with two readers in other zones that are not behind. */
export const clusterMembers = (change: Partial<ClusterMembers> = {}): ClusterMembers => ({
  writer: { id: 'shop-0', state: 'available', availabilityZone: 'us-east-1a', silentSince: noon - 120_000 },
  readers: [
    { id: 'shop-1', state: 'available', availabilityZone: 'us-east-1b', lag: 20 },
    { id: 'shop-2', state: 'available', availabilityZone: 'us-east-1c', lag: 25 },
  ],
  heard: true,
  ...change,
});

/** A cluster of Aurora whose two readers are busy. */
export const clusterReaders = (change: Partial<ReadersFacts> = {}): ReadersFacts => ({
  engine: 'aurora-postgresql',
  like: { class: 'db.r7g.large', parameterGroup: 'shop', public: false },
  own: { id: 'shop-selfheal-1', madeBy: 'load-saturated-1', state: null },
  writer: { id: 'shop-0', state: 'available', cpu: 20 },
  others: [
    { id: 'shop-1', state: 'available', cpu: 85 },
    { id: 'shop-2', state: 'available', cpu: 80 },
  ],
  scaled: false,
  ...change,
});

/** An instance that is busy with reads, with a replica that is busy too. */
export const instanceReplicas = (change: Partial<ReplicasFacts> = {}): ReplicasFacts => ({
  engine: 'mysql',
  source: null,
  backupDays: 7,
  class: 'db.r7g.large',
  public: false,
  zone: 'us-east-1b',
  own: { id: 'orders-selfheal-1', madeBy: 'load-saturated-1', state: null },
  others: [{ id: 'orders-r1', state: 'available', cpu: 85 }],
  count: 1,
  load: { cpu: 90, reads: 900, writes: 50, connections: 20 },
  ...change,
});

/** What a replica replicates that falls further behind. */
export const replica = (change: Partial<ReplicaFacts> = {}): ReplicaFacts => ({
  source: { id: 'orders', state: 'available' },
  reader: false,
  lag: { seconds: 300, perMinute: 30, stopped: false },
  replication: 'replicating',
  ...change,
});

/** The storage of a database that the policy lets grow by a tenth. */
export const databaseStorage = (change: Partial<StorageFacts> = {}): StorageFacts => ({
  allocated: 100,
  next: 110,
  wanted: null,
  growsTo: null,
  others: [],
  changedAt: null,
  iops: null,
  ...change,
});

/** A database instance that is up, with nothing pending. Its maintenance window is two days after noon, on a Sunday. */
export const database = (change: Partial<DatabaseFacts> = {}): DatabaseFacts => ({
  id: 'orders',
  state: 'available',
  availabilityZone: 'us-east-1a',
  cluster: null,
  pending: [],
  maintenanceWindow: 'sun:12:00-sun:12:30',
  tags: { selfheal: 'on' },
  ...change,
});

export const containerService = ({
  deployment = {},
  failed = {},
  ...change
}: Partial<Omit<ContainerServiceFacts, 'deployment' | 'failed'>> & {
  deployment?: Partial<DeploymentFacts>;
  failed?: Partial<FailedTasks> | null;
} = {}): ContainerServiceFacts => ({
  kind: 'ecs-service',
  id: 'prod/checkout',
  tags: { selfheal: 'on' },
  status: 'ACTIVE',
  desired: 4,
  running: 4,
  pending: 0,
  minimumHealthyPercent: 100,
  controller: 'ECS',
  endsFailures: 'no',
  taskDefinition: 'checkout:2',
  rollout: 'IN_PROGRESS',
  rollouts: 2,
  deployment: {
    arn: 'arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/checkout/r9i43YFjvgF_xlg7m2eJ1r',
    status: 'IN_PROGRESS',
    startedAt: noon - 600_000,
    target: 'checkout:2',
    source: 'checkout:1',
    rolledBack: false,
    ...deployment,
  },
  failed: failed && { since: noon - 3_300_000, newer: 6, others: 0, neverRan: 6, elsewhere: 0, lastAt: noon - 60_000, ...failed },
  ...change,
});

export const containerHost = (change: Partial<ContainerHostFacts> = {}): ContainerHostFacts => ({
  arn: 'arn:aws:ecs:us-east-1:123456789012:container-instance/prod/765936fadbdd46b5991a4bd70c2a43d4',
  cluster: 'prod',
  tags: { selfheal: 'on' },
  status: 'ACTIVE',
  connected: false,
  tasks: 2,
  standalone: 0,
  hosts: { all: 4, lost: 1, lostIds: [instanceId], able: 3 },
  ...change,
});

export const task = (change: Partial<TaskFacts> = {}): TaskFacts => ({
  id: 'arn:aws:ecs:us-east-1:123456789012:task/prod/0123456789abcdef0123456789abcdef',
  tags: { selfheal: 'on' },
  service: 'prod/checkout',
  state: 'RUNNING',
  health: 'UNKNOWN',
  address: '10.0.16.5',
  startedAt: noon - 3_600_000,
  ...change,
});

/** Version 4 of a function serves for ten minutes, and half of its requests fail; version 3 had no errors. */
export const release = (change: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  newer: { name: 'version 4', requests: 6000, errors: 3000 },
  since: noon - 600_000,
  first: { requests: 600, errors: 300 },
  lately: { requests: 1800, errors: 900 },
  errors: 3000,
  before: [former()],
  ...change,
});
export const former = (change: Partial<FormerRelease> = {}): FormerRelease => ({
  id: '3',
  name: 'version 3',
  requests: 6000,
  errors: 0,
  last: { requests: 1200, errors: 0 },
  gone: false,
  later: false,
  ...change,
});

/** A function whose alias has been moved to a bad version. */
export const lambda = (change: Partial<FunctionFacts> = {}): FunctionFacts => ({
  kind: 'function',
  id: 'checkout',
  tags: { selfheal: 'on' },
  alias: { name: 'live', version: '4', revisionId: 'r-4' },
  unreleased: null,
  shifting: null,
  release: release(),
  concurrency: { reserved: 10, unreserved: 990, most: 10, throttles: 60 },
  ...change,
});

/** A look at it. */
export const functionFacts = (change: Partial<FunctionFacts> = {}): ResourceSnapshot =>
  facts({ instance: null, status: null, service: lambda(change) });

export const alarm = (change: Partial<AlarmFacts> = {}): AlarmFacts => ({
  name: 'web-status',
  state: 'ALARM',
  updatedAt: noon,
  composite: false,
  evaluated: true,
  actionsEnabled: true,
  actions: [],
  evaluationSeconds: 120,
  ...change,
});

/** A group of which so many members are in service, the one at hand among them. */
export const countedGroup = (inService: number): GroupFacts =>
  group({ count: { all: inService, inService, working: inService, joining: 0 }, members: [memberOf(instanceId)] });

/** What is kept of targets that are all looked at. */
export const targetsOf = (targets: readonly { id: string; state: string }[]): TargetsFacts =>
  sumTargets(
    targets.map(({ id, state }) => ({ id, state: readTargetState(state) })),
    targets.map(({ id }) => id),
  );

/** A look at a lone instance that runs and passes its checks, while its alarm still rings. */
export const facts = (change: Partial<ResourceSnapshot> = {}): ResourceSnapshot => ({
  at: noon,
  full: true,
  instance: instance(),
  status: status(),
  group: null,
  alarm: alarm(),
  targets: null,
  ...change,
});

/** What a policy says of disks. */
export const diskPolicy = {
  disks: { atMost: 40, look: 'list-disks', extend: 'extend-disk', serial: 'Volume' },
  commands: {
    'list-disks': { document: 'Shop-ListDisks', version: '1', effects: [] },
    'extend-disk': { document: 'Shop-ExtendDisk', version: '1', effects: [] },
  },
};

export const volume = (change: Partial<VolumeFacts> = {}): VolumeFacts => ({
  id: 'vol-0a1b2c3d4e5f60718',
  size: 20,
  state: 'in-use',
  attachments: 1,
  tags: { selfheal: 'on' },
  modification: null,
  snapshot: null,
  ...change,
});

/** A look at an instance whose root fills up, and whose disks are known. */
export const diskFacts = (change: Partial<VolumeFacts> = {}, disks: Partial<DiskFacts> = {}): ResourceSnapshot =>
  facts({
    alarm: alarm({ fileSystems: [{ instance: instanceId, path: '/', device: 'nvme0n1p1' }] }),
    disks: {
      devices: [{ path: '/', name: 'nvme0n1p1', serial: 'vol0a1b2c3d4e5f60718', depth: 1, partitioned: null, fileSystem: null }],
      volumes: [volume({ id: 'vol-00000000000000001' }), volume(change)],
      ...disks,
    },
  });

/** A look at the same after a growth that only the volume has had. */
export const unfinishedDisk = (change: Partial<VolumeFacts> = {}): ResourceSnapshot =>
  diskFacts(
    { size: 25, modification: { state: 'optimizing', size: 25, from: 20 }, ...change },
    { devices: [{ path: '/', name: 'nvme0n1p1', serial: 'vol0a1b2c3d4e5f60718', depth: 1, partitioned: 20 * 2 ** 30, fileSystem: null }] },
  );

/** A look at a member in service of a group of two. */
export const memberFacts = (change: Partial<ResourceSnapshot> = {}): ResourceSnapshot =>
  facts({ instance: instance({ groupName }), group: group(), ...change });

/** A look at a group of which no member is meant. */
export const groupFacts = (change: Partial<GroupFacts> = {}): ResourceSnapshot =>
  facts({ instance: null, status: null, group: group(change) });

export const policy = (change: Record<string, unknown> = {}): Policy => policySchema.parse(change);

/** A call two minutes before noon that stopped the instance. */
export const change = (change: Partial<Change> = {}): Change => ({
  at: '2026-11-20T11:58:00.000Z',
  call: 'ec2:StopInstances',
  who: 'alice',
  arn: 'arn:aws:iam::123456789012:user/alice',
  from: '203.0.113.10',
  agent: 'aws-cli/2.15.0',
  via: null,
  error: null,
  selfheal: false,
  ...change,
});

export const outcome = (change: Partial<Outcome> = {}): Outcome => ({
  incident: incident().key,
  failure: 'instance-unreachable',
  severity: 'critical',
  resource: { type: 'instance', id: instanceId },
  account: '123456789012',
  region: 'us-east-1',
  playbook: 'restart-instance',
  status: 'healed',
  verified: true,
  reason: 'both status checks pass; alarm web-status is OK',
  startedAt: '2026-11-20T12:00:00.000Z',
  endedAt: '2026-11-20T12:06:05.000Z',
  timeToRecoverSeconds: 365,
  quiet: false,
  actions: [{ action: 'reboot-instance', attempt: 1, at: '2026-11-20T12:01:00.000Z', result: 'done' }],
  changes: [],
  likelyCause: null,
  changesNote: null,
  timeline: [
    { at: '2026-11-20T12:00:00.000Z', phase: 'signal', text: 'instance-unreachable' },
    { at: '2026-11-20T12:01:00.000Z', phase: 'act', text: `reboot instance ${instanceId}` },
  ],
  ...change,
});

/** The channels of a deployment whose policy names no others. */
export const usualChannels = ['metrics', 'people', 'chat', 'bus'] as const satisfies ChannelId[];

/** Those channels, each told in a way of its own. */
export const channelsBy = (tell: (id: ChannelId) => Channel['outcome']): Channel[] =>
  usualChannels.flatMap((id) =>
    channels
      .filter((one) => one.id === id)
      .map(({ quiet, withRecord }) => ({ id, quiet, ...(withRecord && { withRecord }), outcome: tell(id) })),
  );
