import { describe, expect, test } from '@jest/globals';
import { scalerOf } from '../../shared/signals/scaler-alarms.ts';
import { alarm, alarmAction, alarmEvent, message, snsRecord, verdictOf } from './fixtures.ts';

const id = '6f2a9c04-8d1b-4e57-a3c8-0b9d7e5f1a26';

describe('alarms of scalers', () => {
  test.each([
    [`TargetTracking-web-AlarmHigh-${id}`, 'a target tracking policy'],
    [`TargetTracking-a group of old-AlarmLow-${id}`, 'a target tracking policy'],
    [`TargetTracking-service/prod/checkout-AlarmHigh-${id}`, 'a target tracking policy'],
    [`TargetTracking-table/orders-AlarmHigh-${id}`, 'a target tracking policy'],
    [`TargetTracking-table/orders/index/by-day-ProvisionedCapacityLow-${id}`, 'a target tracking policy'],
    [`TargetTracking-table/orders-ProvisionedCapacityHigh-${id}`, 'a target tracking policy'],
    ['awseb-e-qwertyuiop-stack-AWSEBCloudwatchAlarmLow-9Z8Y7X6W5V4U', 'Elastic Beanstalk'],
    ['awseb-shop-prod-AWSEBCloudwatchAlarmHigh-QWERTYUIOPAS', 'Elastic Beanstalk'],
  ])('%s belongs to %s, in every envelope', (name, owner) => {
    expect(scalerOf(name)).toBe(owner);
    const told = alarm({ name, metric: 'CPUUtilization', dimensions: { AutoScalingGroupName: 'web' } });
    for (const shape of [message(told), { Records: [snsRecord(message(told))] }, alarmEvent(told), alarmAction(told)]) {
      expect(verdictOf(shape)).toMatchObject({
        failure: null,
        disposition: 'ignore',
        resource: { type: 'group', id: 'web' },
        reason: `the alarm is part of how ${owner} scales`,
      });
    }
  });

  test.each([
    'TargetTracking-web-AlarmHigh',
    'TargetTracking-web-AlarmHigh-prod',
    `TargetTracking-web-AlarmHigh-${id.toUpperCase()}`,
    `TargetTracking-web-AlarmHigh-${id}-copy`,
    `my-TargetTracking-web-AlarmHigh-${id}`,
    `targettracking-web-alarmhigh-${id}`,
    `TargetTracking-AlarmHigh-${id}`,
    `TargetTracking-web-Alarm-${id}`,
    'awseb-e-qwertyuiop-stack-AWSEBCloudwatchAlarmLow',
    'awseb-e-qwertyuiop-stack-AWSEBCloudwatchAlarmLow-by-hand',
    'web-AWSEBCloudwatchAlarmLow-9Z8Y7X6W5V4U',
    'cpu-high',
  ])("%s is a person's", (name) => {
    expect(scalerOf(name)).toBeNull();
    expect(verdictOf(alarmEvent(alarm({ name })))).toMatchObject({ failure: 'instance-unreachable', disposition: 'remediate' });
  });
});
