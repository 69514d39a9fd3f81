import type { Cancel } from '../../../core/clock.ts';
import type { InstanceState } from '../../../core/service-interfaces.ts';
import type { TypeInfo } from './catalogue.ts';
import type { Origin, ReleaseDefect } from './releases.ts';
import type { Timeline } from './timeline.ts';

export type Zone = {
  readonly name: string;
  /** The same for every account, e.g. `use1-az1`. */
  readonly id: string;
  readonly subnetId: string;
  /** Which of the default network's subnets it is. */
  readonly subnetIndex: number;
  /** Whether instances in its subnet are lent a public address unless their launch says otherwise. */
  mapsPublicIp: boolean;
  /** How many faults hold it dark, or without capacity; 0 is well. */
  dark: number;
  exhausted: number;
};

export type StateReason = { readonly code: string; readonly message: string };

/** What a describe call shows of an instance. Immutable, so that an older one can still be shown while a newer one spreads. */
export type DescribeView = {
  readonly state: InstanceState;
  readonly stateReason: StateReason | null;
  readonly transitionReason: string;
  /** Of the latest start. */
  readonly launchedAt: number;
  /** The one that AWS lends it while it runs; another one after every stop. */
  readonly publicIp: string | null;
  /** The one that the account keeps for it. */
  readonly elasticIp: string | null;
  readonly tags: ReadonlyMap<string, string>;
  readonly autoRecovery: 'default' | 'disabled';
};

/** From running to no longer running: the time in which status checks are made and metrics exist. */
export type Run = { readonly since: number; readonly firstCheckAt: number };

/** A value that grows linearly from `value` at `at`, up to 100. */
export type Ramp = { readonly at: number; readonly value: number; readonly perMillisecond: number };

export type ScheduledEvent = {
  readonly id: string;
  readonly code: 'instance-stop';
  readonly description: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly healthEvent: { readonly arn: string; readonly communicationId: string };
  completed: boolean;
};

export type Attachment = {
  readonly instance: Instance;
  readonly device: string;
  readonly at: number;
  readonly deleteOnTermination: boolean;
  /** Which NVMe device it is to the operating system: 0 is `nvme0n1`. It says nothing about `device`. */
  readonly nvme: number;
  state: 'attaching' | 'attached' | 'detaching';
};

/** What is on a volume, and stays on it whatever that is attached to. */
export type FileSystem = {
  readonly fstype: string;
  readonly path: string;
  /** Whether it is in a partition, and not on the whole device. */
  readonly partitioned: boolean;
  /** Less than its volume has from when that grew until somebody extends it. */
  sizeGiB: number;
  /** Percent of it that is used by what nobody can clean up. */
  idle: number;
  /** In percent. */
  readonly used: Timeline<Ramp>;
};

/** A file system in an instance's tree, by the device that it has there. */
export type Mount = {
  readonly fileSystem: FileSystem;
  readonly volume: Volume;
  readonly device: string;
  readonly there: Timeline<boolean>;
};

/** What ModifyVolume can change. */
export type Shape = { readonly sizeGiB: number; readonly type: string; readonly iops?: number; readonly throughput?: number };

export type Modification = {
  readonly startedAt: number;
  readonly original: Shape;
  readonly target: Shape;
  state: 'modifying' | 'optimizing' | 'completed' | 'failed';
  /** Since when it has been optimizing, and when that ends, or has ended. */
  optimizes: { readonly from: number; readonly until: number } | null;
  endedAt: number | null;
  message: string;
};

export type Volume = {
  readonly seq: number;
  readonly id: string;
  readonly zone: Zone;
  /** The size and the type that it has by now. */
  shape: Shape;
  /** Oldest first. */
  readonly modifications: Modification[];
  fileSystem: FileSystem | null;
  readonly snapshotId: string | null;
  readonly createdAt: number;
  /** The key that it is encrypted under, or what somebody took for one; null where it isn't encrypted. */
  readonly kmsKeyArn: string | null;
  creating: boolean;
  attachment: Attachment | null;
  tags: ReadonlyMap<string, string>;
  impairedSince: number | null;
  /** Lost: its hardware is, and what was on it. */
  broken: boolean;
};

/** A process, by the name that the CloudWatch agent finds it under. `held`: how many faults keep it from starting. */
export type Process = { readonly runs: Timeline<boolean>; held: number };

export type Instance = {
  readonly seq: number;
  readonly id: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly clientToken: string;
  readonly requesterId: string | null;
  readonly launchedFrom: Origin;
  /** What is wrong with the release that it was launched with, as long as somebody says so. */
  readonly defect: () => ReleaseDefect | null;
  readonly imageId: string;
  readonly keyName: string | null;
  /** Changes while it is stopped only. */
  type: TypeInfo;
  readonly zone: Zone;
  readonly spotRequestId: string | null;
  readonly privateIp: string;
  readonly networkInterfaceId: string;
  /** Who alone may change it, a service such as `eks.amazonaws.com`; null where everybody may. */
  operator: string | null;
  readonly hibernates: boolean;
  readonly hasPublicIp: boolean;
  /** Where its image has its root volume, which may be detached while it is stopped. */
  readonly rootDevice: string;
  /** Attached to it. */
  readonly volumes: Volume[];
  readonly detailedMonitoring: boolean;
  readonly createdAt: number;
  shutdownBehavior: 'stop' | 'terminate';
  disableApiTermination: boolean;
  disableApiStop: boolean;

  /** The truth of now, and what the wire has still to show of it, oldest first. */
  described: DescribeView;
  readonly seen: { readonly at: number; readonly changedAt: number; readonly described: DescribeView }[];

  /** Grows with every host, and with every boot: what was scheduled for another one is void. */
  host: number;
  boot: number;
  /** Grows with every boot, and whenever a command starts software again. */
  softwareStarts: number;
  /** Those that somebody has spoken of. */
  readonly processes: Map<string, Process>;
  hostFailed: boolean;
  booted: boolean;
  hung: boolean;
  everRan: boolean;
  recoveries: readonly number[];
  readonly events: ScheduledEvent[];

  /** What is going to happen to it: its next state, its guest's next step, EC2's own recovery, the hang that a leak leads to, what a bad
   * release does to it. */
  readonly timers: Record<'state' | 'guest' | 'recovery' | 'leak' | 'defect', Cancel | null>;

  /** `system` and `reachable`: what the two status checks find. `attached`: whether all volumes answer. Loads in percent. */
  readonly run: Timeline<Run | null>;
  readonly system: Timeline<boolean>;
  readonly reachable: Timeline<boolean>;
  readonly attached: Timeline<boolean>;
  readonly load: Timeline<number>;
  readonly memory: Timeline<Ramp>;
  /** What is mounted, or was. */
  readonly mounts: Mount[];
};

export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const groupTag = 'aws:autoscaling:groupName';

/** A value that stays what it is. */
export const flat = (at: number, value: number): Ramp => ({ at, value, perMillisecond: 0 });

export const rampValue = (ramp: Ramp, at: number): number => Math.min(100, ramp.value + (at - ramp.at) * ramp.perMillisecond);

export const cancelTimer = (instance: Instance, name: keyof Instance['timers']): void => {
  instance.timers[name]?.();
  instance.timers[name] = null;
};
