import type { Clients } from '../aws/clients.ts';
import { minutes } from '../model/duration.ts';
import type { Policy } from '../model/policy.ts';
import type { Resource } from '../model/resource.ts';
import type { Facts } from '../model/snapshot.ts';
import { stopCause } from '../model/state-reason.ts';

/** What a call is given besides the clients: what it is about, as the last look saw it. */
type CallInput = { target: Resource; facts: Facts; policy: Policy; dryRun: boolean };

export type ActionStep = {
  name: string;
  /** True where the last look shows that this step has nothing left to do; `before` is the look that the action began with. */
  done?: (facts: Facts, input: { before: Facts; policy: Policy }) => boolean;
  /** It takes the target out of service until a later step, or the target's group, makes up for it. */
  takesOut?: true;
  /** The one mutating call. Throws what the SDK throws. In a dry run it must not change anything. */
  call: (clients: Clients, input: CallInput) => Promise<void>;
  /**
   * What must be seen before the next step, or before the action counts as done; looked for with backoff, for at most `within` seconds.
   * `failed` says why a call that was accepted has come to nothing; `again`, that another one may come to more.
   */
  settled?: { when: (facts: Facts) => boolean; within: number; failed?: (facts: Facts) => { why: string; again: boolean } | null };
};

/**
 * What an action does to the world besides healing, so that guards can ask for it.
 * - `interrupts`: what runs there stops for a while.
 * - `removesFromService`: it is out of service until something else happens, which may not: a start, a successor.
 * - `destroys`: it is gone for good.
 * - `addsCapacity`: more runs than before, and costs.
 * - `changesAddress`: a public address that isn't elastic is another one afterwards.
 */
const effects = ['interrupts', 'removesFromService', 'destroys', 'addsCapacity', 'changesAddress'] as const;
type Effect = (typeof effects)[number];

type Subject = { target: Resource; facts: Facts; policy: Policy };

export type Action = {
  id: string;
  /** The IAM actions of its calls, and no others: held against the packaged template, both ways. */
  permissions: readonly string[];
  effects: readonly Effect[];
  /** What is acted upon, so what must be opted in and is leased; null if the look shows no such thing. */
  target: (facts: Facts) => Resource | null;
  /** For people: the infinitive, and the past participle that follows "would have". */
  verb: { base: string; past: string };
  /** For people, what follows the verb: `instance i-…`. */
  object: (input: Subject) => string;
  steps: readonly [ActionStep, ...ActionStep[]];
};

/** For people, in the infinitive: `reboot instance i-…`. */
export const toDo = ({ verb, object }: Pick<Action, 'verb' | 'object'>, input: Subject): string => `${verb.base} ${object(input)}`;

/** For people, where nothing was done: `would have rebooted instance i-…`. */
export const wouldHave = ({ verb, object }: Pick<Action, 'verb' | 'object'>, input: Subject): string =>
  `would have ${verb.past} ${object(input)}`;

export const has = ({ effects: own }: Pick<Action, 'effects'>, effect: Effect): boolean => own.includes(effect);

export const defineAction = <const A extends Action>(action: A): A => action;

/**
 * A start that is accepted can fail all the same: the instance goes from pending back to stopped, and only the reason of its state tells
 * why. So `pending` alone is no success.
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

export const instanceTarget = ({ instance }: Facts): Resource | null => (instance ? { type: 'instance', id: instance.id } : null);
export const groupTarget = ({ group }: Facts): Resource | null => (group ? { type: 'group', id: group.name } : null);

/** EC2 answers a dry run that would have worked with an error of this name. */
export const allowDryRun = async (dryRun: boolean, call: Promise<unknown>): Promise<void> => {
  try {
    await call;
  } catch (error) {
    if (!(dryRun && (error as { name?: string }).name === 'DryRunOperation')) throw error;
  }
};
