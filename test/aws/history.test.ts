import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { historyPermissions, readTrail, readTrailEvent } from '../../shared/aws/change-history.ts';
import { changeSchema } from '../../shared/model/outcome-schema.ts';
import { anyCharacter } from '../characters.ts';
import { instanceId, noon } from '../remediation/examples.ts';
import { type Answer, recordingClients, sdkError } from './recorder.ts';

const record = (change: Record<string, unknown> = {}) => ({
  eventSource: 'ec2.amazonaws.com',
  eventName: 'StopInstances',
  sourceIPAddress: '203.0.113.10',
  userAgent: 'aws-cli/2.15.0 md/awscrt',
  userIdentity: {
    type: 'AssumedRole',
    arn: 'arn:aws:sts::111122223333:assumed-role/operations/alice',
    sessionContext: { sessionIssuer: { userName: 'operations' } },
  },
  ...change,
});
const event = (change: Record<string, unknown> = {}, beside: Record<string, unknown> = {}) => ({
  EventName: 'StopInstances',
  EventSource: 'ec2.amazonaws.com',
  EventTime: new Date(noon),
  Username: 'alice',
  CloudTrailEvent: JSON.stringify(record(change)),
  ...beside,
});

describe('an event of CloudTrail', () => {
  test('says who called what, from where, with what and when', () => {
    expect(readTrailEvent(event())).toEqual({
      at: '2026-11-20T12:00:00.000Z',
      call: 'ec2:StopInstances',
      who: 'operations/alice',
      arn: 'arn:aws:sts::111122223333:assumed-role/operations/alice',
      from: '203.0.113.10',
      agent: 'aws-cli/2.15.0',
      via: null,
      error: null,
      selfheal: false,
      readOnly: false,
      byService: false,
    });
  });

  test.each([
    ['a user', { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/bob', userName: 'bob' }, 'bob', false],
    ['the root user', { type: 'Root', arn: 'arn:aws:iam::111122223333:root' }, 'alice', false],
    ['a service for itself', { type: 'AWSService', invokedBy: 'autoscaling.amazonaws.com' }, 'alice', true],
  ])('names %s', (_, userIdentity, who, byService) => {
    expect(readTrailEvent(event({ userIdentity }))).toMatchObject({ who, byService });
  });

  test('tells a call that CloudFormation made for somebody, a refused one, a read, and one of selfheal', () => {
    const userIdentity = { type: 'IAMUser', userName: 'bob', invokedBy: 'cloudformation.amazonaws.com' };
    expect(readTrailEvent(event({ userIdentity }))).toMatchObject({ who: 'bob', via: 'cloudformation.amazonaws.com', byService: false });
    expect(readTrailEvent(event({ errorCode: 'Client.UnauthorizedOperation' })).error).toBe('Client.UnauthorizedOperation');
    expect(readTrailEvent(event({}, { ReadOnly: 'true' })).readOnly).toBe(true);
    expect(readTrailEvent(event({ eventName: 'DescribeInstances' }, { EventName: 'DescribeInstances' })).readOnly).toBe(true);
    expect(readTrailEvent(event({ userAgent: 'aws-sdk-js/3 app/selfheal' })).selfheal).toBe(true);
    expect(readTrailEvent(event({ userAgent: 'aws-sdk-js/3 app/selfheal-not' })).selfheal).toBe(false);
  });

  test.each(['{', '[]', '"x"', 'null', '{"userIdentity": 3, "userAgent": []}', undefined])(
    'that reads %s leaves what stands beside it',
    (text) => {
      expect(readTrailEvent({ ...event(), CloudTrailEvent: text })).toMatchObject({ call: 'ec2:StopInstances', who: 'alice', error: null });
    },
  );

  test('is a bounded line without controls, whatever it holds', () => {
    const text = fc.oneof(fc.string({ unit: anyCharacter, maxLength: 400 }), fc.constant('x\n\u202e'.repeat(200)));
    fc.assert(
      fc.property(text, text, text, text, (name, agent, ip, code) => {
        const call = readTrailEvent(
          event({ userIdentity: { userName: name, arn: name, invokedBy: name }, userAgent: agent, sourceIPAddress: ip, errorCode: code }),
        );
        const change = changeSchema.parse(call);
        for (const value of Object.values(change)) if (typeof value === 'string') expect(value).toMatch(/^[^\p{Cc}\u202e]{0,256}$/u);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the trail of a resource', () => {
  const range = { from: noon - 5_400_000, to: noon };
  const asking = (...answers: Answer[]) => {
    const { clients, calls } = recordingClients(() => answers.shift() ?? sdkError('Unexpected'));
    return { read: () => readTrail(clients.cloudTrail, instanceId, range), calls };
  };
  const page = (NextToken?: string): Answer => ({ output: { Events: [event()], ...(NextToken ? { NextToken } : {}) } });

  test('is asked for by its name and time, in one call', async () => {
    const { read, calls } = asking(page());
    expect(await read()).toMatchObject({ calls: [{ call: 'ec2:StopInstances' }], cut: false });
    expect(calls).toEqual([
      {
        permission: historyPermissions[0],
        input: {
          LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: instanceId }],
          StartTime: new Date(range.from),
          EndTime: new Date(range.to),
        },
      },
    ]);
  });

  test('is read on for three pages at most, and says that it was cut', async () => {
    const { read, calls } = asking(page('a'), page('b'), page('c'));
    const { calls: found, cut } = await read();
    expect({ found: found.length, cut }).toEqual({ found: 3, cut: true });
    expect(calls.map(({ input }) => input.NextToken)).toEqual([undefined, 'a', 'b']);
  });

  test('keeps what it has where a later page is throttled', async () => {
    const { read } = asking(page('a'), sdkError('ThrottlingException', 400));
    const { calls: found, cut } = await read();
    expect({ found: found.length, cut }).toEqual({ found: 1, cut: true });
  });

  test('throws what the first look-up throws', async () => {
    await expect(asking(sdkError('AccessDeniedException', 400)).read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

test.each([
  ['an alarm that reboots its instance', 'arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForCloudWatchEvents/alarm', true],
  ["somebody's rule on the bus", 'arn:aws:sts::111122223333:assumed-role/my-rule/AWSServiceRoleForCloudWatchEvents', false],
])('a call of %s is one by AWS for itself: %s', (_, arn, byService) => {
  const record = { userIdentity: { type: 'AssumedRole', arn, invokedBy: 'events.amazonaws.com' } };
  expect(readTrailEvent({ EventName: 'RebootInstances', CloudTrailEvent: JSON.stringify(record) }).byService).toBe(byService);
});
