import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { toldAlarms } from '../../local/replay/told-alarm.ts';
import { readEvent } from '../../shared/failures/read.ts';
import { alarm, alarmAction, alarmEvent, instanceId, message, snsRecord, sqsRecord } from '../signals/fixtures.ts';

const at = Date.parse('2026-11-20T13:35:12.681Z');
const told = (event: unknown, name = 'an-alarm') => toldAlarms(event)({ alarm: { name, arn: null }, at });

describe('an alarm as its event describes it', () => {
  const watched = {
    AlarmName: 'an-alarm',
    Namespace: 'AWS/EC2',
    MetricName: 'CPUUtilization',
    Dimensions: [{ Name: 'InstanceId', Value: instanceId }],
    Statistic: 'Average',
    Period: 60,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
  };
  const busy = alarm({ metric: 'CPUUtilization', statistic: 'Average' });

  test.each([
    ['EventBridge', alarmEvent(busy)],
    ['a direct action', alarmAction(busy)],
    ['SNS', { Records: [snsRecord(message(busy))] }],
    ['SNS behind SQS', { Records: [sqsRecord(snsRecord(message(busy)).Sns)] }],
    [
      'a stream, zipped',
      { Records: [{ eventSource: 'aws:kinesis', kinesis: { data: gzipSync(JSON.stringify(alarmEvent(busy))).toString('base64') } }] },
    ],
  ])('is the same by %s', (_, event) => {
    expect(told(event)).toEqual({ input: expect.objectContaining(watched) });
  });

  test('has all that SNS is told of it: periods, missing data and actions', () => {
    const [topic, reboot] = ['arn:aws:sns:us-west-2:111122223333:pager', 'arn:aws:automate:us-west-2:ec2:reboot'];
    const { Trigger, ...rest } = message(busy);
    const more = { EvaluationPeriods: 5, DatapointsToAlarm: 3, TreatMissingData: 'breaching', Threshold: '12.5' };
    const body = { ...rest, AlarmActions: [topic, reboot], OKActions: [], Trigger: { ...(Trigger as object), ...more } };
    expect(told({ Records: [snsRecord(body)] })).toEqual({
      input: expect.objectContaining({ ...watched, ...more, Threshold: 12.5, AlarmActions: [topic, reboot], OKActions: [] }),
    });
  });

  test('takes what only one of several tales has, whichever comes first', () => {
    const both = [alarmEvent(busy), snsRecord({ ...message(busy), AlarmActions: ['arn:aws:sns:us-west-2:111122223333:pager'] })];
    for (const event of [both, both.toReversed()])
      expect(told(event)).toEqual({ input: expect.objectContaining({ AlarmActions: ['arn:aws:sns:us-west-2:111122223333:pager'] }) });
  });

  test('says what it is that can not be told', () => {
    const read = (name: string) => {
      const event: unknown = JSON.parse(readFileSync(new URL(`../../events/cloudwatch-alarm/${name}.json`, import.meta.url), 'utf8'));
      const [verdict] = readEvent(event).verdicts;
      return verdict && toldAlarms(event)(verdict);
    };
    expect(read('math-one-subject')).toEqual({ unknown: 'it watches more than one plain metric' });
    expect(read('load-on-the-threshold')).toEqual({
      unknown: 'the event does not say on which side of its threshold the value is',
    });
    expect(read('composite')).toBeNull();
  });

  test('is none where the event is about another one, or another time', () => {
    expect(told(alarmEvent(busy), 'another')).toBeNull();
    expect(toldAlarms(alarmEvent(busy))({ alarm: { name: 'an-alarm', arn: null }, at: at + 1 })).toBeNull();
    for (const event of [null, 'x', [], { Records: [null] }, { Message: '{' }]) expect(told(event)).toBeNull();
  });
});
