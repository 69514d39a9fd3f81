import { describe, expect, test } from '@jest/globals';
import { intakeVariables } from '../../shared/compose/intake.ts';
import { account, region, testVariables, withStage } from './stage.ts';

/** An alarm on a metric of somebody's own, which only a policy can say what it means. */
const event = {
  version: '0',
  id: 'b2a1f0de-8f0b-4b0c-8a77-1d3f5a7c9e21',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account,
  time: '2026-03-02T09:00:00Z',
  region,
  resources: [`arn:aws:cloudwatch:${region}:${account}:alarm:checkout-slow`],
  detail: {
    alarmName: 'checkout-slow',
    state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2026-03-02T09:00:00.000+0000' },
    previousState: { value: 'OK', reason: '', timestamp: '2026-03-02T08:00:00.000+0000' },
    configuration: {
      metrics: [
        {
          id: 'm1',
          metricStat: { metric: { namespace: 'Shop', name: 'Checkout', dimensions: { Fleet: 'web' } }, period: 60, stat: 'Average' },
          returnData: true,
        },
      ],
    },
  },
};
/** The alarm of a member, as CloudWatch publishes it. */
const alarmMessage = {
  AlarmName: 'checkout-slow',
  AlarmArn: 'arn:aws:cloudwatch:us-west-2:444455556666:alarm:checkout-slow',
  AWSAccountId: '444455556666',
  NewStateValue: 'ALARM',
  OldStateValue: 'OK',
  NewStateReason: 'Threshold Crossed',
  StateChangeTime: '2026-03-02T09:00:00.000+0000',
  Trigger: { Namespace: 'Shop', MetricName: 'Checkout', Statistic: 'AVERAGE', Dimensions: [{ name: 'Fleet', value: 'web' }] },
};
const rule = {
  metric: 'Checkout',
  failure: 'load-saturated',
  direction: 'above',
  subject: { type: 'group', dimension: 'Fleet' },
  playbook: 'scale-out',
};

describe('the function intake', () => {
  testVariables('intake', intakeVariables, {
    LEDGER_TABLE: async ({ load, context, invocations }) => {
      // What is in the inbox needn't be handed over; without the table there is none.
      await (await load('intake'))(event, context);
      await (await load('intake', { LEDGER_TABLE: 'another' }))(event, context);
      expect(invocations.map(({ payload }) => (payload as { inbox?: true }).inbox)).toEqual([true, undefined]);
    },
    REMEDIATE_FUNCTION: async ({ load, context, invocations }) => {
      await (await load('intake', { REMEDIATE_FUNCTION: 'healer' }))(event, context);
      expect(invocations).toMatchObject([{ functionName: 'healer', type: 'Event' }]);
    },
    REMEDIATE_QUALIFIER: async ({ load, context, invocations }) => {
      await (await load('intake', { REMEDIATE_QUALIFIER: 'blue' }))(event, context);
      expect(invocations).toMatchObject([{ qualifier: 'blue' }]);
    },
    MEMBER_TOPICS: async ({ load, context, invocations }) => {
      const TopicArn = 'arn:aws:sns:us-west-2:444455556666:selfheal-prod-member-alarms';
      const Sns = { Type: 'Notification', TopicArn, Message: JSON.stringify(alarmMessage) };
      const records = { Records: [{ EventSource: 'aws:sns', Sns }] };
      const reason = /record 0 was rejected: TopicArn: came by a topic of account 444455556666 in us-west-2, which is none that this hub/;
      for (const MEMBER_TOPICS of ['none', '444455556666:us-east-1', '111122223333:us-west-2'])
        await expect((await load('intake', { MEMBER_TOPICS }))(records, context)).rejects.toThrow(reason);
      expect(invocations).toEqual([]);
      for (const MEMBER_TOPICS of ['', '444455556666:us-west-2']) await (await load('intake', { MEMBER_TOPICS }))(records, context);
      expect(invocations).toHaveLength(2);
      await expect(load('intake', { MEMBER_TOPICS: 'shop' })).rejects.toThrow('MEMBER_TOPICS: must be none, or accounts with regions');
    },
    SELFHEAL_POLICY: async ({ load, context, invocations }) => {
      await (await load('intake'))(event, context);
      const policy = JSON.stringify({ classification: { alarms: [rule] } });
      await (await load('intake', { SELFHEAL_POLICY: policy }))(event, context);
      expect(invocations.map(({ payload }) => payload)).toMatchObject([
        { failure: 'unclassified', inbox: true },
        { failure: 'load-saturated', resource: { type: 'group', id: 'web' }, inbox: true },
      ]);
    },
  });

  test(
    'says what it did in a line of its log, with the request',
    withStage(async ({ load, context, logged }) => {
      await (await load('intake'))(event, context);
      expect(logged()).toMatchObject([{ level: 'INFO', message: 'incident started', function_request_id: context.awsRequestId }]);
    }),
  );

  test(
    'goes on under a policy that it cannot use, by what alarms mean by default, and says so once',
    withStage(async ({ load, context, logged, invocations }) => {
      const intake = await load('intake', { SELFHEAL_POLICY: '{"classification": {"alarm": []}}' });
      for (let i = 0; i < 2; i++) await intake(event, context);
      expect(invocations[0]?.payload).toMatchObject({ failure: 'unclassified', inbox: true });
      expect(logged().filter(({ level }) => level === 'ERROR')).toMatchObject([
        { message: 'policy not usable', problem: expect.stringContaining('did you mean alarms?') },
      ]);
    }),
  );
});
