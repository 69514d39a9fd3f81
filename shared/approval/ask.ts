import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Reporter } from '../incident/reporter.ts';
import { approvalOf } from './approval.ts';
import type { SigningKeys } from './keys.ts';
import { linkTo } from './link.ts';
import { jsonOf, mailOf, subjectOf, textMessageOf } from './request.ts';
import type { ApprovalStore } from './store.ts';

export type AskDeps = {
  sns: Pick<SNSClient, 'send'>;
  /** Whoever subscribes to this topic can decide. */
  topicArn: string;
  /** The address of the page that decides, with a slash at its end. */
  page: string;
  keys: () => Promise<SigningKeys>;
  store: ApprovalStore;
};

/** Permissions of asking besides the store's and the keys'; held against the packaged template. */
export const askPermissions = ['sns:Publish'] as const;

const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });

/**
 * Asks a person by a signed link: keeps the question, then publishes where it is decided. May run again after a crash: the question
 * and its link stay the same. Throws what the SDK throws.
 */
export const createAsk =
  ({ sns, topicArn, page, keys, store }: AskDeps): Reporter['ask'] =>
  async (request) => {
    const approval = approvalOf(request, page);
    await store.add(approval);
    const link = linkTo(approval, (await keys()).current);
    const { incident, failure, severity, resource, account, region } = approval;
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subjectOf(approval),
        MessageStructure: 'json',
        Message: JSON.stringify({
          default: JSON.stringify(jsonOf(approval, link)),
          email: mailOf(approval, link),
          sms: textMessageOf(approval, link),
        }),
        MessageAttributes: {
          kind: attribute('approval'),
          incident: attribute(incident),
          failure: attribute(failure),
          severity: attribute(severity),
          resource: attribute(resource.id),
          account: attribute(account),
          region: attribute(region),
        },
      }),
    );
  };
