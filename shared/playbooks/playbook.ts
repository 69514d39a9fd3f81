import type { Action } from '../actions/action.ts';
import type { HealthCheck } from '../health/health.ts';
import type { Backoff } from '../model/backoff.ts';
import { minutes, seconds } from '../model/duration.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import type { Facts } from '../model/snapshot.ts';

/** A rung's condition, asked of the look just before it. */
export type Condition = { id: string; met: (facts: Facts) => boolean };

type RungOptions = {
  when?: readonly Condition[];
  /** Between tries of the rung, and between tries of a throttled call; `attempts` counts both together. */
  backoff?: Backoff;
  /** How often the action may be done in all before the next rung's turn. */
  tries?: number;
  /** How long verification may take, in seconds. */
  within?: number;
  /** What healthy means after this rung, where it differs from the playbook's. */
  healthy?: readonly HealthCheck[];
};

export type Rung = {
  kind: 'act';
  action: Action;
  when: readonly Condition[];
  backoff: Backoff;
  tries: number;
  within: number;
  healthy?: readonly HealthCheck[];
};

/** Leaves the healing to somebody else for a while: to EC2, or to a group. In seconds. */
export type Watch = {
  kind: 'watch';
  because: string;
  atMost: number;
  when: readonly Condition[];
  /** Another way in which it may turn out healed, besides the playbook's: its group has replaced it. */
  or?: readonly HealthCheck[];
  /** As long as its group gives a new member, where that is longer. */
  grace?: 'group';
};

/** Waits for a calm hour, but not past the deadline that the incident carries. */
type Calm = { kind: 'calm' };

export type LadderStep = Rung | Watch | Calm;

/** A ladder of rungs for a failure class, the least first. Its end is always a person. */
export type Playbook = {
  id: PlaybookId;
  summary: string;
  /** What must be seen, live, before anything is done: one of them unhealthy is the failure itself. */
  failing: readonly HealthCheck[];
  /** What must be seen, twice, before anybody may say healed. */
  healthy: readonly HealthCheck[];
  ladder: readonly LadderStep[];
  /** How often the ladder is climbed at most, where it heals one part of the resource at a time. Once, where it is left out. */
  rounds?: number;
};

export const definePlaybook = (playbook: Playbook): Playbook => playbook;

export const rung = (action: Action, options: RungOptions = {}): Rung => ({
  kind: 'act',
  action,
  when: options.when ?? [],
  backoff: options.backoff ?? { initial: seconds(15), cap: minutes(5), attempts: 5 },
  tries: options.tries ?? 1,
  within: options.within ?? minutes(15),
  ...(options.healthy ? { healthy: options.healthy } : {}),
});

export const watch = ({ when = [], ...rest }: Omit<Watch, 'kind' | 'when'> & { when?: readonly Condition[] }): Watch => ({
  kind: 'watch',
  when,
  ...rest,
});

export const calm = (): Calm => ({ kind: 'calm' });
