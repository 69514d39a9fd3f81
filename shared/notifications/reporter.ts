import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type MessageAttributeValue, PublishCommand } from '@aws-sdk/client-sns';
import type { Clients } from '../aws/clients.ts';
import { abridge } from '../model/abridge.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';
import { runbookOf } from '../model/runbook.ts';
import { withoutInvisible } from '../model/text.ts';
import type { Reporter } from '../ports/reporter.ts';
import { chatOf } from './chat.ts';
import { interimChat, interimSms, interimSubject, interimText, publishedInterim } from './interim.ts';
import { type Home, linksOf } from './links.ts';
import { smsOf, subjectOf, textOf } from './message.ts';
import { defaultNamespace, metricsOf, untoldOf } from './metrics.ts';
import { detailTypes, interimDetailType, openedDetailType, published, source } from './published.ts';
import { topicOf } from './route.ts';
import { printable } from './text.ts';

/** Permissions of the reporter's calls; held against the packaged template. */
export const reporterPermissions = ['sns:Publish', 'events:PutEvents'] as const;

/** SNS and EventBridge refuse messages of more than 256 KB, and one to SNS holds the story twice, its quotes escaped. */
const room = { bytes: 50_000, keep: 10 };

/** SNS refuses an attribute that is empty, and characters that XML has not. */
const attribute = (text: string): MessageAttributeValue => ({ DataType: 'String', StringValue: printable(text).slice(0, 256) || '?' });

/** For filter policies, so that a subscriber gets what concerns him and nothing else. */
const attributesOf = (outcome: Outcome) => ({ kind: attribute('outcome'), outcome: attribute(outcome.status), ...placeOf(outcome) });

const placeOf = ({
  failure,
  severity,
  resource,
  account,
  region,
}: Pick<Outcome, 'failure' | 'severity' | 'resource' | 'account' | 'region'>) => ({
  failure: attribute(failure),
  severity: attribute(severity),
  resource: attribute(resource.id),
  account: attribute(account),
  region: attribute(region),
});

const cannotAsk: Reporter['ask'] = async () => {
  throw new Error('there is no page here on which a person could decide');
};

type ReporterOptions = {
  topicArn: string;
  busName: string;
  log: (line: string) => void;
  /** The namespace of the metrics in CloudWatch. */
  namespace?: string;
  ask?: Reporter['ask'];
  decided?: NonNullable<Reporter['decided']>;
  /** Where a chat listens: a topic of its own, since a chat reads only messages of its own form. Without one, none is told. */
  chatTopicArn?: string;
  /** Outcomes that go to a topic of their own. */
  routes?: Policy['routes'];
  /** Where people read what to do. */
  runbooks?: Policy['runbooks'];
  /** Where selfheal itself runs; without it, no message links there. */
  home?: Home | null;
};

/**
 * Publishes outcomes to the given topic and bus, and writes metrics to `log` in CloudWatch's embedded metric format. The topic's
 * message is text for people; protocols that machines subscribe with get the outcome as JSON. `ask` is how people are asked, where
 * there is a page for their answers.
 */
export const createReporter = (
  { sns, eventBridge }: Pick<Clients, 'sns' | 'eventBridge'>,
  {
    topicArn,
    busName,
    log,
    namespace = defaultNamespace,
    chatTopicArn,
    ask = cannotAsk,
    decided,
    routes = [],
    runbooks,
    home = null,
  }: ReporterOptions,
): Reporter => {
  const put = async (DetailType: string, Time: Date, detail: object): Promise<void> => {
    const { FailedEntryCount, Entries } = await eventBridge.send(
      new PutEventsCommand({
        Entries: [{ EventBusName: busName, Source: source, DetailType, Time, Resources: [], Detail: JSON.stringify(detail) }],
      }),
    );
    // An entry that was refused comes back in an answer that says 200.
    if (FailedEntryCount) throw new Error(`EventBridge refused the outcome: ${Entries?.[0]?.ErrorCode}: ${Entries?.[0]?.ErrorMessage}`);
  };
  /** Links are made when they are told: what is recorded doesn't depend on what the console's pages are called. */
  const linked = (outcome: Outcome): Outcome => ({
    ...outcome,
    links: linksOf(outcome, { home, runbook: runbooks ? runbookOf(outcome, runbooks) : null }),
  });
  return {
    announce: async (whole, repeat = false) => {
      const outcome = linked(abridge(whole, room));
      await sns.send(
        new PublishCommand({
          TopicArn: topicOf(routes, outcome, topicArn),
          Subject: subjectOf(outcome, repeat),
          MessageStructure: 'json',
          // Every protocol without a text of its own gets the default.
          Message: JSON.stringify({
            default: JSON.stringify(published(outcome, repeat)),
            email: textOf(outcome, repeat),
            sms: smsOf(outcome, repeat),
          }),
          MessageAttributes: attributesOf(outcome),
        }),
      );
    },
    ...(chatTopicArn
      ? {
          chat: async (outcome: Outcome, repeat = false) => {
            const Message = JSON.stringify(chatOf(linked(outcome), repeat));
            await sns.send(new PublishCommand({ TopicArn: chatTopicArn, Message, MessageAttributes: attributesOf(outcome) }));
          },
        }
      : {}),
    emit: async (whole, repeat = false) => {
      const outcome = linked(abridge(whole, room));
      await put(detailTypes[outcome.status], new Date(outcome.endedAt), published(outcome, repeat));
    },
    interim: async (interim, again = false) => {
      const MessageAttributes = { kind: attribute(interim.kind === 'opened' ? 'incident.opened' : 'interim'), ...placeOf(interim) };
      const people = sns.send(
        new PublishCommand({
          // Where the end of it would be told that needs a person.
          TopicArn: topicOf(routes, { status: 'escalated', severity: interim.severity }, topicArn),
          Subject: interimSubject(interim),
          MessageStructure: 'json',
          Message: JSON.stringify({
            default: JSON.stringify(publishedInterim(interim)),
            email: interimText(interim),
            sms: interimSms(interim),
          }),
          MessageAttributes,
        }),
      );
      const Message = JSON.stringify(interimChat(interim));
      const chat = chatTopicArn && !again ? sns.send(new PublishCommand({ TopicArn: chatTopicArn, Message, MessageAttributes })) : null;
      const event = again
        ? null
        : put(interim.kind === 'opened' ? openedDetailType : interimDetailType, new Date(interim.at), publishedInterim(interim));
      // Whichever can't be told, the others are; and that people have been is not to be repeated for the sake of a program.
      const [told] = await Promise.allSettled([people, chat, event]);
      if (told.status === 'rejected') throw told.reason;
    },
    ask,
    ...(decided ? { decided } : {}),
    measure: async (outcome) => {
      for (const line of metricsOf(outcome, namespace)) log(JSON.stringify(line, withoutInvisible));
    },
    untold: async (channel, incident, at) => log(JSON.stringify(untoldOf(channel, incident, at, namespace), withoutInvisible)),
  };
};
