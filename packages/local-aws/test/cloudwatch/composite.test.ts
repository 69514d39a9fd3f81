import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { alarmArn, cloudWatchWorld, otherTopic, topic } from './setup.ts';

/** Alarms that stay where they are put: their metric doesn't exist, and missing data is ignored. */
const setUp = async (...names: string[]) => {
  const it = cloudWatchWorld();
  for (const AlarmName of names) {
    await it.putCpuAlarm({ AlarmName, Dimensions: [{ Name: 'InstanceId', Value: 'i-none' }], TreatMissingData: 'ignore' });
    await it.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'set up' }));
  }
  const put = (AlarmRule: string, more: Partial<ConstructorParameters<typeof PutCompositeAlarmCommand>[0]> = {}) =>
    it.cloudWatch.send(
      new PutCompositeAlarmCommand({ AlarmName: 'all', AlarmRule, AlarmActions: [topic], OKActions: [otherTopic], ...more }),
    );
  const set = async (AlarmName: string, StateValue: StateValue) => {
    await it.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'test' }));
    it.pass(1 / 60);
  };
  const composite = async (name = 'all') =>
    (await it.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['CompositeAlarm'] }))).CompositeAlarms?.[0];
  const topics = () => it.outbox('sns').map(({ topicArn }) => topicArn);
  return { ...it, put, set, composite, topics };
};

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
describe('composite alarms', () => {
  test('a composite alarm follows the alarms below it and names the one that changed', async () => {
    const { put, set, pass, composite, outbox } = await setUp('a', 'b');
    await put('ALARM(a) AND ALARM("b")');
    pass(1);
    expect(await composite()).toMatchObject({
      StateValue: 'OK',
      StateReason: `${alarmArn('all')} was created and its alarm rule evaluates to OK`,
    });
    await set('a', 'ALARM');
    expect((await composite())?.StateValue).toBe('OK');
    await set('b', 'ALARM');
    const alarm = await composite();
    expect(alarm?.StateValue).toBe('ALARM');
    expect(alarm?.StateReason).toBe(`${alarmArn('b')} transitioned to ALARM at Friday 20 November, 2026 12:01:01 UTC`);
    expect(JSON.parse(alarm?.StateReasonData ?? '')).toEqual({
      triggeringAlarms: [{ arn: alarmArn('b'), state: { value: 'ALARM', timestamp: '2026-11-20T12:01:01.000+0000' } }],
    });
    const [, sent] = outbox('sns');
    const message = JSON.parse(sent?.message ?? '');
    expect(message).toMatchObject({
      AlarmName: 'all',
      AlarmRule: 'ALARM(a) AND ALARM("b")',
      TriggeringChildren: [{ Arn: alarmArn('b'), State: { Value: 'ALARM', Timestamp: '2026-11-20T12:01:01.000+0000' } }],
    });
    expect(message.Trigger).toBeUndefined();
  });

  test('a composite alarm of composite alarms follows them, by name or by ARN', async () => {
    const { put, set, composite } = await setUp('a');
    await put('ALARM(a)');
    await put(`ALARM(${alarmArn('all')})`, { AlarmName: 'top' });
    await set('a', 'ALARM');
    expect((await composite('top'))?.StateValue).toBe('ALARM');
  });

  test('alarms that depend on one another in a circle do not hang the world', async () => {
    const { put, set, pass, composite, world } = await setUp('a');
    await put('ALARM(a)');
    await put('NOT ALARM(all)', { AlarmName: 'other' });
    await put('ALARM(other)');
    await set('a', 'ALARM');
    pass(1);
    expect(world.clock.now()).toBeGreaterThan(world.start);
    expect(await composite()).toBeDefined();
  });

  test('a rule that names alarms which do not exist, or is no rule, is refused', async () => {
    const { put } = await setUp('a');
    expect(await refusal(put('ALARM(a) OR ALARM(gone)'))).toEqual({
      code: 'ValidationException',
      status: 400,
      message: 'Could not save the composite alarm because alarms [gone] in the alarm rule do not exist',
    });
    expect((await refusal(put('ALARM(a) OR'))).code).toBe('ValidationException');
    expect((await refusal(put('TRUE', { AlarmName: 'a' }))).code).toBe('ValidationException');
    expect((await refusal(put('TRUE', { ActionsSuppressor: 'a' }))).code).toBe('ValidationException');
    expect((await refusal(put('TRUE', { AlarmActions: ['arn:aws:automate:us-east-1:ec2:reboot'] }))).code).toBe('ValidationException');
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
  test('an alarm that a composite alarm depends on can not be deleted before it', async () => {
    const { put, cloudWatch } = await setUp('a');
    await put('ALARM(a)');
    expect((await refusal(cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['a'] })))).code).toBe('ValidationException');
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['all'] }));
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['a'] }));
    expect((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
  });
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
describe('the suppression of actions', () => {
  const suppressor = { ActionsSuppressor: 'quiet', ActionsSuppressorWaitPeriod: 120, ActionsSuppressorExtensionPeriod: 180 };
  const setUpSuppressed = async () => {
    const it = await setUp('a', 'quiet');
    await it.put('ALARM(a)', suppressor);
    it.pass(1);
    it.world.outbox.length = 0;
    return it;
  };

  test('while the suppressor is in ALARM nothing is done, but the event is put', async () => {
    const { set, pass, topics, events, composite } = await setUpSuppressed();
    await set('quiet', 'ALARM');
    await set('a', 'ALARM');
    pass(60);
    expect(topics()).toEqual([]);
    expect(await composite()).toMatchObject({ StateValue: 'ALARM', ActionsSuppressedBy: 'Alarm' });
    expect(events('CloudWatch Alarm State Change').at(-1)?.detail).toMatchObject({
      alarmName: 'all',
      state: { value: 'ALARM', actionsSuppressedBy: 'Alarm', actionsSuppressedReason: 'Actions suppressed by Alarm' },
      configuration: { actionsSuppressor: 'quiet', actionsSuppressorWaitPeriod: 120, actionsSuppressorExtensionPeriod: 180 },
    });
  });

  test('without the suppressor, the actions come when the wait period is over', async () => {
    const { set, pass, topics, composite, events } = await setUpSuppressed();
    await set('a', 'ALARM');
    expect(await composite()).toMatchObject({ ActionsSuppressedBy: 'WaitPeriod' });
    pass(1.9);
    expect(topics()).toEqual([]);
    pass(0.2);
    expect(topics()).toEqual([topic]);
    expect((await composite())?.ActionsSuppressedBy).toBeUndefined();
    expect(events('CloudWatch Alarm State Change').at(-1)?.detail).toMatchObject({
      state: { value: 'ALARM' },
      previousState: { value: 'ALARM', actionsSuppressedBy: 'WaitPeriod' },
    });
  });

  test('a suppressor that comes within the wait period suppresses, and its leaving is followed by the extension period', async () => {
    const { set, pass, topics, composite } = await setUpSuppressed();
    await set('a', 'ALARM');
    pass(1);
    await set('quiet', 'ALARM');
    pass(10);
    expect(topics()).toEqual([]);
    await set('quiet', 'OK');
    expect(await composite()).toMatchObject({ ActionsSuppressedBy: 'ExtensionPeriod' });
    pass(2.9);
    expect(topics()).toEqual([]);
    pass(0.2);
    expect(topics()).toEqual([topic]);
  });

  test('what came and went while it was suppressed is never told', async () => {
    const { set, pass, topics } = await setUpSuppressed();
    await set('quiet', 'ALARM');
    await set('a', 'ALARM');
    await set('a', 'OK');
    await set('quiet', 'OK');
    pass(10);
    expect(topics()).toEqual([]);
  });

  test('an update in the midst of it loses no action', async () => {
    const { put, set, pass, topics, composite } = await setUpSuppressed();
    await set('a', 'ALARM');
    await put('ALARM(a)', { ...suppressor, ActionsSuppressorWaitPeriod: 300 });
    expect(await composite()).toMatchObject({ StateValue: 'ALARM', ActionsSuppressedBy: 'WaitPeriod' });
    pass(4.9);
    expect(topics()).toEqual([]);
    pass(0.2);
    expect(topics()).toEqual([topic]);
  });

  test('without its suppressor an alarm acts at once on what it held back', async () => {
    const { put, set, topics } = await setUpSuppressed();
    await set('quiet', 'ALARM');
    await set('a', 'ALARM');
    await put('ALARM(a)');
    expect(topics()).toEqual([topic]);
  });
});
