import { accountOf, parseArn } from '../model/arn.ts';
import { MalformedEventError } from '../model/malformed.ts';
import type { Senders } from '../model/senders.ts';
import { isAlarm, type Signal } from '../model/signal.ts';
import { type Delivery, type Fields, isFields } from './module.ts';

/** Whose accounts an event may name beside its sender's: those that the policy lists, and the one that an event without a sender is from. */
export type Trust = Senders & { home: string };

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
