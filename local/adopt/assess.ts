import { DescribeVolumesCommand } from '@aws-sdk/client-ec2';
import type { Clients } from '../../shared/aws/clients.ts';
import { classify, noAction } from '../../shared/failures/classify.ts';
import { alarmActions } from '../../shared/guards/alarm-actions.ts';
import { asgConstraints } from '../../shared/guards/asg-constraints.ts';
import { canStartAgain } from '../../shared/guards/can-start-again.ts';
import { guards } from '../../shared/guards/index.ts';
import { isOptedIn } from '../../shared/guards/opt-in.ts';
import { publicAddress } from '../../shared/guards/public-address.ts';
import type { Classification } from '../../shared/model/classification.ts';
import { type ClassificationRule, type Rules, rulesOf } from '../../shared/model/classification-rules.ts';
import { minuteMs } from '../../shared/model/duration.ts';
import { CodedError, RefusedError } from '../../shared/model/errors.ts';
import type { FailureId } from '../../shared/model/failure-id.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { remediesBy } from '../../shared/model/remedies.ts';
import type { Resource } from '../../shared/model/resource.ts';
import { typesOfResource } from '../../shared/model/resources/index.ts';
import { type AlarmSignal, isAlarm } from '../../shared/model/signal.ts';
import { decode } from '../../shared/signals/decode.ts';
import type { Decision } from '../backtest/decision.ts';
import { eventOf } from '../backtest/history.ts';
import type { Inventory } from '../backtest/inventory.ts';
import { createLane } from '../backtest/lane.ts';
import type { AlarmDocument, Documents } from './documents.ts';

/**
 * What would become of an alarm that goes off now.
 * - `treated`: an action would be taken; `rehearsed`: the same in a dry run; `asked`: once a person approves.
 * - `depends`: on what only a look at that moment finds.
 * - `held`: a guard says no. `person`: a person is told.
 * - `no-rule`: no failure class covers its metric, and a rule of the policy could.
 * - `gone`: what it watches does not exist any more. `ignored`: it is no failure.
 * - `unreadable`: CloudWatch would not send such an alarm.
 */
export const outcomes = ['treated', 'rehearsed', 'asked', 'depends', 'held', 'person', 'no-rule', 'gone', 'ignored', 'unreadable'] as const;
export type AlarmOutcome = (typeof outcomes)[number];

/** Outcomes after which something is done, at once or once a person agrees. */
export const acts: readonly AlarmOutcome[] = ['treated', 'rehearsed', 'asked'];

export type Assessment = {
  document: AlarmDocument;
  signal: AlarmSignal | null;
  outcome: AlarmOutcome;
  failure: FailureId | null;
  subject: Resource | null;
  playbook: string | null;
  action: string | null;
  guard: string | null;
  /** Why nothing is done, or not without a person. */
  why: string | null;
  /** A setting of the policy that is off, and with which a playbook would run. */
  setting: string | null;
  /** Guards that only the account of that moment can answer. */
  open: string[];
  /** Whether what it is about has the opt-in tag today; null where its tags are not known. */
  optedIn: boolean | null;
};

const rising = new Set(['GreaterThanThreshold', 'GreaterThanOrEqualToThreshold', 'GreaterThanUpperThreshold']);
const falling = new Set(['LessThanThreshold', 'LessThanOrEqualToThreshold', 'LessThanLowerThreshold']);

/** Names or ARNs of the alarms in a composite alarm's rule. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html */
const childrenOf = ({ AlarmRule, AlarmArn }: AlarmDocument['definition']): string[] => {
  const place = AlarmArn.slice(0, AlarmArn.indexOf(':alarm:') + ':alarm:'.length);
  const named = [...(AlarmRule ?? '').matchAll(/\bALARM\s*\(\s*(?:"([^"]{1,1600})"|([^\s")]{1,1600}))\s*\)/g)];
  const arns = named.map(([, quoted, bare]) => quoted ?? bare ?? '').map((name) => (name.startsWith('arn:') ? name : `${place}${name}`));
  return arns.length > 0 ? arns.slice(0, 100) : [AlarmArn];
};

/** What the alarm evaluates when it goes off on a side of its threshold: as bad as it can be, since nobody knows how bad. */
const reasonData = ({ definition, threshold, band }: AlarmDocument, side: 'above' | 'below') => {
  if (definition.AlarmRule) return { triggeringAlarms: childrenOf(definition).map((arn) => ({ arn })) };
  if (band)
    return side === 'above' ? { recentDatapoints: [1], recentUpperThresholds: [0] } : { recentDatapoints: [0], recentLowerThresholds: [1] };
  if (threshold === null) return { recentDatapoints: [1] };
  const worst = side === 'above' ? threshold + Math.max(1, Math.abs(threshold)) : threshold > 0 ? 0 : threshold - 1;
  return { threshold, recentDatapoints: [worst] };
};

/** The events that CloudWatch would send of an alarm: two if it goes off on either side. */
const eventsOf = (document: AlarmDocument, at: number): unknown[] => {
  const { comparison } = document;
  const sides = falling.has(comparison ?? '')
    ? (['below'] as const)
    : comparison === null || rising.has(comparison)
      ? (['above'] as const)
      : (['above', 'below'] as const);
  return sides.map((side) =>
    eventOf(
      document.definition,
      { Timestamp: new Date(at).toISOString() },
      {
        oldState: { stateValue: 'OK' },
        newState: { stateValue: 'ALARM', stateReasonData: { version: '1.0', ...reasonData(document, side) } },
      },
    ),
  );
};

const signalsOf = (document: AlarmDocument, at: number): AlarmSignal[] =>
  eventsOf(document, at).flatMap((event) => decode(event).signals.filter(isAlarm));

/** Whether any rule at all could say what such an alarm means. The harmless side of a known metric needs none. */
const aRuleWouldHelp = (signal: AlarmSignal, rules: Rules): boolean => {
  if (signal.watches !== 'metrics') return false;
  const direction = signal.direction === 'below' ? 'below' : 'above';
  const other = direction === 'below' ? 'above' : 'below';
  if (classify({ ...signal, direction: other }, rules).failure !== 'unclassified') return false;
  const any: ClassificationRule = { alarm: '*', failure: 'error-rate', direction, subject: { type: 'service', id: 'any' } };
  return classify(signal, { ...rules, alarms: [any] }).failure !== 'unclassified';
};

/** The rules if a setting were on. */
const withSetting = (rules: Rules, setting: string): Rules => ({
  ...rules,
  off: rules.off.filter((one) => one !== setting),
  remedies: { ...remediesBy(setting), ...rules.remedies },
});

/** The setting that is off, and with which a playbook would run for the alarm; null if there is none. */
const missingSetting = (signal: AlarmSignal, rules: Rules): string | null =>
  rules.off.find((setting) => classify(signal, withSetting(rules, setting)).disposition === 'remediate') ?? null;

/** The account's answers to what guards look up, from what was read. */
const answering = ({ volumes, keys }: Documents): Partial<Clients> => {
  const ec2 = {
    send: async (command: unknown) => {
      if (!(command instanceof DescribeVolumesCommand)) throw new CodedError('NotReadError', 'it was not read');
      return { Volumes: (command.input.VolumeIds ?? []).flatMap((id) => volumes?.get(id) ?? []) };
    },
  };
  const kms = {
    send: async ({ input }: { input: { KeyId: string } }) => {
      const key = keys.get(input.KeyId);
      if (!key) throw new RefusedError('NotReadError', 'it was not read');
      return { KeyMetadata: { Arn: key.arn, KeyManager: key.manager ?? undefined, KeyState: key.state ?? undefined } };
    },
  };
  // Nothing else is ever sent by the guards below.
  return { ec2, kms } as unknown as Partial<Clients>;
};

/** Who is taken to be opted in: everything that an alarm is about, or what has the tag today. */
export const whos = ['all', 'tags'] as const;
export type Who = (typeof whos)[number];

/**
 * What is known of resources today, with everything that a guard can be asked about it. Whether a group may grow or replaces a member says
 * nothing about last week.
 */
export const accountInventory = (documents: Documents, who: Who, when: 'now' | 'past'): Inventory => {
  const { listed, tags, alarms, volumes } = documents;
  const onWhatIsKnown = [
    ...(listed.has.groups && when === 'now' ? [asgConstraints] : []),
    ...(volumes ? [canStartAgain] : []),
    publicAddress,
  ];
  const asking = (...these: readonly unknown[]) => guards.filter((guard) => !guard.live || these.includes(guard));
  return {
    ...listed.inventory,
    everything: who === 'all',
    tags: (id) => {
      const [given, more] = [listed.inventory.tags(id), tags.get(id)];
      return given || more ? { ...more, ...given } : undefined;
    },
    present: {
      groups: listed.groups,
      alarms: new Map(alarms.map(({ facts }) => [facts.name, facts])),
      guards: { known: asking(alarmActions, ...onWhatIsKnown), unknown: asking(alarmActions) },
      clients: answering(documents),
    },
    told: '',
  };
};

/** How long a treatment is taken to last; nothing here depends on it. */
const healsAfter = 10 * minuteMs;

/** What one alarm alone comes to: nothing else fails, and nothing has been done before. */
const decisionOn = async (verdict: Classification, policy: Policy, inventory: Inventory, at: number): Promise<Decision | null> => {
  let decided: Decision | null = null;
  const lane = createLane({
    policy,
    inventory,
    healsAfter,
    opened: () => {},
    settle: (_seq, _incident, decision) => {
      decided = decision;
    },
  });
  await lane.take({ kind: 'failure', at, seq: 1, where: '', verdicts: [verdict] }, 0);
  await lane.finish();
  return decided;
};

/** Whether what an alarm is about isn't there, where all of its kind were read. */
const isGone = ({ type, id }: Resource, { listed }: Documents): boolean => {
  const { machine = false, group = false } = typesOfResource[type];
  if (machine && listed.has.instances) {
    const found = listed.inventory.instances.get(id);
    return found === undefined || found.state === 'terminated' || found.state === 'shutting-down';
  }
  return group && listed.has.groups && !listed.groups.has(id);
};

const outcomeOf: Readonly<Record<Decision['status'], AlarmOutcome>> = {
  treated: 'treated',
  would: 'rehearsed',
  asked: 'asked',
  held: 'held',
  escalated: 'person',
  unknown: 'depends',
  passed: 'depends',
  none: 'depends',
};

/** The part of a reason that says why nothing is done. */
const whyOf = (reason: string): string => reason.slice(reason.lastIndexOf(noAction) + (reason.includes(noAction) ? noAction.length : 1));

type Setting = { documents: Documents; inventory: Inventory; policy: Policy; rules: Rules; now: number };

const assessAlarm = async (document: AlarmDocument, setting: Setting): Promise<Assessment> => {
  const { documents, inventory, policy, rules, now } = setting;
  const nothing = {
    document,
    signal: null,
    failure: null,
    subject: null,
    playbook: null,
    action: null,
    guard: null,
    setting: null,
    open: [],
    optedIn: null,
  };
  const read = signalsOf(document, now).map((signal) => ({ signal, verdict: classify(signal, rules) }));
  // It may go off on either side: the side that means something counts.
  const found = read.find(({ verdict }) => verdict.failure !== 'unclassified') ?? read[0];
  if (!found) return { ...nothing, outcome: 'unreadable', why: decode(eventsOf(document, now)[0]).rejected[0]?.error ?? null };
  const { signal, verdict } = found;
  const { failure, resource: subject, playbook, reason, disposition } = verdict;
  const tags = subject && inventory.tags(subject.id);
  const common = { ...nothing, signal, failure, subject, playbook, optedIn: tags ? isOptedIn(tags, policy) : null };
  if (disposition === 'ignore') return { ...common, outcome: 'ignored', why: reason };
  if (subject && isGone(subject, documents)) return { ...common, outcome: 'gone', why: `there is no such ${subject.type}` };
  if (disposition === 'escalate') {
    const isComposite = signal.watches === 'children';
    const lacks = failure === 'unclassified' && aRuleWouldHelp(signal, rules);
    const outcome = isComposite ? 'depends' : lacks ? 'no-rule' : 'person';
    return { ...common, outcome, why: whyOf(reason), setting: outcome === 'person' ? missingSetting(signal, rules) : null };
  }
  const decision = await decisionOn(verdict, policy, inventory, now);
  if (!decision) return { ...common, outcome: 'depends', why: null };
  const outcome = outcomeOf[decision.status];
  const { action, guard, open } = decision;
  const why = outcome === 'treated' || (outcome === 'rehearsed' && policy.mode === 'dry-run') ? null : decision.reason;
  return { ...common, outcome, playbook: decision.playbook ?? playbook, action, guard, open, why };
};

/** What would become of every alarm, if each went off now and alone. In the order of their names. */
export const assessAlarms = async (documents: Documents, policy: Policy, who: Who, now: number): Promise<Assessment[]> => {
  const setting = {
    documents,
    inventory: accountInventory(documents, who, 'now'),
    policy,
    rules: rulesOf(policy),
    now,
  };
  const names = documents.alarms.toSorted((a, b) => (a.definition.AlarmName < b.definition.AlarmName ? -1 : 1));
  const all: Assessment[] = [];
  for (const document of names) all.push(await assessAlarm(document, setting));
  return all;
};
