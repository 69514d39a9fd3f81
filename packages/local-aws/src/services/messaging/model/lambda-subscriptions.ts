import type { World } from '../../../core/world.ts';
import { messageFor } from './message-structure.ts';

/** A subscription as `ListSubscriptionsByTopic` tells of it. */
type Subscription = { arn: string; endpoint: string };

const element = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';

/** Lambda subscriptions out of the answer to `ListSubscriptionsByTopic`. */
export const lambdaSubscriptions = (xml: string): Subscription[] =>
  xml
    .split('<member>')
    .filter((member) => element(member, 'Protocol') === 'lambda' && element(member, 'SubscriptionArn') !== 'PendingConfirmation')
    .map((member) => ({ arn: element(member, 'SubscriptionArn'), endpoint: element(member, 'Endpoint') }));

/**
 * A published message as the event that SNS invokes a function with. The signature is none: nothing here has a certificate.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export const snsEvent = (
  world: Pick<World, 'clock' | 'region'>,
  messageId: string,
  subscription: Subscription,
  published: URLSearchParams,
) => ({
  Records: [
    {
      EventVersion: '1.0',
      EventSubscriptionArn: subscription.arn,
      EventSource: 'aws:sns',
      Sns: {
        SignatureVersion: '1',
        Timestamp: new Date(world.clock.now()).toISOString(),
        Signature: 'unsigned',
        SigningCertUrl: `https://sns.${world.region}.amazonaws.com/SimpleNotificationService.pem`,
        MessageId: messageId,
        Message: messageFor(published, 'lambda'),
        MessageAttributes: messageAttributes(published),
        Type: 'Notification',
        UnsubscribeUrl: `https://sns.${world.region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
        TopicArn: published.get('TopicArn') ?? '',
        Subject: published.get('Subject'),
      },
    },
  ],
});

const messageAttributes = (published: URLSearchParams): Record<string, { Type: string; Value: string }> => {
  const attributes: Record<string, { Type: string; Value: string }> = {};
  for (let i = 1; ; i++) {
    const field = (name: string) => published.get(`MessageAttributes.entry.${i}.${name}`);
    const name = field('Name');
    if (name === null) return attributes;
    attributes[name] = { Type: field('Value.DataType') ?? 'String', Value: field('Value.StringValue') ?? field('Value.BinaryValue') ?? '' };
  }
};
