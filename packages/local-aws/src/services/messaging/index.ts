import type { Queues } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import { textOf } from '../../wire/body.ts';
import type { Backend } from '../../wire/gateway.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import type { HttpRequest, HttpResponse } from '../../wire/protocol/http.ts';
import { readJson, writeJson } from '../../wire/protocol/json.ts';
import { missingMember } from '../../wire/protocol/required.ts';
import type { Operation } from '../../wire/protocol/service.ts';
import type { Neighbour, Neighbours } from '../eventbridge/model/neighbours.ts';
import type { Identity } from '../iam/model/identity.ts';
import { accountTranslation, storeArn } from './model/account.ts';
import { hideAstral, showAstral } from './model/astral.ts';
import { createFauxqs, type Fauxqs } from './model/fauxqs.ts';
import { lambdaSubscriptions, snsEvent } from './model/lambda-subscriptions.ts';
import { plainPublish } from './model/message-structure.ts';
import { createMoveTasks } from './model/move-tasks.ts';
import { createQueueMetrics, viewOf } from './model/queue-metrics.ts';
import { redrivePolicyOf } from './model/redrive-policy.ts';
import { type Asker, askerOf, checkAccess } from './model/topic-access.ts';
import { createTraffic } from './model/traffic.ts';
import { snsOperations, sqsOperations } from './operations/names.ts';
import { checkRedrive, redriveOperations } from './operations/redrive.ts';

export type Messaging = { sns: Backend; sqs: Backend; serveTopic: Neighbour['serveTopic']; queues: Queues; close(): Promise<void> };

type Options = {
  identity: Identity;
  /** Other accounts; none where it is left out, and all ARNs of endpoints are then taken for this account's. */
  neighbours: Neighbours | undefined;
};

/** What fauxqs reads of a request; the connection between the caller and us is none of its business. */
const relevant = ['host', 'authorization', 'content-type', 'x-amz-target', 'user-agent'] as const;

const isObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/**
 * SNS and SQS by fauxqs, in memory and without a socket, sharing one store so that topics fan out to queues. Loaded at the first
 * request. What a topic's Lambda subscriptions are due goes through the world's outbox; their filter policies are not looked at.
 */
export const createMessaging = (world: World, { identity, neighbours }: Options): Messaging => {
  const messageIds = world.random.fork('sns-message-ids');
  const translation = accountTranslation(world);
  const metrics = createQueueMetrics(world);
  let fauxqs: Promise<Fauxqs> | undefined;
  /** Once it is loaded; before, there are no queues. */
  let loaded: Fauxqs | undefined;
  const load = (): Promise<Fauxqs> => {
    // What is of this account fauxqs knows by another number.
    const foreign = (endpoint: string) => {
      const account = endpoint.split(':')[4] ?? '';
      return neighbours && ![world.account, '', storeArn('', '').split(':')[4]].includes(account) ? account : undefined;
    };
    fauxqs ??= createFauxqs(world, metrics.changed, foreign).then((made) => {
      loaded = made;
      return made;
    });
    return fauxqs;
  };
  const traffic = createTraffic(world, () => loaded, metrics.changed);
  /** An SQS operation of our own. */
  const ask = async (operation: string, input: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
    const answer = await (await fauxqs)?.app.inject({ method: 'POST', url: '/', headers, payload: JSON.stringify(input) });
    return JSON.parse(answer?.body || '{}');
  };
  let closed = false;
  const forward = async (request: HttpRequest): Promise<HttpResponse> => {
    if (closed) throw new AwsError('ServiceUnavailable', 'The local AWS is shutting down.', 503);
    const body = textOf(request);
    const json = request.headers['x-amz-target'] !== undefined;
    if (json && !isObject(body)) throw new AwsError('SerializationException', 'The request body is not a JSON object');
    const headers = Object.fromEntries(relevant.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : [])));
    const payload = json ? translation.requestJson(hideAstral(body)) : translation.requestForm(body);
    const { app, answered } = await load();
    const answer = await app.inject({ method: 'POST', url: '/', headers, payload });
    const kept = ['content-type', 'x-amzn-query-error'].flatMap((name) => {
      const value = answer.headers[name];
      return value === undefined ? [] : [[name, String(value)]];
    });
    const translated =
      json && isObject(answer.body)
        ? showAstral(translation.answerJson(answer.body, request.headers.host ?? ''), body)
        : translation.answerXml(answered(answer.body));
    return { status: answer.statusCode, headers: Object.fromEntries(kept), body: translated };
  };
  /** The Lambda subscriptions of a topic, until something is asked of SNS that may change them. */
  const functionsOf = new Map<string, ReturnType<typeof lambdaSubscriptions>>();
  const notifyFunctions = async (request: HttpRequest, published: URLSearchParams): Promise<void> => {
    const topic = published.get('TopicArn') ?? '';
    let subscriptions = functionsOf.get(topic);
    if (!subscriptions) {
      const list = new URLSearchParams({ Action: 'ListSubscriptionsByTopic', TopicArn: topic });
      const { body } = await forward({ ...request, body: list.toString() });
      subscriptions = lambdaSubscriptions(textOf({ body }));
      functionsOf.set(topic, subscriptions);
    }
    for (const subscription of subscriptions) {
      const payload = snsEvent(world, messageIds.uuid(), subscription, published);
      world.deliver({ to: 'lambda', functionArn: subscription.endpoint, payload, by: { service: 'sns.amazonaws.com', sourceArn: topic } });
    }
  };
  /** Subscribes something of another account, whose owner has asked for it. */
  const subscribeFor = async (account: string, form: URLSearchParams): Promise<HttpResponse> => {
    const inside = new URLSearchParams(translation.requestForm(form.toString()));
    const attributes = [...inside].flatMap(([name, value]): [string, string][] => {
      const [, entry] = /^Attributes\.entry\.(\d+)\.key$/.exec(name) ?? [];
      return entry === undefined ? [] : [[value, inside.get(`Attributes.entry.${entry}.value`) ?? '']];
    });
    const asked = ['TopicArn', 'Protocol', 'Endpoint'].map((name) => inside.get(name) ?? '') as [string, string, string];
    const arn = (await load()).subscribe(account, ...asked, ...(attributes.length > 0 ? [Object.fromEntries(attributes)] : []));
    if (arn === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
    const answer = `<SubscribeResponse><SubscribeResult><SubscriptionArn>${arn}</SubscriptionArn></SubscribeResult></SubscribeResponse>`;
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: translation.answerXml(answer) };
  };
  const serveTopic = async (request: HttpRequest, asker: Asker): Promise<HttpResponse> => {
    const form = new URLSearchParams(textOf(request));
    const arn = ['TopicArn', 'TargetArn', 'ResourceArn', 'SubscriptionArn'].map((name) => form.get(name)).find(Boolean) ?? '';
    const [, , , region = world.region, account = world.account, name = '', subscription] = arn.split(':');
    if (neighbours && account !== world.account && region === world.region) {
      const there = neighbours(account, region);
      if (!there) throw new AwsError('AuthorizationError', `Nobody can be asked for ${arn.slice(0, 300)}`, 403);
      return there.serveTopic(request, asker);
    }
    const inside = arn.replace(`:${account}:`, `:${storeArn('', '').split(':')[4]}:`).replace(/^arn:[a-z-]+:/, 'arn:aws:');
    const isForeign = asker.caller.account !== world.account;
    // A subscription is also its own account's.
    const own = subscription !== undefined && (await load()).subscriberOf(inside) === asker.caller.account;
    if (arn !== '' && !own) {
      const written = (await load()).policyOf(inside.split(':').slice(0, 6).join(':'));
      const policy = written === undefined ? undefined : translation.answerXml(written);
      checkAccess(asker, { arn: world.arn('sns', name), account: world.account, policy }, form);
    }
    if (isForeign && form.get('Action') === 'Subscribe') {
      functionsOf.clear();
      return subscribeFor(asker.caller.account, form);
    }
    if (form.get('Action') !== 'Publish') {
      const answer = await forward(request);
      functionsOf.clear();
      return answer;
    }
    const answer = await forward({ ...request, body: plainPublish(form).toString() });
    if (answer.status === 200) await notifyFunctions(request, form);
    return answer;
  };
  const own = redriveOperations(world, createMoveTasks(world, metrics.changed), { fauxqs: () => loaded as Fauxqs, queues: metrics.queues });
  const answerOwn = async ({ schema, run }: Operation, request: HttpRequest): Promise<HttpResponse> => {
    await load();
    const input = readJson(schema[4], textOf(request));
    const missing = missingMember(schema[4], input);
    if (missing) throw new AwsError('MissingParameter', `The request must contain the parameter ${missing}.`);
    const { account, region } = world;
    const output = run(input, { now: world.clock.now(), requestId: '', account, region, accessKey: '', userAgent: '' });
    const body = translation.answerJson(writeJson(schema[5], output), request.headers.host ?? '');
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
  };
  /** The name of the queue that a request is about. */
  const queueName = ({ QueueUrl, QueueName }: { QueueUrl?: unknown; QueueName?: unknown }): string =>
    typeof QueueName === 'string' ? QueueName : String(QueueUrl).slice(String(QueueUrl).lastIndexOf('/') + 1);
  const forwardSqs = async (request: HttpRequest): Promise<HttpResponse> => {
    const target = request.headers['x-amz-target'];
    // fauxqs would take it for a call of SNS.
    if (target === undefined)
      throw new AwsError(
        'AWS.SimpleQueueService.UnsupportedOperation',
        'The local AWS serves SQS by the AWS JSON protocol alone, which SDKs have spoken since November 2023.',
      );
    const name = target.slice(target.lastIndexOf('.') + 1);
    if (own[name]) return answerOwn(own[name], request);
    const body = textOf(request);
    if (!isObject(body)) return forward(request);
    const input = JSON.parse(translation.requestJson(body)) as { Attributes?: Record<string, unknown>; QueueName?: unknown };
    const { queue: find } = await load();
    const about = queueName(input);
    const before = find(about);
    if (name === 'CreateQueue' || name === 'SetQueueAttributes')
      checkRedrive(
        input.Attributes ?? {},
        { arn: before?.arn ?? storeArn(world.region, about), fifo: about.endsWith('.fifo') },
        loaded as Fauxqs,
      );
    const answer = await forward(request);
    const after = find(about);
    if (before && before !== after) metrics.removed(before);
    if (!after) return answer;
    if (name === 'ReceiveMessage' && answer.status === 200 && textOf(answer) === '{}') metrics.emptyReceive(after);
    else metrics.changed(after);
    return answer;
  };
  return {
    sns: {
      signingName: 'sns',
      protocols: ['query'],
      xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
      operations: snsOperations,
      forward: (request) => serveTopic(request, askerOf(world, identity, request)),
    },
    sqs: {
      signingName: 'sqs',
      protocols: ['json', 'query'],
      targetPrefix: 'AmazonSQS',
      xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
      operations: sqsOperations,
      forward: forwardSqs,
    },
    serveTopic,
    queues: {
      ...traffic,
      metrics: metrics.source,
      listMetrics: metrics.list,
      list: () => metrics.queues().map(viewOf),
      work: (name) => {
        const queue = loaded?.queue(name);
        const deadLetters = redrivePolicyOf(queue?.attributes.RedrivePolicy)?.deadLetterTargetArn.split(':').at(-1);
        return queue && { tags: queue.tags, deadLetters, ...traffic.workOn(name) };
      },
    },
    close: async () => {
      if (!fauxqs) return;
      // Only a queue that goes lets go of those who wait for its messages.
      const { QueueUrls = [] } = (await ask('ListQueues', {})) as { QueueUrls?: string[] };
      closed = true;
      for (const QueueUrl of QueueUrls) await ask('DeleteQueue', { QueueUrl });
      await (await fauxqs).app.close();
    },
  };
};
