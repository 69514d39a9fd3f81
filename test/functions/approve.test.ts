import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { deployedLedger } from '../../local/testbed/deployed.ts';
import { createFunctionUrl } from '../../local/testbed/function-url.ts';
import { linkTo } from '../../shared/approvals/link.ts';
import { createApprovalStore } from '../../shared/approvals/store.ts';
import { secretReference } from '../../shared/aws/secret.ts';
import { approveVariables } from '../../shared/compose/approve.ts';
import { question } from './question.ts';
import { minute, type Stage, start, testVariables, withStage } from './stage.ts';

const domain = 'people.example.com';
const key = 'k'.repeat(64);
const approval = question(`https://${domain}/`);

/** The page for a question that stands in this table and was signed with the key in this secret. */
const page = async (
  { aws, operator, load, context }: Stage,
  variables: { LEDGER_TABLE?: string; APPROVAL_SECRET?: string },
  kept: { table: string; secret: string },
) => {
  aws.ssm.putParameter(secretReference(kept.secret), JSON.stringify({ current: key }));
  await createApprovalStore(operator.dynamodb, kept.table).add(approval);
  const handler = await load('approve', variables);
  return createFunctionUrl(((event: unknown) => handler(event, context)) as never, { domain, sourceIp: '203.0.113.7' });
};
const link = linkTo(approval, key);
const yes = () => ({
  method: 'POST',
  body: new URLSearchParams({ token: new URL(link).pathname.slice(1), decision: 'approve', name: 'Ana' }),
});

describe('the function approve', () => {
  testVariables('approve', approveVariables, {
    LEDGER_TABLE: async (stage) => {
      await stage.operator.dynamodb.send(new CreateTableCommand({ ...deployedLedger().table, TableName: 'another' }));
      const fetch = await page(stage, { LEDGER_TABLE: 'another', APPROVAL_SECRET: 'key' }, { table: 'another', secret: 'key' });
      expect((await fetch(link)).status).toBe(200);
    },
    APPROVAL_SECRET: async (stage) => {
      const fetch = await page(stage, { APPROVAL_SECRET: 'another-key' }, { table: stage.table, secret: 'another-key' });
      expect((await fetch(link)).status).toBe(200);
    },
  });

  test(
    'hands a yes on to the execution that waits, and says so with the request',
    withStage(async (stage) => {
      const fetch = await page(stage, { APPROVAL_SECRET: 'key' }, { table: stage.table, secret: 'key' });
      expect((await fetch(`https://${domain}/`, yes())).status).toBe(200);
      expect(stage.answers).toMatchObject([{ id: approval.callbackId, answer: { result: expect.stringContaining('approve') } }]);
      expect(stage.logged()).toContainEqual(expect.objectContaining({ function_request_id: stage.context.awsRequestId }));
    }),
  );

  test(
    'repeats no write whose answer was lost',
    withStage(async (stage) => {
      const fetch = await page(stage, { APPROVAL_SECRET: 'key' }, { table: stage.table, secret: 'key' });
      stage.aws.faults.inject({ fault: 'fail-call', service: 'dynamodb', operation: 'UpdateItem', when: 'after', count: 1 });
      expect((await fetch(`https://${domain}/`, yes())).status).toBe(500);
      expect(stage.calls('UpdateItem')).toHaveLength(1);
    }),
  );

  test(
    'goes by the clock: nobody can say yes too late',
    withStage(async (stage) => {
      const fetch = await page(stage, { APPROVAL_SECRET: 'key' }, { table: stage.table, secret: 'key' });
      await stage.advanceTo(start + 61 * minute);
      expect((await fetch(link)).status).toBe(410);
      expect((await fetch(`https://${domain}/`, yes())).status).toBe(410);
      expect(stage.answers).toEqual([]);
    }),
  );
});
