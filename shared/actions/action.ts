import type { Clients } from '../aws/clients.ts';
import type { Backoff } from '../model/backoff.ts';
import { minutes } from '../model/duration.ts';
import { isNamed } from '../model/errors.ts';
import type { AddressAfter } from '../model/foreseen.ts';
import type { Policy } from '../model/policy.ts';
import type { Resource } from '../model/resource.ts';
import { typesOfResource } from '../model/resources/index.ts';
import type { ResourceSnapshot, ServiceFacts } from '../model/snapshot.ts';
import { stopCause } from '../model/state-reason.ts';

/** What a call gets besides the clients; `facts` are from the last look. */
type CallInput = {
  target: Resource;
  facts: ResourceSnapshot;
  policy: Policy;
  dryRun: boolean;
  /** Names this attempt, and no other in the account. */
  reference: string;
};

/** How far work is that a call has started elsewhere, and what came of it: a few bounded lines without secrets. */
export type Progress = { id: string; state: 'running' | 'done' | 'failed'; says: string; output: readonly string[] };

/** What identifies the work that a call started, with the look before the call. */
type WorkInput = Pick<CallInput, 'target' | 'facts' | 'policy' | 'reference'>;

/** How the work that a call starts is followed to its end. */
export type Follow = {
  /**
   * Finds the work by the attempt's reference, also where the call's answer was lost; null if there is none, or none yet. `since` is when
   * the call was made, in milliseconds since the epoch.
   */
  find: (clients: Clients, input: WorkInput & { since: number }) => Promise<Progress | null>;
  /** Ends it. Not an error if it has ended by itself. */
  cancel: (clients: Clients, input: WorkInput, id: string) => Promise<void>;
  /** When it is cancelled, in seconds. */
  within: number | ((policy: Policy) => number);
  /** Between two looks at it, in seconds, where that is not as usual. */
  pace?: Backoff;
  /** It is cancelled as soon as selfheal is switched off. */
  endsWithSwitch?: true;
};

/**
 * What must be seen of work that has ended before anything more is done: for so many seconds, `wrong` says why it did harm, compared with
 * the look when it ended.
 */
export type Proof = {
  within: (facts: ResourceSnapshot) => number;
  wrong: (facts: ResourceSnapshot, since: ResourceSnapshot) => string | null;
};

/** One mutating call of an action. */
export type ActionStep = {
  name: string;
  /** Whether the last look shows that this step is already done; `before` is the look at the start of the action. */
  done?: (facts: ResourceSnapshot, input: { before: ResourceSnapshot; policy: Policy }) => boolean;
  /** It takes the target out of service until a later step or the target's group restores it. */
  takesOut?: true;
  /**
   * The only mutating call. In a dry run it must not change anything.
   * @throws whatever the SDK throws
   */
  call: (clients: Clients, input: CallInput) => Promise<void>;
  /**
   * The condition before the next step, or before the action counts as done; polled with backoff for at most `within` seconds. `failed`
   * says why an accepted call had no effect; `again`, whether another call may have one.
   */
  settled?: {
    when: (facts: ResourceSnapshot, input: { before: ResourceSnapshot; policy: Policy }) => boolean;
    within: number;
    failed?: (facts: ResourceSnapshot) => { why: string; again: boolean } | null;
    /** Whether the next step follows once the time is over, too. */
    goesOn?: true;
  };
  /** The call only starts work, which is followed to its end before anything else is done. */
  follow?: Follow;
  /** Only of a step that is followed. */
  proof?: Proof;
};

/**
 * Effects of an action that guards may depend on.
 * - `starts`: a stopped resource runs again.
 * - `changesSoftware`: software changes or restarts, and what it runs on goes on.
 * - `interrupts`: the workload is interrupted for a while.
 * - `removesFromService`: out of service until something else happens that may not: a start, a successor.
 * - `destroys`: the resource is gone for good.
 * - `addsCapacity`: more runs or is reserved, at a cost.
 * - `changesAddress`: a public address that isn't elastic changes.
 * - `repeatsWork`: work that has failed before is done again.
 * - `growsStorage`: a volume or a database is larger for good, at a cost, and what is on it goes on.
 */
export type Effect =
  | 'starts'
  | 'changesSoftware'
  | 'interrupts'
  | 'removesFromService'
  | 'destroys'
  | 'addsCapacity'
  | 'changesAddress'
  | 'repeatsWork'
  | 'growsStorage';

/** The effects that each effect includes. Only the gravest is judged. */
const includes: Readonly<Record<Effect, readonly Effect[]>> = {
  starts: [],
  changesSoftware: [],
  interrupts: [],
  removesFromService: ['interrupts'],
  destroys: ['interrupts', 'removesFromService'],
  addsCapacity: [],
  changesAddress: [],
  repeatsWork: [],
  growsStorage: [],
};

/**
 * How long what the target does is expected to be away, for people who decide. `source`: an address of AWS's documentation; `policy`, which
 * allows it no longer; or else `assumed`.
 */
export type Downtime = { seconds: number; source: 'assumed' | 'policy' | `https://docs.aws.amazon.com/${string}` };

type Subject = { target: Resource; facts: ResourceSnapshot; policy: Policy };

/** An action on a resource. */
export type Action = {
  id: string;
  /** The IAM actions of its calls and no others. A test compares them with the packaged template in both directions. */
  permissions: readonly string[];
  effects: readonly [Effect, ...Effect[]];
  /** Null if nothing is interrupted. */
  downtime: Downtime | null;
  /** For people: how the action is undone; null if it can't be. */
  undo: string | null;
  /** Of one that grows storage: only what lies on a volume that is larger already, and no volume. */
  addsNone?: true;
  /** What it needs on the instance: the agent of Systems Manager. */
  through?: 'systems-manager';
  /** Which of the policy's commands it runs, by name. */
  command?: string;
  /** It is done to one target at most once in so many seconds. */
  once?: (policy: Policy) => number;
  /** It is done to one target at most so many times in so many seconds. */
  limit?: { times: number; within: number };
  /** It only reads what no look can: what comes after it is no part of it, and nothing has been done. */
  onlyReads?: true;
  /** Why a person is asked before, whatever `approval` in the policy requires, with what is needed to decide; null where the policy waives it. */
  asks?: (policy: Policy, facts: ResourceSnapshot) => string | null;
  /**
   * It takes at least so many seconds until a look can show that it has helped, where that is longer than calls take to be seen. Assumed, from
   * how long a machine boots and how often its checks run.
   */
  takes?: number;
  /**
   * Between two looks at what comes of it, in seconds, where that is not as usual. Only for an action whose last step settles: what is looked
   * at has shown a change by then.
   */
  pace?: Backoff;
  /** How many people must agree, each by a link of their own, whatever the policy waives; one if left out, where anybody is asked. */
  people?: 2;
  /** What it raises for a while, which is recorded before and taken back later; null if nothing. */
  raises?: (input: { facts: ResourceSnapshot; policy: Policy }) => { from: number; to: number } | null;
  /** What it makes for a while, which is recorded before and taken away later; null if nothing. */
  makes?: (facts: ResourceSnapshot) => { reader: string; replica?: true } | null;
  /** The target, which must be opted in and is leased; null if the look shows none. */
  target: (facts: ResourceSnapshot) => Resource | null;
  /** For people: in which state it leaves its target if it was begun and can't be completed; null if not in that one. */
  leaves?: (input: Omit<Subject, 'policy'>) => string | null;
  /** For people: the infinitive, and the past participle after "would have". */
  verb: { base: string; past: string };
  /** For people, the object of the verb: `instance i-…`. */
  object: (input: Subject) => string;
  steps: readonly [ActionStep, ...ActionStep[]];
};

/** For people, in the infinitive: `reboot instance i-…`. */
export const toDo = ({ verb, object }: Pick<Action, 'verb' | 'object'>, input: Subject): string => `${verb.base} ${object(input)}`;

/** For people, in a dry run: `would have rebooted instance i-…`. */
export const wouldHave = ({ verb, object }: Pick<Action, 'verb' | 'object'>, input: Subject): string =>
  `would have ${verb.past} ${object(input)}`;

/** Whether an action has an effect. */
export const has = ({ effects: own }: Pick<Action, 'effects'>, effect: Effect): boolean => own.includes(effect);

/** Whether an effect is one of those above. */
export const isEffect = (effect: string): effect is Effect => Object.hasOwn(includes, effect);

/** What becomes of the public address of an instance that an action is done to; null if it is done to something else. */
export const addressAfter = (action: Action, facts: ResourceSnapshot): AddressAfter | null => {
  const target = action.target(facts);
  if (!target || !typesOfResource[target.type].machine || !facts.instance) return null;
  const { address } = facts.instance;
  if (!address) return 'none';
  if (has(action, 'destroys')) return 'goes';
  return has(action, 'changesAddress') && !address.elastic ? 'changes' : 'kept';
};

/** The effects of an action without those that another one of its effects includes. */
export const gravest = ({ effects: own }: Pick<Action, 'effects'>): Effect[] =>
  own.filter((effect) => !own.some((other) => includes[other].includes(effect)));

/** Checks the type of an action. */
export const defineAction = <const A extends Action>(action: A): A => action;

/**
 * An accepted start can still fail: the instance goes from pending back to stopped, and only its state reason says why. So `pending` alone
 * is not success.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
 */
export const started: NonNullable<ActionStep['settled']> = {
  when: ({ instance }) => instance?.state === 'running',
  within: minutes(10),
  failed: ({ instance }) => {
    if (instance?.state !== 'stopped') return null;
    const cause = stopCause(instance.stateReason);
    if (cause !== 'failed' && cause !== 'by-aws') return null;
    return { why: `it was started and stopped again: ${instance.stateReason}`, again: cause === 'by-aws' };
  },
};

/**
 * What a machine takes at least until its checks pass, in seconds (assumed): about a minute to boot, and EC2 checks it once a minute.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html
 */
export const bootAndChecks = 120;

/** Targets the instance. */
export const instanceTarget = ({ instance }: ResourceSnapshot): Resource | null =>
  instance ? { type: 'instance', id: instance.id } : null;
/** Targets the group. */
export const groupTarget = ({ group }: ResourceSnapshot): Resource | null => (group ? { type: 'group', id: group.name } : null);

/** Targets the service, if it is of this kind. */
export const serviceTarget =
  (kind: ServiceFacts['kind']) =>
  ({ service }: ResourceSnapshot): Resource | null =>
    service?.kind === kind ? { type: 'service', id: service.id } : null;

/** Treats EC2's `DryRunOperation` error, its answer to a dry run that would have worked, as success. */
export const allowDryRun = async (dryRun: boolean, call: Promise<unknown>): Promise<void> => {
  try {
    await call;
  } catch (error) {
    if (!(dryRun && isNamed(error, 'DryRunOperation'))) throw error;
  }
};
