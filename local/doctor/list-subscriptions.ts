import { ListSubscriptionsByTopicCommand, type SNSClient, type Subscription } from '@aws-sdk/client-sns';
import { errorName } from '../../shared/model/errors.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html: one that nobody has confirmed has no ARN yet. */
export const isPending = ({ SubscriptionArn }: Subscription): boolean => SubscriptionArn === 'PendingConfirmation';

/** All subscriptions of a topic; null for one that isn't there. */
export const listSubscriptions = async ({ sns }: { sns: SNSClient }, TopicArn: string): Promise<Subscription[] | null> => {
  const found: Subscription[] = [];
  let NextToken: string | undefined;
  do {
    const page = await sns
      .send(new ListSubscriptionsByTopicCommand({ TopicArn, ...(NextToken ? { NextToken } : {}) }))
      .catch((error: unknown) => {
        if (/^NotFound/.test(errorName(error))) return null;
        throw error;
      });
    if (page === null) return null;
    found.push(...(page.Subscriptions ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};
