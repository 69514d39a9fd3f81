import assert from 'node:assert/strict';
import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListTagsForResourceCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { eventually, fromPage, inState, launch, refused, type Setting } from './check.ts';

/** As the query protocol names it, and as the JSON protocol does. */
const validationError = /^Validation(Error|Exception)$/;

const api = 'AmazonCloudWatch/latest/APIReference/';

const putAlarm = async (setting: Setting, change: Partial<PutMetricAlarmCommandInput> = {}): Promise<string> => {
  const AlarmName = setting.fresh('alarm');
  await setting.cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: 'Custom',
      MetricName: AlarmName,
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 90,
      ComparisonOperator: 'GreaterThanThreshold',
      ...change,
    }),
  );
  return AlarmName;
};

const describeAlarm = async ({ cloudWatch }: Setting, name: string) => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  const alarm = MetricAlarms[0] ?? CompositeAlarms[0];
  assert.ok(alarm, `no alarm ${name}`);
  return alarm;
};

const turns = (setting: Setting, name: string, state: string) =>
  eventually(
    setting,
    async () => {
      const alarm = await describeAlarm(setting, name);
      assert.equal(alarm.StateValue, state);
      return alarm;
    },
    200,
  );

const putValue = ({ cloudWatch }: Setting, name: string, Value: number) =>
  cloudWatch.send(new PutMetricDataCommand({ Namespace: 'Custom', MetricData: [{ MetricName: name, Value }] }));

export const cloudWatchChecks = [
  ...fromPage(`${api}API_PutMetricAlarm.html`, {
    'a new alarm has insufficient data': async (setting) => {
      const alarm = await describeAlarm(setting, await putAlarm(setting));
      assert.equal(alarm.StateValue, 'INSUFFICIENT_DATA');
      assert.equal(alarm.StateReason, 'Unchecked: Initial alarm creation');
    },
    'a datapoint above the threshold puts it into ALARM, and says so': async (setting) => {
      const name = await putAlarm(setting);
      await putValue(setting, name, 99);
      const alarm = await turns(setting, name, 'ALARM');
      assert.match(
        alarm.StateReason ?? '',
        /^Threshold Crossed: 1 (datapoint|out of the last 1 datapoints) \[99\.0 \(.*\)\] was greater than the threshold \(90\.0\)/,
      );
      assert.deepEqual(JSON.parse(alarm.StateReasonData ?? '{}').recentDatapoints, [99]);
    },
    'a datapoint below it means OK': async (setting) => {
      const name = await putAlarm(setting);
      await putValue(setting, name, 1);
      await turns(setting, name, 'OK');
    },
    'missing data that is breaching is': async (setting) => {
      await turns(setting, await putAlarm(setting, { TreatMissingData: 'breaching' }), 'ALARM');
    },
    'missing data that is not breaching is not': async (setting) => {
      await turns(setting, await putAlarm(setting, { TreatMissingData: 'notBreaching' }), 'OK');
    },
    'a running instance feeds an alarm on its status checks': async (setting) => {
      const id = await launch(setting);
      const name = await putAlarm(setting, {
        Namespace: 'AWS/EC2',
        MetricName: 'StatusCheckFailed',
        Dimensions: [{ Name: 'InstanceId', Value: id }],
        Threshold: 1,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      });
      await turns(setting, name, 'OK');
    },
    'both a metric and math are refused': (setting) =>
      refused(
        putAlarm(setting, { Metrics: [{ Id: 'm1', Expression: '1 + 1' }] }),
        /^(InvalidParameterCombination(Exception)?|ValidationError)$/,
      ),
    'fewer periods than datapoints are refused': (setting) => refused(putAlarm(setting, { DatapointsToAlarm: 2 }), validationError),
    'a period that is none is refused': (setting) => refused(putAlarm(setting, { Period: 7 }), validationError),
    'an action that is no ARN is refused': (setting) => refused(putAlarm(setting, { AlarmActions: ['nonsense'] }), validationError),
    'an EC2 action needs an instance to act on': (setting) =>
      refused(putAlarm(setting, { AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] }), validationError),
    'an operator that is none is refused': (setting) =>
      refused(putAlarm(setting, { ComparisonOperator: 'Nonsense' as 'GreaterThanThreshold' }), validationError),
  }),
  ...fromPage('AWSEC2/latest/UserGuide/UsingAlarmActions.html', {
    'an alarm stops its instance when it goes off, and its history says so': async (setting) => {
      const Value = await launch(setting);
      const stop = `arn:aws:automate:us-east-1:ec2:stop`;
      const watched = { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Dimensions: [{ Name: 'InstanceId', Value }] };
      const name = await putAlarm(setting, { ...watched, AlarmActions: [stop], Threshold: 100 });
      await setting.cloudWatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: 'ALARM', StateReason: 'a test' }));
      await inState(setting, Value, 'stopped');
      const input = { AlarmName: name, HistoryItemType: 'Action' as const };
      const { AlarmHistoryItems = [] } = await setting.cloudWatch.send(new DescribeAlarmHistoryCommand(input));
      assert.equal(AlarmHistoryItems[0]?.HistorySummary, `Successfully executed action ${stop}`);
    },
    'recover goes with the system status check only': async (setting) => {
      const watched = { Namespace: 'AWS/EC2', Dimensions: [{ Name: 'InstanceId', Value: await launch(setting) }] };
      const AlarmActions = ['arn:aws:automate:us-east-1:ec2:recover'];
      await putAlarm(setting, { ...watched, MetricName: 'StatusCheckFailed_System', AlarmActions });
      await refused(putAlarm(setting, { ...watched, MetricName: 'StatusCheckFailed_Instance', AlarmActions }), validationError);
    },
  }),
  ...fromPage(`${api}API_DescribeAlarms.html`, {
    'alarms are found by prefix and state, and an unknown name finds nothing': async (setting) => {
      const name = await putAlarm(setting);
      const found = await setting.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: name, StateValue: 'INSUFFICIENT_DATA' }));
      assert.deepEqual(
        found.MetricAlarms?.map(({ AlarmName }) => AlarmName),
        [name],
      );
      assert.deepEqual((await setting.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ['none'] }))).MetricAlarms, []);
    },
    'a page token from elsewhere is refused': ({ cloudWatch }) =>
      refused(cloudWatch.send(new DescribeAlarmsCommand({ NextToken: 'nonsense' })), 'InvalidNextToken'),
  }),
  ...fromPage(`${api}API_SetAlarmState.html`, {
    'a state is set, and overwritten when the alarm is evaluated': async (setting) => {
      const name = await putAlarm(setting, { TreatMissingData: 'notBreaching' });
      await turns(setting, name, 'OK');
      await setting.cloudWatch.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: 'ALARM', StateReason: 'a test' }));
      const alarm = await describeAlarm(setting, name);
      assert.deepEqual([alarm.StateValue, alarm.StateReason], ['ALARM', 'a test']);
      await turns(setting, name, 'OK');
    },
    'an unknown alarm is refused': ({ cloudWatch }) =>
      refused(
        cloudWatch.send(new SetAlarmStateCommand({ AlarmName: 'none', StateValue: 'OK', StateReason: 'x' })),
        'ResourceNotFound',
        404,
      ),
  }),
  ...fromPage(`${api}API_PutCompositeAlarm.html`, {
    'a composite alarm follows its children': async (setting) => {
      const child = await putAlarm(setting, { TreatMissingData: 'breaching' });
      const AlarmName = setting.fresh('composite');
      await setting.cloudWatch.send(new PutCompositeAlarmCommand({ AlarmName, AlarmRule: `ALARM("${child}") AND NOT OK("${child}")` }));
      await turns(setting, AlarmName, 'ALARM');
    },
    'a rule that is none is refused': ({ cloudWatch, fresh }) =>
      refused(cloudWatch.send(new PutCompositeAlarmCommand({ AlarmName: fresh('composite'), AlarmRule: 'ALARM(' })), validationError),
  }),
  ...fromPage(`${api}API_DescribeAlarmHistory.html`, {
    'a state change is history': async (setting) => {
      const name = await putAlarm(setting, { TreatMissingData: 'breaching' });
      await turns(setting, name, 'ALARM');
      const input = { AlarmName: name, HistoryItemType: 'StateUpdate' as const };
      const { AlarmHistoryItems = [] } = await setting.cloudWatch.send(new DescribeAlarmHistoryCommand(input));
      assert.match(AlarmHistoryItems[0]?.HistorySummary ?? '', /^Alarm updated from INSUFFICIENT_DATA to ALARM/);
    },
  }),
  ...fromPage(`${api}API_DeleteAlarms.html`, {
    'a deleted alarm is gone': async (setting) => {
      const name = await putAlarm(setting);
      await setting.cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] }));
      assert.deepEqual((await setting.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms, []);
    },
  }),
  ...fromPage(`${api}API_DisableAlarmActions.html`, {
    'an alarm remembers that its actions are off': async (setting) => {
      const name = await putAlarm(setting);
      await setting.cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames: [name] }));
      assert.equal((await describeAlarm(setting, name)).ActionsEnabled, false);
    },
  }),
  ...fromPage(`${api}API_ListTagsForResource.html`, {
    'an alarm carries the tags it was made with': async (setting) => {
      const name = await putAlarm(setting, { Tags: [{ Key: 'team', Value: 'web' }] });
      const ResourceARN = (await describeAlarm(setting, name)).AlarmArn;
      assert.deepEqual((await setting.cloudWatch.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags, [
        { Key: 'team', Value: 'web' },
      ]);
    },
  }),
  ...fromPage(`${api}API_GetMetricData.html`, {
    'what is put can be got, and calculated with': async (setting) => {
      const name = setting.fresh('metric');
      await putValue(setting, name, 4);
      const Timestamp = await now(setting);
      const StartTime = new Date(Timestamp.getTime() - 600_000);
      const EndTime = new Date(Timestamp.getTime() + 600_000);
      const metric = { Metric: { Namespace: 'Custom', MetricName: name }, Period: 60, Stat: 'Sum' };
      const MetricDataQueries = [
        { Id: 'm1', MetricStat: metric, ReturnData: false },
        { Id: 'e1', Expression: 'm1 * 2' },
      ];
      await eventually(setting, async () => {
        const { MetricDataResults = [] } = await setting.cloudWatch.send(
          new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries }),
        );
        assert.deepEqual(
          MetricDataResults.map(({ Id, Values }) => [Id, Values]),
          [['e1', [8]]],
        );
      });
      const statistics = { Namespace: 'Custom', MetricName: name, StartTime, EndTime, Period: 60, Statistics: ['Maximum' as const] };
      const { Datapoints = [] } = await setting.cloudWatch.send(new GetMetricStatisticsCommand(statistics));
      assert.deepEqual(
        Datapoints.map(({ Maximum }) => Maximum),
        [4],
      );
    },
  }),
];

/** The endpoint's time, out of what it says of an alarm. */
const now = async (setting: Setting): Promise<Date> =>
  (await describeAlarm(setting, await putAlarm(setting))).StateUpdatedTimestamp ?? new Date(Number.NaN);
