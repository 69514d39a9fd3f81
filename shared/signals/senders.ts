import { accountOf, parseArn } from '../model/arn.ts';
import { MalformedEventError } from '../model/malformed.ts';
import { isSamePlace, type Place } from '../model/place.ts';
import type { Senders } from '../model/senders.ts';
import { isAlarm, type Signal } from '../model/signal.ts';
import { type Delivery, type Fields, isFields } from './module.ts';

/** Whose accounts an event may name beside its sender's: those that the policy lists, and the one that an event without a sender is from. */
export type Trust = Senders & {
  home: string;
  /** The members whose topics a hub listens to, beside those of its own account; null for a stack that is no hub. */
  topics: readonly Place[] | null;
};

/** What people wrote, or programs, and where the input was from: it says nothing of what the event is about. */
const aside = /tags$|attributes$|payload$|metadata$|actions$|source$|environment$|batchinfo$/i;
/** Keys, identities and names of others may be used by one's own resources. */
const shared = new Set(['kms', 'iam', 'sts', 'servicediscovery']);
/** Fields with what an event is about: ARNs, and where AWS writes ARNs or ids. */
const naming = /arn$|arns$|^resources$|^entityvalue$|_id$/i;

/** Accounts in the ARNs of an event. The event's size is bounded before; the loop needs no stack. */
const accountsIn = (event: Fields): Set<string> => {
  const found = new Set<string>();
  const waiting: [key: string, value: unknown][] = [['', event]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [key, value] = next;
    if (typeof value === 'string') {
      const arn = naming.test(key) ? parseArn(value) : null;
      if (arn?.account && !shared.has(arn.service)) found.add(arn.account);
    } else if (Array.isArray(value)) for (const part of value) waiting.push([key, part]);
    else if (isFields(value)) for (const name of Object.keys(value)) if (!aside.test(name)) waiting.push([name, value[name]]);
  }
  return found;
};

const accountsOf = (signal: Signal): (string | null)[] => [
  signal.account,
  ...(isAlarm(signal)
    ? [
        ...signal.metrics.map(({ account }) => account),
        ...[signal.alarm.arn, ...signal.children].map((arn) => parseArn(arn)?.account ?? null),
      ]
    : []),
];

type Topic = Place & { listed: boolean };

/** An account's topic in a region, and whether the policy lists the account as one that tells of others; null for what is no topic. */
const topicOf = (topicArn: string | null, { monitoring, health }: Trust): Topic | null => {
  const arn = parseArn(topicArn);
  if (arn?.service !== 'sns' || arn.account === null || arn.region === null) return null;
  const { account, region } = arn;
  return { account, region, listed: monitoring.includes(account) || health.includes(account) };
};

/**
 * Holds what SNS delivers to the topics that a hub listens to, whatever is in it: the function's policy names them, and this holds where that is
 * looser.
 * @throws {MalformedEventError} if it is the topic of an account that is neither the hub's own, nor listed, nor a member that it listens to
 */
export const holdToTopic = (topicArn: string | null, trust: Trust): void => {
  if (trust.topics === null) return;
  const topic = topicOf(topicArn, trust);
  if (topic !== null && (topic.account === trust.home || topic.listed || trust.topics.some((one) => isSamePlace(one, topic)))) return;
  const whose = topic === null ? 'no topic of any account' : `a topic of account ${topic.account} in ${topic.region}`;
  throw new MalformedEventError('TopicArn', `came by ${whose}, which is none that this hub listens to (parameter memberTopics)`);
};

/**
 * Holds what comes by the topic of a member to what CloudWatch publishes there: alarms of that account and region. Whoever rules the member can
 * publish anything, so one that doesn't say whose it is isn't taken for the hub's own.
 */
const holdToMember = (event: Fields, signals: readonly Signal[], topic: Topic): void => {
  const by = `sent by the topic of account ${topic.account} in ${topic.region}`;
  for (const signal of signals) {
    if (!isAlarm(signal) || !('AlarmName' in event)) throw new MalformedEventError('Message', `${by}, which is for alarms alone`);
    if (signal.account !== topic.account)
      throw new MalformedEventError('account', `${by}, but about ${signal.account === null ? 'no account' : `account ${signal.account}`}`);
    if (signal.region !== topic.region)
      throw new MalformedEventError('region', `${by}, but about an alarm in ${signal.region ?? 'no region'}`);
  }
};

/**
 * Holds an event to its sender: whoever may send events for one account must not have something done in another. The sender is the account of
 * the SNS topic, else the one that the event says it is from, which EventBridge sets. What leads to nothing isn't held to anything, but for AWS Health, whose closed
 * events end what was held for an issue.
 * @throws {MalformedEventError} if the event names another account, and the policy doesn't list its sender
 */
export const holdToSender = (event: Fields, signals: readonly (Signal | MalformedEventError)[], delivery: Delivery, trust: Trust): void => {
  const read = signals.filter((signal): signal is Signal => !(signal instanceof MalformedEventError));
  const [first] = read.filter(({ quiet, kind }) => quiet === null || kind === 'aws-health');
  if (first === undefined) return;
  const topic = trust.topics === null ? null : topicOf(delivery.topicArn, trust);
  if (topic !== null && topic.account !== trust.home && !topic.listed) holdToMember(event, read, topic);
  const account = accountOf(event.account ?? event.AWSAccountId ?? event.accountId ?? event.AccountId);
  const sender = parseArn(delivery.topicArn)?.account ?? account ?? ('detail-type' in event ? trust.home : (first.account ?? trust.home));
  const listed = first.kind === 'aws-health' ? trust.health : isAlarm(first) ? trust.monitoring : [];
  if (listed.includes(sender)) return;
  const named = new Set([account, ...read.flatMap(accountsOf), ...accountsIn(event)]);
  const other = [...named].find((one) => one !== null && one !== sender);
  if (other === undefined) return;
  const list = first.kind === 'aws-health' ? 'health' : isAlarm(first) ? 'monitoring' : null;
  const way = list === null ? '' : `; a sender that may is listed under scope.${list} of the policy`;
  throw new MalformedEventError('account', `sent by account ${sender}, but about account ${other}${way}`);
};
