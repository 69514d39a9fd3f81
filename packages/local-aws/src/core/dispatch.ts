import type { Lambda } from '../services/lambda/index.ts';
import type { HttpRequest } from '../wire/protocol/http.ts';
import type { Backends } from './backends.ts';
import type { Faults } from './faults.ts';
import type { Delivery, EventBridgeEvent, World } from './world.ts';

type Parts = {
  world: World;
  backends: Backends;
  lambda: Lambda;
  faults: Faults;
  eventBridge: { route(event: EventBridgeEvent): string[] };
};

/** How far deliveries may follow from one another at one moment. */
const rounds = 16;

/** What a service of AWS signs with when it calls another one; only the region in its scope matters here. */
const signature = (region: string, service: string) => `AWS4-HMAC-SHA256 Credential=service/20000101/${region}/${service}/aws4_request`;

/**
 * Brings what the world delivers to where it is meant to go: topics, queues and functions. As in AWS, what can't be delivered is
 * dropped; the world notes it. Returns how many deliveries were taken.
 */
export const createDispatcher = ({ world, backends, lambda, faults, eventBridge }: Parts) => {
  const drop = (text: string) => world.emit({ type: 'note', at: world.clock.now(), text });

  const publish = async (topicArn: string, message: string, subject?: string): Promise<void> => {
    const form = new URLSearchParams({ Action: 'Publish', Version: '2010-03-31', TopicArn: topicArn, Message: message });
    if (subject !== undefined) form.set('Subject', subject);
    const request: HttpRequest = {
      method: 'POST',
      path: '/',
      query: '',
      headers: { authorization: signature(world.region, 'sns'), 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    };
    const { status } = await backends.sns.forward(request);
    if (status >= 400) drop(`a message for ${topicArn} was dropped: no such topic`);
  };

  const send = async (queueArn: string, body: string): Promise<void> => {
    const [, , , , account, name] = queueArn.split(':');
    const request: HttpRequest = {
      method: 'POST',
      path: '/',
      query: '',
      headers: {
        authorization: signature(world.region, 'sqs'),
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.SendMessage',
      },
      body: JSON.stringify({ QueueUrl: `http://sqs.${world.region}.localhost/${account}/${name}`, MessageBody: body }),
    };
    const { status } = await backends.sqs.forward(request);
    if (status >= 400) drop(`a message for ${queueArn} was dropped: no such queue`);
  };

  const invoke = async (functionArn: string, payload: unknown): Promise<void> => {
    if (!(await lambda.deliver(functionArn, payload))) drop(`an invocation of ${functionArn} was dropped: no such function`);
  };

  const deliverTo = (arn: string, event: EventBridgeEvent): Promise<void> | void => {
    const service = arn.split(':')[2];
    if (service === 'sns') return publish(arn, JSON.stringify(event));
    if (service === 'sqs') return send(arn, JSON.stringify(event));
    if (service === 'lambda') return invoke(arn, event);
    drop(`an event for ${arn} was dropped: targets of ${service} are not served`);
  };

  const deliver = async (delivery: Delivery): Promise<void> => {
    if (delivery.to === 'sns') return publish(delivery.topicArn, delivery.message, delivery.subject);
    if (delivery.to === 'lambda') return invoke(delivery.functionArn, delivery.payload);
    for (const arn of eventBridge.route(delivery.event)) await deliverTo(arn, delivery.event);
  };

  return async (): Promise<number> => {
    let taken = 0;
    // A delivery may bring about others, as a topic does that a function subscribes to; the bound is for those that never end.
    for (let round = 0; round < rounds && faults.anyDeliveries(); round++) {
      for (const delivery of faults.deliveries()) {
        taken++;
        await deliver(delivery).catch((error: Error) => drop(`a delivery failed: ${error.message}`));
      }
    }
    return taken;
  };
};
