import type { Severity } from '../model/classification.ts';
import type { Incident } from '../model/incident.ts';
import type { ActionRecord } from '../model/outcome.ts';
import type { Leasable } from '../model/place.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import type { Status } from '../model/status.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Durable } from '../ports/durable.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Observation } from '../resources/observe.ts';
import type { Approvals } from './approvals.ts';
import type { DriverDeps } from './deps.ts';
import type { Drain } from './drain.ts';
import type { HeldLeases } from './held-leases.ts';
import type { Journal } from './journal.ts';
import type { OverdueNotice } from './overdue-notice.ts';
import type { ResourceObserver } from './resource-observer.ts';

/** How a treatment ends. */
export type TreatmentResult = {
  status: Status;
  verified: boolean;
  reason: string;
  quiet?: boolean;
  /** The reason for the hold may be temporary: deferrable work is tried again later. */
  passing?: boolean;
  /** The failed call that is the reason. Other incidents may wait for the same, which is reported once. */
  cause?: CallError;
  /** Nothing is known of the resource, not even whether it is opted in. */
  unknown?: boolean;
  /** How severe the look shows it to be, where that is not as its class says. */
  severity?: Severity;
  /** That it began was reported, or may have been: programs may have opened something. */
  opened?: true;
  /** People have been notified already. */
  notified?: boolean;
  /** It had failed on a look, and recovered while that was waited for. */
  hadFailed?: true;
};

/** The result of a treatment. `incident` is about the cause, if that is another resource than the original one. */
export type Treated = TreatmentResult & {
  incident: Incident;
  actions: ActionRecord[];
  leases: Leasable[];
  /** When it was over, in milliseconds since the epoch; the report may come later. */
  endedAt?: number;
  /** The state of the resource, or why there was no look; null if there was none. */
  resourceState: string | null;
  observed: Observation | null;
  facts?: ResourceSnapshot | undefined;
};

/** One incident under treatment: the shared state of its parts. */
export type Treatment = {
  /** The current incident: a composite alarm's changes to that of its cause. */
  incident(): Incident;
  deps: DriverDeps & { killSwitch: KillSwitch };
  durable: Durable;
  journal: Journal;
  observer: ResourceObserver;
  heldLeases: HeldLeases;
  approvals: Approvals;
  drain: Drain;
  late: OverdueNotice;
  record(action: ActionRecord): void;
  /** The calls of actions that were made so far, oldest first. */
  records(): readonly ActionRecord[];
  /** @throws {OperationsSpentError} if an action that begins now might not be completed */
  begin(): void;
  /** Records that another incident treats the resource and will report it. */
  othersTreat(incident: string, waits: boolean): void;
  /** How many calls of actions were made so far. */
  attempts(): number;
  /** Whether an action was taken or may have been. */
  didAct(): boolean;
  /** Verdicts that depend on it. */
  recovered(because: string): TreatmentResult;
  unobservable(): TreatmentResult;
};
