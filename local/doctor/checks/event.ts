import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { readEach } from '../../../shared/failures/read.ts';
import { formatDuration } from '../../../shared/model/duration.ts';
import { errorName } from '../../../shared/model/errors.ts';
import { openIncident } from '../../../shared/model/incident.ts';
import { broken, type Check, ok } from '../check.ts';
import type { Subject } from '../subject.ts';

type Home = Pick<Subject, 'account' | 'partition' | 'region'>;

/** Lambda's destinations publish under this name, and anybody may: so the rule leads to no class that has an action. */
const source = 'lambda';
const detailType = 'Lambda Function Invocation Result - Failure';

/** That an invocation of a function succeeded; there is no function of this name. It is what a rule lets through, and intake leaves alone. */
const detailOf = (name: string, { account, partition, region }: Home, at: number) => ({
  version: '1.0',
  timestamp: new Date(at).toISOString(),
  requestContext: {
    requestId: name,
    functionArn: `arn:${partition}:lambda:${region}:${account}:function:${name}`,
    condition: 'Success',
    approximateInvokeCount: 1,
  },
});

/** The event as the bus hands it on. */
export const harmlessEvent = (name: string, home: Home, at: number) => ({
  version: '0',
  id: name,
  'detail-type': detailType,
  source,
  account: home.account,
  time: new Date(at).toISOString(),
  region: home.region,
  resources: [],
  detail: detailOf(name, home, at),
});

/** Whether the very code that intake runs makes no incident of an event. Rules of a policy are about alarms alone. */
export const isHarmless = (event: unknown, home: Pick<Home, 'account' | 'region'>): boolean => {
  const parts = [...readEach(event)];
  return parts.length > 0 && parts.every((part) => 'verdict' in part && openIncident(part.verdict, home) === null);
};

type Line = { message: string; at: number };

/** What intake has logged of a function; null if nothing. */
const lineOf = async ({ logs, nameOf }: Subject, name: string, since: number): Promise<Line | null> => {
  const found = await logs
    .send(new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${nameOf('intake')}`, filterPattern: `"${name}"`, startTime: since }))
    .catch((error: unknown) => {
      // Nothing has ever been logged.
      if (errorName(error) === 'ResourceNotFoundException') return { events: [] };
      throw error;
    });
  const [line] = found.events ?? [];
  return line ? { message: line.message ?? '', at: line.timestamp ?? 0 } : null;
};

/** In milliseconds. */
const betweenLooks = 1000;

export const event: Check = {
  id: 'event',
  reads: "the way of a harmless event over the bus, through a rule, to intake's log, where it is left alone",
  permissions: ['events:PutEvents', 'logs:FilterLogEvents'],
  look: async (subject) => {
    const { eventBridge, deployment, nameOf, redeploy, wall, patienceMs, skewMs, stage } = subject;
    const name = `doctor-${randomBytes(8).toString('hex')}`;
    // By the clock of AWS, which writes the log.
    const at = (await deployment.now()) - (stage === 'local' ? 0 : (skewMs ?? 0));
    if (!isHarmless(harmlessEvent(name, subject, at), subject)) throw new Error('the event would not be harmless, and was not sent');
    const began = wall();
    const entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(detailOf(name, subject, at)) };
    const { Entries: [taken] = [] } = await eventBridge.send(new PutEventsCommand({ Entries: [entry] }));
    if (taken?.ErrorCode !== undefined) throw new Error(`the bus does not take it: ${taken.ErrorCode}: ${taken.ErrorMessage}`);
    let line = await lineOf(subject, name, at - 600_000);
    while (!line && wall() - began < patienceMs) {
      await pause(betweenLooks);
      line = await lineOf(subject, name, at - 600_000);
    }
    if (!line) return [broken(`an event on the bus is not in intake's log after ${formatDuration(patienceMs / 1000)}`, redeploy)];
    if (!line.message.includes('signal ignored'))
      return [
        broken(
          `intake should have left the event alone, and logs ${line.message.slice(0, 200)}`,
          `aws logs tail /aws/lambda/${nameOf('intake')} --since 5m`,
        ),
      ];
    const took = Math.max(0, line.at - at);
    return [
      ok(`left alone by intake, as it should be, ${took < 1000 ? `${took} ms` : formatDuration(took / 1000)} after it was put on the bus`),
    ];
  },
};
