import type { Action } from '../actions/action.ts';
import type { HealthCheck } from '../health/health.ts';
import type { Backoff } from '../model/backoff.ts';
import { minutes, seconds } from '../model/duration.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';

/** A rung's condition, evaluated on the look just before it. */
export type Condition = { id: string; met: (facts: ResourceSnapshot) => boolean };

type RungOptions = {
  when?: readonly Condition[];
  /** Waits between tries of the rung, and between retries of a throttled call; `attempts` counts both together. */
  backoff?: Backoff;
  /** How often the action may be done before the next rung. */
  tries?: number;
  /** The time limit of verification, in seconds. */
  within?: number;
  /** What counts as healthy after this rung, if it differs from the playbook's. */
  healthy?: readonly HealthCheck[];
};

/** A step that takes an action. */
export type Rung = {
  kind: 'act';
  action: Action;
  when: readonly Condition[];
  backoff: Backoff;
  tries: number;
  within: number;
  healthy?: readonly HealthCheck[];
};

/** A step that waits for EC2 or a group to heal the resource. In seconds. */
export type Watch = {
  kind: 'watch';
  because: string;
  atMost: number;
  when: readonly Condition[];
  /** Alternative checks that also count as healed, such as that its group has replaced it. */
  or?: readonly HealthCheck[];
  /** Wait at least as long as its group gives a new member. */
  grace?: 'group';
};

/** A step that waits for the maintenance window, but not past the incident's deadline. */
type MaintenanceWait = { kind: 'maintenance-window' };

/** One step of a ladder. */
export type LadderStep = Rung | Watch | MaintenanceWait;

/** The steps for a failure class, least disruptive first. After the last one, the incident is escalated. */
export type Playbook = {
  id: PlaybookId;
  summary: string;
  /** One of these checks must be unhealthy on a live look before any action. */
  failing: readonly HealthCheck[];
  /** All of these checks must be healthy on two looks before the incident counts as healed. */
  healthy: readonly HealthCheck[];
  ladder: readonly LadderStep[];
  /** The maximum number of passes through the ladder, where it heals one part of the resource at a time. Default: 1. */
  maxPasses?: number;
};

/** Checks the type of a playbook. */
export const definePlaybook = (playbook: Playbook): Playbook => playbook;

/** Creates a rung for an action. */
export const rung = (action: Action, options: RungOptions = {}): Rung => ({
  kind: 'act',
  action,
  when: options.when ?? [],
  backoff: options.backoff ?? { initial: seconds(15), cap: minutes(5), attempts: 5 },
  tries: options.tries ?? 1,
  within: options.within ?? minutes(15),
  ...(options.healthy ? { healthy: options.healthy } : {}),
});

/** Creates a step that waits. */
export const watch = ({ when = [], ...rest }: Omit<Watch, 'kind' | 'when'> & { when?: readonly Condition[] }): Watch => ({
  kind: 'watch',
  when,
  ...rest,
});

/** Creates a step that waits for the maintenance window. */
export const maintenanceWindow = (): MaintenanceWait => ({ kind: 'maintenance-window' });
