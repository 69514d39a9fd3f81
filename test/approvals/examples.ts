import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { createLocalAws } from '#local-aws';
import { localClients, worldOptions } from '../../packages/local-aws/test/harness.ts';
import { approvalOf } from '../../shared/approvals/approval.ts';
import { createApprovalStore } from '../../shared/approvals/store.ts';
import type { Approval } from '../../shared/model/approval.ts';
import type { ApprovalRequest } from '../../shared/ports/reporter.ts';
import { incident, instanceId, noon } from '../remediation/examples.ts';

export const domain = 'abc123.lambda-url.us-east-1.on.aws';
export const page = `https://${domain}/`;
export const keys = { current: 'c'.repeat(64), previous: null };

export const request = (change: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  incident: incident(),
  action: 'reboot-instance',
  target: { type: 'instance', id: instanceId },
  what: `reboot instance ${instanceId}`,
  why: 'the policy requires the approval of a person',
  callbackId: 'Y2FsbGJhY2s+/w==',
  expiresAt: noon + 4 * 3_600_000,
  timeline: [{ at: '2026-11-20T12:00:00.000Z', phase: 'look', text: 'the instance is running, its instance check fails' }],
  foreseen: {
    downtime: { seconds: 180, source: 'assumed' },
    address: 'kept',
    undo: 'it passes by itself',
    tried: [{ at: '2026-11-20T11:58:00.000Z', action: 'reboot-instance', attempt: 1, result: 'throttled: RequestLimitExceeded' }],
  },
  ...change,
});

export const approval = (change: Partial<Approval> = {}): Approval => ({ ...approvalOf(request(), page), ...change });

/** A store on DynamoDB's own protocol, in this process. */
export const localStore = async () => {
  const aws = createLocalAws(worldOptions);
  const { dynamoDb } = localClients(aws.handle);
  await dynamoDb.send(
    new CreateTableCommand({
      TableName: 'ledger',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  return { store: createApprovalStore(dynamoDb, 'ledger'), dynamoDb, close: () => aws.close() };
};
