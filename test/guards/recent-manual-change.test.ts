import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { recentManualChange, recentManualChangePermissions } from '../../shared/guards/recent-manual-change.ts';
import { type Answer, sdkError } from '../aws/recorder.ts';
import { instanceId, noon } from '../remediation/examples.ts';
import { effective } from './examples.ts';
import { lookingUp } from './look-up.ts';

const minute = 60_000;
const call = 'cloudtrail:LookupEvents';
type Told = { name?: string; record?: unknown };
const event = ({ name = 'StopInstances', record = { userAgent: 'aws-cli/2', userIdentity: { type: 'IAMUser' } } }: Told = {}) => ({
  EventName: name,
  EventSource: 'ec2.amazonaws.com',
  Username: 'alice',
  EventTime: new Date(noon - 4 * minute),
  CloudTrailEvent: typeof record === 'string' ? record : JSON.stringify(record),
});
const told = (...events: object[]): Answer => ({ output: { Events: events } });
const asking = (answer: Answer) => lookingUp({ [call]: answer }, { action: stopStartInstance });

describe('recent-manual-change', () => {
  test.each([
    ...['StopInstances', 'StartInstances', 'RebootInstances', 'TerminateInstances', 'TerminateInstanceInAutoScalingGroup'],
    ...['SetDesiredCapacity', 'UpdateAutoScalingGroup', 'EnterStandby', 'ExitStandby', 'AttachInstances', 'DetachInstances'],
    'SetInstanceProtection',
  ])('holds for now where somebody has just called %s', async (name) => {
    expect(await recentManualChange.check(asking(told(event({ name }))).input)).toEqual({
      answer: 'hold',
      passing: true,
      reason: `alice called ${name} on it 4 min 00 s ago, and may still be working on it`,
    });
  });

  test.each<[string, object[]]>([
    ['nobody did anything', []],
    ['somebody only tagged it', [event({ name: 'CreateTags' })]],
    ['it was selfheal itself', [event({ record: { userAgent: 'aws-sdk-js/3.9 ua/2.1 os/linux app/selfheal' } })]],
    ['he was not allowed to', [event({ record: { userAgent: 'aws-cli/2', errorCode: 'Client.UnauthorizedOperation' } })]],
    ['it was its group', [event({ record: { userIdentity: { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' } } })]],
    [
      'it was its group, in a role of its own',
      [event({ record: { userIdentity: { type: 'AssumedRole', invokedBy: 'autoscaling.amazonaws.com' } } })],
    ],
  ])('passes where %s', async (_, events) => {
    expect(await recentManualChange.check(asking(told(...events)).input)).toEqual({ answer: 'pass' });
  });

  test.each<[string, object[]]>([
    ['somebody whose agent only begins like ours', [event({ record: { userAgent: 'aws-sdk-js/3.9 app/selfheal-fork' } })]],
    ['somebody of whom no more is known', [event({ record: '{' })]],
    ['a service on behalf of somebody', [event({ record: { userIdentity: { type: 'AssumedRole', invokedBy: 'ssm.amazonaws.com' } } })]],
    ['somebody after selfheal', [event({ record: { userAgent: 'app/selfheal' } }), event()]],
  ])('holds for %s', async (_, events) => {
    expect(await recentManualChange.check(asking(told(...events)).input)).toMatchObject({ answer: 'hold', passing: true });
  });

  test('asks for what was done to the target within the time that the policy says', async () => {
    const { input, calls } = asking(told());
    await recentManualChange.check(input);
    expect(calls).toEqual([
      {
        permission: recentManualChangePermissions[0],
        input: {
          LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: instanceId }],
          StartTime: new Date(noon - 30 * minute),
          EndTime: new Date(noon),
        },
      },
    ]);
  });

  test('asks nobody before a reboot, or where the policy gives it no time', async () => {
    const reboot = lookingUp({}, { action: rebootInstance });
    const untimed = lookingUp({}, { action: stopStartInstance, policy: effective({ healers: { person: 0 } }) });
    for (const { input, calls } of [reboot, untimed]) {
      expect(await recentManualChange.check(input)).toEqual({ answer: 'pass' });
      expect(calls).toEqual([]);
    }
  });

  test.each<[string, Answer, boolean]>([
    ['denied', sdkError('AccessDeniedException', 400), false],
    ['throttled', sdkError('ThrottlingException', 400), true],
    ['timed out', sdkError('TimeoutError'), true],
  ])('holds where its look-up is %s', async (_, error, passing) => {
    expect(await evaluateGuards([recentManualChange], asking(error).input)).toMatchObject({ answer: 'hold', passing });
  });
});
