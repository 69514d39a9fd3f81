import type { CheckStatus, InstanceState, InstanceView } from '../../../core/service-interfaces.ts';
import { checkStatus } from './checks.ts';
import { groupTag, type Instance, type StateReason } from './instance.ts';

/** An instance as other services see it: always as it is now. */
export class View implements InstanceView {
  readonly #instance: Instance;
  readonly #now: () => number;

  constructor(instance: Instance, now: () => number) {
    this.#instance = instance;
    this.#now = now;
  }

  get id(): string {
    return this.#instance.id;
  }
  get state(): InstanceState {
    return this.#instance.described.state;
  }
  get availabilityZone(): string {
    return this.#instance.zone.name;
  }
  get instanceType(): string {
    return this.#instance.type.name;
  }
  get launchedAt(): number {
    return this.#instance.described.launchedAt;
  }
  get boots(): number {
    return this.#instance.boot;
  }
  get softwareStarts(): number {
    return this.#instance.softwareStarts;
  }
  get lastHeard(): number | null {
    const { run, reachable, createdAt } = this.#instance;
    const now = this.#now();
    if (this.reachable) return now;
    // It answers until it is on its way down, which its timeline shows only once it is down.
    const at = (reachable.now ? run.since(now) : reachable.since(now)) ?? now;
    return at > createdAt ? at : null;
  }
  get spot(): boolean {
    return this.#instance.spotRequestId !== null;
  }
  get stateReason(): StateReason | null {
    return this.#instance.described.stateReason;
  }
  get systemStatus(): CheckStatus {
    return checkStatus(this.#instance, 'system', this.#now());
  }
  get instanceStatus(): CheckStatus {
    return checkStatus(this.#instance, 'reachable', this.#now());
  }
  get attachedEbsStatus(): CheckStatus {
    return checkStatus(this.#instance, 'attached', this.#now());
  }
  get reachable(): boolean {
    return this.state === 'running' && this.#instance.reachable.now;
  }
  get tags(): ReadonlyMap<string, string> {
    return this.#instance.described.tags;
  }
  get groupName(): string | null {
    return this.tags.get(groupTag) ?? null;
  }
  get operator(): string | null {
    return this.#instance.operator;
  }
}
