import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createClock } from '../src/core/clock.ts';
import { createBucket, createThrottle, refilledByRealTime } from '../src/core/throttle.ts';
import type { Call } from '../src/wire/gateway.ts';
import type { AwsError } from '../src/wire/protocol/errors.ts';

const call = (service: string, operation: string, input: Record<string, unknown> = {}): Call => ({
  service,
  operation,
  input,
  context: { now: 0, requestId: 'r', account: '123456789012', region: 'us-east-1', accessKey: 'k', userAgent: '' },
});

const setUp = () => {
  const clock = createClock(0);
  const throttle = createThrottle(clock);
  const refusal = (wanted: Call): AwsError | undefined => {
    try {
      throttle.before?.(wanted);
      return undefined;
    } catch (error) {
      return error as AwsError;
    }
  };
  const passes = (wanted: Call, times: number) =>
    Array.from({ length: times }, () => refusal(wanted)).filter((e) => e === undefined).length;
  return { clock, refusal, passes };
};

test.each([
  [0, 4000],
  [0.5, 2000],
  [1, 0],
  [60, 0],
])('at a speed of %d, four real seconds refill as %d ms besides simulated time', (speed, more) => {
  let now = 1000;
  const refilled = refilledByRealTime(speed, () => now);
  now += 4000;
  expect(refilled()).toBe(more);
});

describe('a token bucket', () => {
  test('never lets more through than it held and was refilled with', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.record({ wait: fc.integer({ min: 0, max: 5000 }), tokens: fc.integer({ min: 1, max: 5 }) })),
        (size, perSecond, steps) => {
          const clock = createClock(0);
          const bucket = createBucket({ size, perSecond }, clock);
          let taken = 0;
          for (const { wait, tokens } of steps) {
            clock.advanceTo(clock.now() + wait);
            if (bucket.take(tokens)) taken += tokens;
          }
          expect(taken).toBeLessThanOrEqual(size + (clock.now() / 1000) * perSecond + 1e-6);
        },
      ),
    );
  });
});

// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
describe('EC2 throttling', () => {
  test('lets 5 StartInstances through at once, then 2 a second', () => {
    const { clock, passes } = setUp();
    const start = call('ec2', 'StartInstances', { InstanceIds: ['i-1'] });
    expect(passes(start, 10)).toBe(5);
    clock.advanceTo(1000);
    expect(passes(start, 10)).toBe(2);
  });

  test('refuses with RequestLimitExceeded and 503', () => {
    const { passes, refusal } = setUp();
    const reboot = call('ec2', 'RebootInstances', { InstanceIds: ['i-1'] });
    expect(passes(reboot, 60)).toBe(50);
    expect(refusal(reboot)).toMatchObject({ code: 'RequestLimitExceeded', status: 503 });
  });

  test('gives every action a bucket of its own', () => {
    const { passes } = setUp();
    expect(passes(call('ec2', 'RebootInstances', { InstanceIds: ['i-1'] }), 60)).toBe(50);
    expect(passes(call('ec2', 'StopInstances', { InstanceIds: ['i-1'] }), 60)).toBe(50);
  });

  test('lets fewer describe calls through where they ask for everything', () => {
    const { passes } = setUp();
    expect(passes(call('ec2', 'DescribeInstances'), 200)).toBe(50);
    expect(passes(call('ec2', 'DescribeInstances', { InstanceIds: ['i-1'] }), 200)).toBe(100);
    expect(passes(call('ec2', 'DescribeVolumes', { MaxResults: 5 }), 200)).toBe(100);
  });

  test('takes a resource token for each instance that a call starts', () => {
    const { clock, refusal } = setUp();
    const ids = Array.from({ length: 600 }, (_, i) => `i-${i}`);
    const start = call('ec2', 'StartInstances', { InstanceIds: ids });
    expect(refusal(start)).toBeUndefined();
    expect(refusal(start)).toMatchObject({ code: 'RequestLimitExceeded' });
    clock.advanceTo(100_000);
    expect(refusal(start)).toBeUndefined();
  });
});

describe('the other services', () => {
  test('Auto Scaling shares one limit between its calls and answers Throttling with 400', () => {
    const { passes, refusal } = setUp();
    expect(passes(call('autoscaling', 'SetDesiredCapacity'), 30)).toBe(20);
    expect(refusal(call('autoscaling', 'SetInstanceHealth'))).toMatchObject({ code: 'Throttling', status: 400 });
    expect(refusal(call('autoscaling', 'DescribeAutoScalingGroups'))).toBeUndefined();
  });

  // https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
  test('CloudTrail takes two lookups a second', () => {
    const { clock, passes, refusal } = setUp();
    expect(passes(call('cloudtrail', 'LookupEvents'), 5)).toBe(2);
    expect(refusal(call('cloudtrail', 'LookupEvents'))).toMatchObject({ code: 'ThrottlingException', status: 400 });
    clock.advanceTo(1000);
    expect(passes(call('cloudtrail', 'LookupEvents'), 5)).toBe(2);
  });

  test('CloudWatch takes three PutMetricAlarm a second', () => {
    const { passes, refusal } = setUp();
    expect(passes(call('monitoring', 'PutMetricAlarm'), 10)).toBe(3);
    expect(refusal(call('monitoring', 'PutMetricAlarm'))).toMatchObject({ code: 'Throttling', status: 400 });
  });

  test('a service without figures is not throttled', () => {
    expect(setUp().passes(call('ssm', 'GetParameter'), 1000)).toBe(1000);
  });
});
