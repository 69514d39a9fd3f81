import * as z from 'zod';
import { parseArn } from '../model/arn.ts';
import { once } from '../model/once.ts';
import { resourceOf } from '../model/resource-id.ts';
import { parseTime } from '../model/time.ts';
import { anything, type Delivery, defineSignal, type Envelope, eventSignal, isFields, messageSignal, read } from './module.ts';

const schema = once(() =>
  z.object({
    timestamp: anything,
    requestContext: z.object({ functionArn: z.string(), condition: z.string(), requestId: anything, approximateInvokeCount: anything }),
  }),
);

/** The name in `function:NAME` or `function:NAME:QUALIFIER`; `$LATEST` is the default qualifier. */
const functionIn = (resource: string | undefined): string | undefined => {
  const [, name, qualifier] = resource?.split(':') ?? [];
  return name === undefined || qualifier === undefined || qualifier === '$LATEST' ? name : `${name}:${qualifier}`;
};

const factsOf = (value: unknown, where: string) => {
  const { timestamp, requestContext } = read(schema, value, where);
  const arn = parseArn(requestContext.functionArn);
  const failed = requestContext.condition !== 'Success';
  return {
    kind: 'lambda-failure' as const,
    fact: failed ? ('failed' as const) : ('activity' as const),
    subject: resourceOf('service', functionIn(arn?.resource), 'requestContext.functionArn'),
    quiet: failed ? null : 'the invocation succeeded',
    at: parseTime(timestamp),
    account: arn?.account ?? null,
    region: arn?.region ?? null,
    evidence: {
      condition: requestContext.condition,
      requestId: requestContext.requestId,
      attempts: requestContext.approximateInvokeCount,
      what: `an invocation was abandoned: ${requestContext.condition}`,
    },
  };
};

const fromEvent = (detail: unknown, envelope: Envelope) => [eventSignal(envelope, factsOf(detail, 'detail'))];

/**
 * Records of asynchronous invocations and stream batches that Lambda gave up on.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export const lambdaFailure = defineSignal({
  kind: 'lambda-failure',
  facts: ['failed', 'activity'],
  events: {
    // Lambda's destinations use this source, without `aws.`. It never leads to an action, only to a notification.
    source: 'lambda',
    detailTypes: ['Lambda Function Invocation Result - Failure', 'Lambda Function Invocation Result - Success'],
    decode: fromEvent,
  },
  message: {
    recognises: (body) => isFields(body.requestContext) && 'functionArn' in body.requestContext && 'condition' in body.requestContext,
    decode: (body, delivery: Delivery) => [messageSignal(delivery, factsOf(body, ''))],
  },
});
