import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { deployedLedger } from '../../local/testbed/deployed.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { widgetVariables } from '../../shared/compose/dashboard-widget.ts';
import { incident } from '../remediation/examples.ts';
import { account, minute, region, start, testVariables, withStage } from './stage.ts';

const shown = '<span class="what">instance-unreachable';

describe('the function dashboard-widget', () => {
  testVariables('dashboardWidget', widgetVariables, {
    LEDGER_TABLE: async ({ operator, load, context }) => {
      await operator.dynamodb.send(new CreateTableCommand({ ...deployedLedger().table, TableName: 'another' }));
      await createLedger(operator.dynamodb, 'another').open(incident({ account, region, at: start }), start);
      expect(await (await load('dashboard-widget', { LEDGER_TABLE: 'another' }))({}, context)).toContain(shown);
    },
  });

  test(
    'goes by the clock: what is shown is what came up to this moment',
    withStage(async ({ advanceTo, operator, table, load, context }) => {
      await createLedger(operator.dynamodb, table).open(incident({ account, region, at: start }), start + 10 * minute);
      const handler = await load('dashboard-widget');
      expect(await handler({}, context)).not.toContain(shown);
      await advanceTo(start + 20 * minute);
      expect(await handler({}, context)).toContain(shown);
    }),
  );

  test(
    'says what it could not do, with the request',
    withStage(async ({ load, context, logged }) => {
      await (await load('dashboard-widget', { LEDGER_TABLE: 'nowhere' }))({}, context);
      expect(logged()).toContainEqual(expect.objectContaining({ level: 'ERROR', function_request_id: context.awsRequestId }));
    }),
  );
});
