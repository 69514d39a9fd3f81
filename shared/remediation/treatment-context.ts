import type { Incident } from '../model/incident.ts';
import type { ActionRecord } from '../model/outcome.ts';
import type { Leasable } from '../model/place.ts';
import type { Facts } from '../model/snapshot.ts';
import type { Status } from '../model/status.ts';
import type { CallError } from '../ports/call-result.ts';
import type { Durable } from '../ports/durable.ts';
import type { KillSwitch } from '../ports/kill-switch.ts';
import type { Observation } from '../resources/observe.ts';
import type { Consent } from './consent.ts';
import type { DriverDeps } from './deps.ts';
import type { Holdings } from './holdings.ts';
import type { Journal } from './journal.ts';
import type { LateWord } from './late.ts';
import type { Sight } from './sight.ts';

export type Verdict = {
  status: Status;
  verified: boolean;
  reason: string;
  quiet?: boolean;
  /** What it is held for may be over another time: what can wait that long is tried again then. */
  passing?: boolean;
  /** The call whose failure is the reason. Others may wait for the same, and people are told of it once. */
  cause?: CallError;
  /** Nothing has ever been seen of it, not even whether it is opted in. */
  unknown?: boolean;
  /** People have had a word of it already. */
  told?: boolean;
};

/** How an incident was treated. `incident` names its cause, where that is another thing than what it was opened for. */
export type Treated = Verdict & {
  incident: Incident;
  actions: ActionRecord[];
  leases: Leasable[];
  /** When it was over, in milliseconds since the epoch; telling of it may have waited. */
  endedAt?: number;
  /** What the resource looked like, or why nobody looked; null where there was no look at all. */
  resourceState: string | null;
  observed: Observation | null;
  /** The last look. */
  facts?: Facts | undefined;
};

/** One incident under treatment: what all parts of the treatment share. */
export type Treatment = {
  /** What is treated by now: a composite alarm's incident becomes that of its cause. */
  incident(): Incident;
  deps: DriverDeps & { killSwitch: KillSwitch };
  durable: Durable;
  journal: Journal;
  sight: Sight;
  holdings: Holdings;
  consent: Consent;
  late: LateWord;
  record(action: ActionRecord): void;
  /** Throws `OperationsSpent` where an action that is begun now might not be brought to its end. */
  begin(): void;
  /** Another incident treats the resource, and will tell of it. */
  othersTreat(incident: string): void;
  /** Something has been done, or may have been. */
  didAct(): boolean;
  /** The verdicts that are told apart by that. */
  well(because: string): Verdict;
  blind(): Verdict;
};
