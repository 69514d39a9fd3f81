import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type MessageAttributeValue, PublishCommand } from '@aws-sdk/client-sns';
import { abridge } from '../incident/abridge.ts';
import type { Outcome, Status } from '../incident/outcome.ts';
import type { Reporter } from '../incident/reporter.ts';
import { subjectOf, textOf } from '../notify/message.ts';
import { metricsOf } from '../notify/metrics.ts';
import { topicOf } from '../notify/route.ts';
import type { Policy } from '../policy.ts';
import type { Clients } from './clients.ts';

/** Permissions of the reporter's calls; held against the packaged template. */
export const reporterPermissions = ['sns:Publish', 'events:PutEvents'] as const;

const detailTypes: Record<Status, string> = {
  healed: 'Incident Resolved',
  'healed-itself': 'Incident Resolved',
  escalated: 'Incident Escalated',
  held: 'Incident Held',
  failed: 'Incident Failed',
  'dry-run': 'Incident Dry Run',
};

/** SNS and EventBridge refuse messages of more than 256 KB, and one to SNS holds the story twice, its quotes escaped. */
const room = { bytes: 50_000, keep: 10 };

const attribute = (StringValue: string): MessageAttributeValue => ({ DataType: 'String', StringValue });

/** For filter policies, so that a subscriber gets what concerns him and nothing else. */
const attributesOf = ({ status, failure, severity, resource, account, region }: Outcome) => ({
  outcome: attribute(status),
  failure: attribute(failure),
  severity: attribute(severity),
  resource: attribute(resource.id),
  account: attribute(account),
  region: attribute(region),
});

const cannotAsk: Reporter['ask'] = async () => {
  throw new Error('there is no page here on which a person could decide');
};

export type ReporterOptions = {
  topicArn: string;
  busName: string;
  log: (line: string) => void;
  ask?: Reporter['ask'];
  /** Outcomes that go to a topic of their own. */
  routes?: Policy['routes'];
};

/**
 * Publishes outcomes to the given topic and bus, and writes metrics to `log` in CloudWatch's embedded metric format. The topic's
 * message is text for people; protocols that machines subscribe with get the outcome as JSON. `ask` is how people are asked, where
 * there is a page for their answers.
 */
export const createReporter = (
  { sns, eventBridge }: Pick<Clients, 'sns' | 'eventBridge'>,
  { topicArn, busName, log, ask = cannotAsk, routes = [] }: ReporterOptions,
): Reporter => ({
  announce: async (whole) => {
    const outcome = abridge(whole, room);
    await sns.send(
      new PublishCommand({
        TopicArn: topicOf(routes, outcome, topicArn),
        Subject: subjectOf(outcome),
        MessageStructure: 'json',
        // Every protocol without a text of its own gets the default.
        Message: JSON.stringify({ default: JSON.stringify(outcome), email: textOf(outcome), sms: subjectOf(outcome) }),
        MessageAttributes: attributesOf(outcome),
      }),
    );
  },
  emit: async (whole) => {
    const outcome = abridge(whole, room);
    const { FailedEntryCount, Entries } = await eventBridge.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: busName,
            Source: 'selfheal',
            DetailType: detailTypes[outcome.status],
            Time: new Date(outcome.endedAt),
            Resources: [],
            Detail: JSON.stringify({ version: '1', ...outcome }),
          },
        ],
      }),
    );
    // An entry that was refused comes back in an answer that says 200.
    if (FailedEntryCount) throw new Error(`EventBridge refused the outcome: ${Entries?.[0]?.ErrorCode}: ${Entries?.[0]?.ErrorMessage}`);
  },
  ask,
  measure: async (outcome) => log(JSON.stringify(metricsOf(outcome))),
});
