import { accountOf, regionOf } from '../model/arn.ts';
import { defineSignal, isFields, messageSignal } from './module.ts';

/** Well-known messages that don't concern selfheal: the fields that identify them, and why they are ignored. */
const known: ReadonlyArray<readonly [fields: readonly string[], why: string]> = [
  [['eventVersion', 'eventSource', 'eventName', 'userIdentity'], 'an API call that CloudTrail recorded'],
  [['configRuleName', 'invokingEvent'], 'an evaluation of AWS Config'],
  [['deploymentId', 'applicationName'], 'a deployment of CodeDeploy'],
  [['Event Source', 'Event Message'], "an event of a service that selfheal doesn't serve"],
  [['Service', 'Event', 'Bucket'], 'a test of the notifications of a bucket'],
];

const whyOf = (body: Record<string, unknown>): string | undefined => {
  const found = known.find(([fields]) => fields.every((field) => field in body))?.[1];
  return found ?? (Object.keys(body).some((key) => key.startsWith('ElastiCache:')) ? 'an event of ElastiCache' : undefined);
};

/** The account and region of a bare record; most have none. */
const placeOf = (body: Record<string, unknown>) => {
  const account = accountOf(body.recipientAccountId);
  const region = regionOf(body.awsRegion);
  return { ...(account === null ? {} : { account }), ...(region === null ? {} : { region }) };
};

/** Everything that no other module claims. */
export const other = defineSignal({
  kind: 'other',
  facts: ['noise'],
  message: {
    recognises: (body) => isFields(body) && whyOf(body) !== undefined,
    decode: (body, delivery) => [
      messageSignal(delivery, { kind: 'other', fact: 'noise', quiet: whyOf(body) ?? 'noise', ...placeOf(body) }),
    ],
  },
});
