import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createCallbackCompletion } from '../../shared/approvals/callback.ts';
import { type Decided, decide } from '../../shared/approvals/decide.ts';
import { readKeys } from '../../shared/approvals/keys.ts';
import { sealing } from '../../shared/approvals/seal.ts';
import { createApprovalStore } from '../../shared/approvals/store.ts';
import { createClient } from '../../shared/aws/client.ts';
import type { Decision } from '../../shared/model/approval.ts';
import type { Deployment } from './deployment.ts';

/** Answers a question as the approval page does: the first answer counts, and then the incident has it. */
export const answer = async (
  { config, ssm, names }: Deployment,
  question: string,
  decision: Decision['decision'],
  { at, by }: { at: number; by: string },
): Promise<Decided> => {
  const keys = await readKeys(ssm, names.approvalKey);
  // These clients don't retry: after a lost response, the write would look as if someone else had made it.
  const store = sealing(createApprovalStore(createClient(DynamoDBClient, config), names.ledger), async () => keys);
  const stored = await store.read(question);
  if (!stored) return { result: 'over' };
  const completeCallback = createCallbackCompletion(createClient(LambdaClient, config));
  return decide(stored, { decision, name: null, from: by, at }, { store, completeCallback });
};
