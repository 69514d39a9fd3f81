import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { deployedLedger } from '../../local/testbed/deployed.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { watchVariables } from '../../shared/compose/watch.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { incident } from '../remediation/examples.ts';
import { account, minute, region, routeTopic, type Stage, scheduled, start, stopped, testVariables, withStage } from './stage.ts';

const open = incident({ account, region, at: start - 5 * minute });
const ended = stopped(open.key);

/** An execution that was stopped, and of which the function then hears. */
const hear = async (
  { operator, table, load, context, collect }: Stage,
  variables: Record<string, string> = {},
  event: object = ended,
): Promise<void> => {
  await createLedger(operator.dynamodb, variables.LEDGER_TABLE ?? table).open(open, start);
  await (await load('watch', variables))(event, context);
  await collect();
};
const namespacesOf = ({ logged }: Stage) =>
  logged().flatMap(({ _aws }) => (_aws as { CloudWatchMetrics: { Namespace: string }[] } | undefined)?.CloudWatchMetrics ?? []);

/** A sweep that wants to take something back in another account; returns its call for a session there. */
const enterMember = async (stage: Stage, variables: Record<string, string>) => {
  const place = { account: '222222222222', region: 'eu-west-1' };
  await createLedger(stage.operator.dynamodb, stage.table).noteRaised({
    name: 'checkout',
    place,
    from: 10,
    to: 15,
    at: 0,
    incident: open.key,
  });
  const policy = JSON.stringify({ mode: 'enforce', lambda: { concurrency: { max: 40 } } });
  await hear(stage, { ...variables, SELFHEAL_POLICY: policy }, scheduled);
  expect(stage.calls('PutFunctionConcurrency')).toEqual([]);
  return stage.calls('AssumeRole')[0] as { input: object };
};

describe('the function watch', () => {
  testVariables('watch', watchVariables, {
    LEDGER_TABLE: async (stage) => {
      const { operator } = stage;
      await operator.dynamodb.send(new CreateTableCommand({ ...deployedLedger().table, TableName: 'another' }));
      await hear(stage, { LEDGER_TABLE: 'another' });
      expect(await createLedger(operator.dynamodb, 'another').read(open.key)).toMatchObject({ status: 'failed' });
    },
    OUTCOME_TOPIC_ARN: async (stage) => {
      await hear(stage);
      expect(stage.messages.map((message) => JSON.parse(message))).toMatchObject([{ incident: open.key, status: 'failed' }]);
      expect(stage.routed.get(routeTopic)).toEqual([]);
    },
    CHAT_TOPIC_ARN: async (stage) => {
      await hear(stage, { CHAT_TOPIC_ARN: stage.topics.chat });
      expect(stage.chats.map((chat) => JSON.parse(chat).metadata.threadId)).toEqual([open.key]);
    },
    EVENT_BUS: async (stage) => {
      // Whether there is such a bus is no matter here: what matters is which one was asked for.
      await hear(stage, { EVENT_BUS: 'operations' });
      expect(stage.calls('PutEvents').at(-1)?.input).toMatchObject({ Entries: [{ EventBusName: 'operations' }] });
    },
    METRICS_NAMESPACE: async (stage) => {
      await hear(stage, { METRICS_NAMESPACE: 'selfheal/blue' });
      await hear(stage, { METRICS_NAMESPACE: 'selfheal/blue' }, scheduled);
      const namespaces = namespacesOf(stage).map(({ Namespace }) => Namespace);
      expect(namespaces.length).toBeGreaterThan(3);
      expect(new Set(namespaces)).toEqual(new Set(['selfheal/blue']));
      expect(stage.logged()).toContainEqual(expect.objectContaining({ Heartbeat: 1 }));
    },
    KILL_SWITCH_PARAMETER: async (stage) => {
      const step = { name: 'checkout', from: 10, to: 15, at: 0, incident: open.key };
      await createLedger(stage.operator.dynamodb, stage.table).noteRaised(step);
      const policy = JSON.stringify({ lambda: { concurrency: { max: 40 } } });
      await hear(stage, { KILL_SWITCH_PARAMETER: '/blue/switch', SELFHEAL_POLICY: policy }, scheduled);
      expect(stage.calls('GetParameter').at(-1)?.input).toEqual({ Name: '/blue/switch' });
    },
    MEMBER_ROLE: async (stage) => {
      const { input } = await enterMember(stage, { MEMBER_ROLE: 'selfheal-member-watch-test' });
      expect(input).toMatchObject({ RoleArn: 'arn:aws:iam::222222222222:role/selfheal-member-watch-test-eu-west-1' });
    },
    MEMBER_EXTERNAL_ID: async (stage) => {
      const { input } = await enterMember(stage, { MEMBER_ROLE: 'selfheal-member-watch-test', MEMBER_EXTERNAL_ID: 'something' });
      expect(input).toMatchObject({ ExternalId: 'something' });
    },
    DEPLOYMENT: async (stage) => {
      await hear(stage, { DEPLOYMENT: 'selfheal-blue' });
      const { links } = JSON.parse(stage.messages[0] ?? '') as Outcome;
      expect(links?.find(({ to }) => to === 'dashboard')?.url).toMatch(/#dashboards\/dashboard\/selfheal-blue$/);
    },
    WATCH_REGION: async (stage) => {
      const handler = await stage.load('watch', { WATCH_REGION: 'eu-west-1', DEPLOYMENT: 'selfheal-blue' });
      await handler({ ...scheduled, detail: { sweep: 'out-of-service' } }, stage.context);
      const [sign] = stage.calls('PutEvents').map(({ input }) => input as { Entries: object[] });
      expect(sign?.Entries).toMatchObject([
        { Source: 'selfheal', DetailType: 'Selfheal Alive', Detail: '{"version":"1","deployment":"selfheal-blue"}' },
      ]);
    },
    REMEDIATE_FUNCTION: async (stage) => {
      await hear(stage, { REMEDIATE_FUNCTION: 'healer' }, scheduled);
      expect(stage.calls('ListDurableExecutionsByFunction')[0]?.input).toMatchObject({ FunctionName: 'healer' });
    },
    REMEDIATE_QUALIFIER: async (stage) => {
      // One that never came is told a day after it was first looked for.
      const SELFHEAL_POLICY = JSON.stringify({ beats: [{ name: 'nightly-export', every: '24h', grace: '1h' }] });
      const handler = await stage.load('watch', { SELFHEAL_POLICY, REMEDIATE_QUALIFIER: 'blue' });
      const look = { ...scheduled, detail: { sweep: 'beats' } };
      await handler(look, stage.context);
      await stage.advanceTo(start + 25 * 60 * minute);
      await handler(look, stage.context);
      expect(stage.calls('Invoke').map(({ input }) => input)).toMatchObject([
        { Qualifier: 'blue', DurableExecutionName: expect.stringContaining('application-down-') },
      ]);
    },
    SELFHEAL_POLICY: async (stage) => {
      const routes = [{ when: { outcome: 'failed' }, topicArn: routeTopic }];
      await hear(stage, { SELFHEAL_POLICY: JSON.stringify({ routes }) });
      expect(stage.routed.get(routeTopic)?.map((message) => JSON.parse(message))).toMatchObject([{ incident: open.key }]);
      expect(stage.messages).toHaveLength(1);
    },
  });

  test(
    'goes by the clock, and says what it did with the request',
    withStage(async (stage) => {
      await stage.advanceTo(start + 17 * minute);
      await hear(stage);
      const [message = ''] = stage.messages;
      expect(JSON.parse(message).endedAt).toBe(new Date(start + 17 * minute).toISOString());
      expect(stage.logged()).toContainEqual(
        expect.objectContaining({ level: 'WARN', message: 'execution ended', function_request_id: stage.context.awsRequestId }),
      );
    }),
  );
});
