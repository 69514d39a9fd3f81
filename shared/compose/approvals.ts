import * as z from 'zod';
import { readKeys } from '../approvals/keys.ts';
import { createApprovalRequester, createDecided } from '../approvals/request.ts';
import { createApprovalStore } from '../approvals/store.ts';
import type { Clients } from '../aws/clients.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Reporter } from '../ports/reporter.ts';
import type { Environment } from './environment.ts';
import { composeExperience } from './experience.ts';
import { reporterVariables } from './reporter.ts';

/** The methods of the reporter that ask for approval. */
export type Asking = Pick<Reporter, 'requestApproval' | 'decided' | 'whyNotTwo'>;

/** Environment variables of asking for approval. */
export const approvalVariables = {
  LEDGER_TABLE: z.string().min(1),
  APPROVAL_TOPIC_ARN: z.string().startsWith('arn:'),
  /** The topic of the second of two people who both have to agree; there is none if empty. */
  SECOND_APPROVAL_TOPIC_ARN: z.string().default(''),
  CHAT_TOPIC_ARN: reporterVariables.CHAT_TOPIC_ARN,
  /** The address of the approval page, with a trailing slash. */
  APPROVAL_PAGE: z.url().endsWith('/'),
  APPROVAL_SECRET: z.string().min(1),
};

/** Why two people can't be asked apart; null if they can. */
const whyNotTwo = (first: string, second: string): string | null => {
  if (second === '') return 'there is no second approver (parameter approver2)';
  return first === second ? 'both approvers are asked by one topic' : null;
};

/** Asks people for approval. */
export const composeApprovals = (
  {
    LEDGER_TABLE,
    APPROVAL_TOPIC_ARN,
    SECOND_APPROVAL_TOPIC_ARN,
    CHAT_TOPIC_ARN,
    APPROVAL_PAGE,
    APPROVAL_SECRET,
  }: Environment<typeof approvalVariables>,
  { sns, ssm, dynamodb }: Pick<Clients, 'sns' | 'ssm' | 'dynamodb'>,
  timer?: Timer,
): Asking => {
  const keys = () => readKeys(ssm, APPROVAL_SECRET);
  const store = createApprovalStore(dynamodb, LEDGER_TABLE);
  const chat = CHAT_TOPIC_ARN ? { chatTopicArn: CHAT_TOPIC_ARN } : {};
  const desk = {
    ...{ sns, page: APPROVAL_PAGE, keys, store },
    experience: composeExperience(dynamodb, LEDGER_TABLE, timer),
  };
  const ask = createApprovalRequester({ ...desk, topicArn: APPROVAL_TOPIC_ARN, ...chat });
  // The chat has heard of the first question.
  const askSecond = createApprovalRequester({ ...desk, topicArn: SECOND_APPROVAL_TOPIC_ARN });
  return {
    requestApproval: (request, repeat) => (request.of === 'second' ? askSecond : ask)(request, repeat),
    decided: createDecided({ keys, store }),
    whyNotTwo: () => whyNotTwo(APPROVAL_TOPIC_ARN, SECOND_APPROVAL_TOPIC_ARN),
  };
};
