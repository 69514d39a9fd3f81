import assert from 'node:assert/strict';
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { eventually, fromPage, refused, type Setting } from './check.ts';

const api = 'eventbridge/latest/APIReference/';

const putRule = async ({ eventBridge, fresh }: Setting, EventPattern: string): Promise<string> => {
  const Name = fresh('rule');
  await eventBridge.send(new PutRuleCommand({ Name, EventPattern }));
  return Name;
};

export const eventBridgeChecks = [
  ...fromPage(`${api}API_PutRule.html`, {
    'a rule is enabled from the start': async (setting) => {
      const Name = await putRule(setting, '{"source":["aws.ec2"]}');
      const rule = await setting.eventBridge.send(new DescribeRuleCommand({ Name }));
      assert.equal(rule.State, 'ENABLED');
      assert.match(rule.Arn ?? '', new RegExp(`:rule/${Name}$`));
    },
    'a pattern that is none is refused': (setting) => refused(putRule(setting, '{"source":"aws.ec2"}'), 'InvalidEventPatternException'),
    'an unknown rule is refused': ({ eventBridge }) =>
      refused(eventBridge.send(new DescribeRuleCommand({ Name: 'none' })), 'ResourceNotFoundException'),
  }),
  ...fromPage(`${api}API_PutPermission.html`, {
    'a bus lets an organisation put events, until that is taken back': async ({ eventBridge, fresh }) => {
      const EventBusName = fresh('bus');
      const { EventBusArn } = await eventBridge.send(new CreateEventBusCommand({ Name: EventBusName }));
      const Condition = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-abcdefghij' };
      const put = { EventBusName, Action: 'events:PutEvents', Principal: '*', StatementId: 'all', Condition };
      await eventBridge.send(new PutPermissionCommand(put));
      const policy = async () => (await eventBridge.send(new DescribeEventBusCommand({ Name: EventBusName }))).Policy;
      const { Statement } = JSON.parse((await policy()) ?? '') as { Statement: object[] };
      const expected = { Sid: 'all', Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: EventBusArn };
      assert.deepEqual(Statement, [{ ...expected, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } } }]);
      await eventBridge.send(new RemovePermissionCommand({ EventBusName, StatementId: 'all' }));
      assert.equal(await policy(), undefined);
    },
  }),
  ...fromPage(`${api}API_DeleteEventBus.html`, {
    'the default bus stays': ({ eventBridge }) =>
      refused(eventBridge.send(new DeleteEventBusCommand({ Name: 'default' })), 'ValidationException'),
  }),
  ...fromPage(`${api}API_PutTargets.html`, {
    'targets come and go': async (setting) => {
      const Rule = await putRule(setting, '{"source":["x"]}');
      const target = { Id: '1', Arn: 'arn:aws:sqs:us-east-1:123456789012:q' };
      await setting.eventBridge.send(new PutTargetsCommand({ Rule, Targets: [target] }));
      const list = async () => (await setting.eventBridge.send(new ListTargetsByRuleCommand({ Rule }))).Targets;
      assert.deepEqual(await list(), [target]);
      await setting.eventBridge.send(new RemoveTargetsCommand({ Rule, Ids: ['1'] }));
      assert.deepEqual(await list(), []);
    },
  }),
  ...fromPage(`${api}API_PutEvents.html`, {
    'an event reaches the queue of the rule that matches it': async (setting) => {
      const { sqs, eventBridge, fresh } = setting;
      const source = fresh('source');
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: fresh('queue') }));
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      const Rule = await putRule(setting, JSON.stringify({ source: [source], detail: { size: [{ numeric: ['>', 3] }] } }));
      await eventBridge.send(new PutTargetsCommand({ Rule, Targets: [{ Id: '1', Arn: Attributes?.QueueArn }] }));
      const entry = (size: number) => ({ Source: source, DetailType: 'Test', Detail: JSON.stringify({ size }) });
      const { FailedEntryCount, Entries = [] } = await eventBridge.send(new PutEventsCommand({ Entries: [entry(1), entry(5)] }));
      assert.equal(FailedEntryCount, 0);
      const body = await eventually(setting, async () => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        assert.equal(Messages.length, 1);
        return JSON.parse(Messages[0]?.Body ?? '') as Record<string, unknown>;
      });
      assert.equal(body.id, Entries[1]?.EventId);
      assert.deepEqual(body.detail, { size: 5 });
      assert.equal(body['detail-type'], 'Test');
    },
    'entries fail one by one': async ({ eventBridge }) => {
      const good = { Source: 'x', DetailType: 't', Detail: '{}' };
      const { FailedEntryCount, Entries = [] } = await eventBridge.send(
        new PutEventsCommand({ Entries: [good, { ...good, Detail: 'no json' }] }),
      );
      assert.equal(FailedEntryCount, 1);
      assert.ok(Entries[0]?.EventId);
      assert.equal(Entries[1]?.ErrorCode, 'MalformedDetail');
    },
  }),
];
