import type { EventBridge, Routed, Undelivered } from '../services/eventbridge/index.ts';
import type { Neighbours } from '../services/eventbridge/model/neighbours.ts';
import type { Identity } from '../services/iam/model/identity.ts';
import type { Lambda } from '../services/lambda/index.ts';
import { agentAsker } from '../services/messaging/model/topic-access.ts';
import { AwsError } from '../wire/protocol/errors.ts';
import type { HttpRequest } from '../wire/protocol/http.ts';
import type { Backends } from './backends.ts';
import type { Faults } from './faults.ts';
import type { Agent, Delivery, World } from './world.ts';

type Parts = {
  world: World;
  identity: Identity;
  backends: Backends;
  lambda: Lambda;
  faults: Faults;
  eventBridge: Pick<EventBridge, 'routed' | 'forward'>;
  /** Other accounts and regions; none where it is left out, and all ARNs are then taken for this account's. */
  neighbours?: Neighbours | undefined;
};

/** How far deliveries may follow from one another at one moment. */
const rounds = 16;

/** Who has delivered what the world's host has put there. */
const nobody: Agent = { service: 'nobody', sourceArn: '' };

type OfBus = Extract<Delivery, { to: 'eventbridge' }>;

const missing = (what: string, kind: string): Undelivered => ({ code: 'NO_RESOURCE', message: `${what} was dropped: no such ${kind}` });

const refused = (what: string, why: string): Undelivered => ({ code: 'NO_PERMISSIONS', message: `${what} was dropped: ${why}` });

/** What a service of AWS signs with when it calls another one; only the region in its scope matters here. */
const signature = (region: string, service: string) => `AWS4-HMAC-SHA256 Credential=service/20000101/${region}/${service}/aws4_request`;

/**
 * Brings what the world delivers to where it is meant to go: topics, queues and functions. As in AWS, what can't be delivered is
 * dropped; the world notes it. Returns how many deliveries were taken.
 */
export const createDispatcher = ({ world, identity, backends, lambda, faults, eventBridge, neighbours }: Parts) => {
  const drop = (text: string) => world.emit({ type: 'note', at: world.clock.now(), text });

  const publish = async (topicArn: string, message: string, by: Agent, subject?: string): Promise<Undelivered | undefined> => {
    const form = new URLSearchParams({ Action: 'Publish', Version: '2010-03-31', TopicArn: topicArn, Message: message });
    if (subject !== undefined) form.set('Subject', subject);
    const request: HttpRequest = {
      method: 'POST',
      path: '/',
      query: '',
      headers: { authorization: signature(world.region, 'sns'), 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    };
    try {
      const { status } = await backends.serveTopic(request, agentAsker(world, identity, by));
      return status >= 400 ? missing(`a message for ${topicArn}`, 'topic') : undefined;
    } catch (error) {
      if (error instanceof AwsError) return refused(`a message for ${topicArn}`, error.message);
      throw error;
    }
  };

  const send = async (queueArn: string, body: string, attributes: Record<string, string> = {}): Promise<Undelivered | undefined> => {
    const [, , , , account, name] = queueArn.split(':');
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([key, StringValue]) => [key, { DataType: 'String', StringValue }]),
    );
    const input = {
      QueueUrl: `http://sqs.${world.region}.localhost/${account}/${name}`,
      MessageBody: body,
      ...(Object.keys(attributes).length > 0 && { MessageAttributes }),
    };
    const request: HttpRequest = {
      method: 'POST',
      path: '/',
      query: '',
      headers: {
        authorization: signature(world.region, 'sqs'),
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.SendMessage',
      },
      body: JSON.stringify(input),
    };
    const { status } = await backends.sqs.forward(request);
    return status >= 400 ? missing(`a message for ${queueArn}`, 'queue') : undefined;
  };

  /** A function of another account or region. Its own policy must let the service in, while here nobody asks for one. */
  const neighbourOf = (arn: string) => {
    const [, , , region = '', account = ''] = arn.split(':');
    return neighbours && account !== '' && (account !== world.account || region !== world.region)
      ? { there: neighbours(account, region) }
      : undefined;
  };

  const invoke = async (functionArn: string, payload: unknown, by: Agent): Promise<Undelivered | undefined> => {
    const neighbour = neighbourOf(functionArn);
    if (neighbour?.there?.takesInvocation(functionArn, by) === false)
      return refused(`an invocation of ${functionArn}`, `its policy does not let ${by.service} invoke it for ${by.sourceArn}`);
    if (neighbour?.there) neighbour.there.deliver({ to: 'lambda', functionArn, payload });
    const taken = neighbour ? neighbour.there !== undefined : await lambda.deliver(functionArn, payload);
    return taken ? undefined : missing(`an invocation of ${functionArn}`, 'function');
  };

  const deliverTo = (routed: Routed, delivery: OfBus): Promise<Undelivered | undefined> | Undelivered | undefined => {
    const { Arn: arn } = routed.target;
    const service = arn.split(':')[2];
    const event = JSON.stringify(delivery.event);
    const by = { service: 'events.amazonaws.com', sourceArn: routed.rule.arn };
    if (service === 'sns') return publish(arn, event, by);
    if (service === 'sqs') return send(arn, event);
    if (service === 'lambda') return invoke(arn, delivery.event, by);
    if (service === 'events') return eventBridge.forward(routed, delivery);
    return { code: 'NO_RESOURCE', message: `an event for ${arn} was dropped: targets of ${service} are not served` };
  };

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
  const bury = (
    { rule, target }: Routed,
    event: unknown,
    { code, message }: Undelivered,
  ): Promise<Undelivered | undefined> | Undelivered => {
    const letters = target.DeadLetterConfig?.Arn;
    if (letters === undefined) return { code, message };
    return send(letters, JSON.stringify(event), { RULE_ARN: rule.arn, TARGET_ARN: target.Arn, ERROR_CODE: code, ERROR_MESSAGE: message });
  };

  const deliver = async (delivery: Delivery): Promise<void> => {
    const note = (undelivered: Undelivered | undefined) => {
      if (undelivered) drop(undelivered.message);
    };
    const { by = nobody } = delivery.to === 'eventbridge' ? {} : delivery;
    if (delivery.to === 'sns') return note(await publish(delivery.topicArn, delivery.message, by, delivery.subject));
    if (delivery.to === 'lambda') return note(await invoke(delivery.functionArn, delivery.payload, by));
    for (const routed of eventBridge.routed(delivery.event, delivery.bus)) {
      const undelivered = await deliverTo(routed, delivery);
      if (undelivered) note(await bury(routed, delivery.event, undelivered));
    }
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
