import { GetTopicAttributesCommand, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { attempt } from '../aws/call.ts';
import { printable } from '../notifications/text.ts';
import type { Reporter } from '../ports/reporter.ts';
import { approvalId, approvalOf } from './approval.ts';
import { chatOfApproval } from './chat.ts';
import { answerOf } from './decide.ts';
import type { SigningKeys } from './keys.ts';
import { linkTo } from './link.ts';
import { jsonOf, mailOf, subjectOf, textMessageOf } from './request.ts';
import { sealing } from './seal.ts';
import type { ApprovalStore } from './store.ts';

type AskDeps = {
  sns: Pick<SNSClient, 'send'>;
  /** Whoever subscribes to this topic can decide. */
  topicArn: string;
  /** Where a chat listens; it is told that a question waits, and not the link. */
  chatTopicArn?: string;
  /** The address of the page that decides, with a slash at its end. */
  page: string;
  keys: () => Promise<SigningKeys>;
  store: ApprovalStore;
};

/** Permissions of asking besides the store's and the keys'; held against the packaged template. */
export const askPermissions = ['sns:GetTopicAttributes', 'sns:Publish'] as const;

/** A question that reaches nobody is not asked: whoever waited for its answer would wait in vain. */
class NobodyToAsk extends Error {
  override readonly name = 'NobodyToAsk';
  /** As of an answer that AWS would refuse again. */
  readonly $metadata = { httpStatusCode: 400 };
}

/** SNS refuses an attribute that is empty, and characters that XML has not. */
const attribute = (text: string) => ({ DataType: 'String', StringValue: printable(text).slice(0, 256) || '?' });

/**
 * Asks a person by a signed link: keeps the question, then publishes where it is decided. May run again after a crash: the question
 * and its link stay the same. Throws what the SDK throws.
 */
export const createAsk =
  ({ sns, topicArn, chatTopicArn, page, keys, store }: AskDeps): Reporter['ask'] =>
  async (request, repeat = false) => {
    const topic = await attempt(() => sns.send(new GetTopicAttributesCommand({ TopicArn: topicArn })));
    // Where that can't be told the question is asked: SNS says what becomes of it.
    if (topic.ok && topic.value.Attributes?.SubscriptionsConfirmed === '0') {
      throw new NobodyToAsk('nobody is subscribed to the approval topic');
    }
    const approval = approvalOf(request, page);
    await store.add(approval);
    const link = linkTo(approval, (await keys()).current);
    const { incident, failure, severity, resource, account, region } = approval;
    const attributes = {
      kind: attribute('approval'),
      incident: attribute(incident),
      failure: attribute(failure),
      severity: attribute(severity),
      resource: attribute(resource.id),
      account: attribute(account),
      region: attribute(region),
    };
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(approval, repeat),
        MessageStructure: 'json',
        Message: JSON.stringify({
          default: JSON.stringify(jsonOf(approval, link, repeat)),
          email: mailOf(approval, link, repeat),
          sms: textMessageOf(approval, link, repeat),
        }),
        MessageAttributes: attributes,
      }),
    );
    if (chatTopicArn === undefined) return;
    const Message = JSON.stringify(chatOfApproval(approval));
    // The question has been asked: a chat that can't be told must not have it asked again.
    await attempt(() => sns.send(new PublishCommand({ TopicArn: chatTopicArn, Message, MessageAttributes: attributes })));
  };

/** Reads what was decided of a question from where it is recorded first. Throws what the ledger throws, and where the record is no page's. */
export const createDecided =
  ({ store, keys }: Pick<AskDeps, 'store' | 'keys'>): NonNullable<Reporter['decided']> =>
  async (callbackId) => {
    const { decision = null } = (await sealing(store, keys).read(approvalId(callbackId))) ?? {};
    return decision && answerOf(decision);
  };
