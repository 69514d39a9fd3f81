import { LifecycleState } from '@aws-sdk/client-auto-scaling';
import { StateValue } from '@aws-sdk/client-cloudwatch';
import { InstanceStateName, SummaryStatus } from '@aws-sdk/client-ec2';
import { TargetHealthStateEnum } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import * as states from '../../shared/aws/states.ts';

describe.each([
  ['the state of an instance', states.readInstanceState, Object.values(InstanceStateName)],
  ['a status check', states.readCheckStatus, Object.values(SummaryStatus)],
  ['a target', states.readTargetState, Object.values(TargetHealthStateEnum)],
  ['an alarm', states.readAlarmState, Object.values(StateValue)],
  ['the health of a member', states.readHealth, ['Healthy', 'Unhealthy']],
  ['the place of a member in its group', states.readLifecycleState, Object.values(LifecycleState)],
])('the word for %s', (_, read, words) => {
  test('is read as AWS says it', () => {
    expect(words.map((word) => read(word))).toEqual(words);
  });

  test('is unknown where there is none, and where this version does not know it', () => {
    expect([undefined, '', 'Asleep', 'constructor', 'ok '].map((word) => read(word))).toEqual(Array(5).fill('unknown'));
  });
});
