import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { earlyWarningVariables } from '../../shared/compose/early-warning.ts';
import { minute, type Stage, start, testVariables, withStage } from './stage.ts';

/** Two instances, one of which wears another tag than the usual one, once the function has run. */
const warn = async ({ advanceTo, operator, fleet, load, context }: Stage, variables: Record<string, string> = {}) => {
  const usual = await fleet.instance({ name: 'usual' });
  const other = await fleet.instance({ name: 'other', optedIn: false, tags: { healing: 'yes' } });
  await advanceTo(start + 10 * minute);
  await (await load('early-warning', variables))({}, { ...context, getRemainingTimeInMillis: () => 100_000 });
  const { MetricAlarms = [] } = await operator.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'early-warning/' }));
  const watched = new Set(MetricAlarms.flatMap(({ Dimensions = [] }) => Dimensions.map(({ Value }) => Value)));
  return { usual, other, watched, MetricAlarms };
};

/** Its clients wait for their turn in real time, in which this world stands still. */
const unthrottled = true;

describe('the function early-warning', () => {
  const tests = {
    ALARM_TOPIC_ARN: async (stage: Stage) => {
      const ALARM_TOPIC_ARN = stage.topics.approvals;
      const { MetricAlarms } = await warn(stage, { ALARM_TOPIC_ARN });
      expect(MetricAlarms.length).toBeGreaterThan(3);
      for (const { AlarmActions } of MetricAlarms) expect(AlarmActions).toEqual([ALARM_TOPIC_ARN]);
    },
    SELFHEAL_POLICY: async (stage: Stage) => {
      const { usual, other, watched } = await warn(stage, { SELFHEAL_POLICY: '{"optIn":{"key":"healing","value":"yes"}}' });
      expect([watched.has(usual), watched.has(other)]).toEqual([false, true]);
    },
  };
  testVariables('earlyWarning', earlyWarningVariables, tests, { unthrottled });

  test(
    'says what it did in a line of its log, with the request',
    withStage(
      async (stage) => {
        const { usual, other, watched } = await warn(stage);
        expect([watched.has(usual), watched.has(other)]).toEqual([true, false]);
        expect(stage.logged()).toContainEqual(expect.objectContaining({ level: 'INFO', function_request_id: stage.context.awsRequestId }));
      },
      { unthrottled },
    ),
  );
});
