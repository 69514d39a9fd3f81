import type { Call, Interceptor } from '../wire/gateway.ts';
import { AwsError } from '../wire/protocol/errors.ts';
import type { Clock } from './clock.ts';
import { throttleParameters } from './model-parameters.ts';

/** Tokens that the bucket holds when full, and how many come back in a second. */
export type BucketSize = { readonly size: number; readonly perSecond: number };

/** A token bucket on simulated time, full at first. */
export type Bucket = {
  /** Takes `tokens`, or none if there are not that many. */
  take(tokens: number): boolean;
};

/** A token bucket that is full at first, and refills with the clock: `size` in tokens, `perSecond` in tokens a second. */
export const createBucket = ({ size, perSecond }: BucketSize, clock: Pick<Clock, 'now'>): Bucket => {
  let tokens = size;
  let since = clock.now();
  return {
    take: (wanted) => {
      const now = clock.now();
      tokens = Math.min(size, tokens + ((now - since) / 1000) * perSecond);
      since = now;
      if (tokens < wanted) return false;
      tokens -= wanted;
      return true;
    },
  };
};

const isRead = (operation: string) => /^(Describe|Get|List|Lookup|Search)/.test(operation);

/** A describe call that neither filters nor pages nor names what it wants costs EC2 more, and has a smaller bucket. */
const isUnbounded = (input: Record<string, unknown>) =>
  !Object.entries(input).some(([name, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== undefined && name !== 'DryRun' && name !== 'IncludeAllInstances',
  );

/** Instances that a call asks for: what it pays in resource tokens. */
const resources = ({ input }: Call): number => {
  if (Array.isArray(input.InstanceIds)) return input.InstanceIds.length;
  return typeof input.MaxCount === 'number' ? input.MaxCount : 1;
};

type Toll = { bucket: string; size: BucketSize; tokens: number };

const ec2Tolls = (call: Call): Toll[] => {
  const { requests, actions, resources: resourceBuckets } = throttleParameters.ec2;
  const { operation } = call;
  const unbounded = isRead(operation) && isUnbounded(call.input);
  const kind = isRead(operation) ? (unbounded ? requests.unbounded : requests.nonMutating) : requests.mutating;
  const own = Object.hasOwn(actions, operation) ? actions[operation as keyof typeof actions] : kind;
  const tolls: Toll[] = [{ bucket: `${operation}${unbounded ? ' unbounded' : ''}`, size: own, tokens: 1 }];
  if (Object.hasOwn(resourceBuckets, operation)) {
    const size = resourceBuckets[operation as keyof typeof resourceBuckets];
    tolls.push({ bucket: `${operation} resources`, size, tokens: resources(call) });
  }
  return tolls;
};

/** Parameters and documents have limits that nobody here comes near. */
const runCommand = /^(SendCommand|CancelCommand|(Get|List)Command.*|DescribeInstanceInformation)$/;

const tollsOf = (call: Call): Toll[] => {
  const { operation } = call;
  switch (call.service) {
    case 'ec2':
      return ec2Tolls(call);
    case 'autoscaling': {
      const kind = isRead(operation) ? 'reads' : 'writes';
      return [{ bucket: kind, size: throttleParameters.autoScaling[kind], tokens: 1 }];
    }
    case 'monitoring': {
      const { actions, others } = throttleParameters.cloudWatch;
      const size = Object.hasOwn(actions, operation) ? actions[operation as keyof typeof actions] : others;
      return [{ bucket: operation, size, tokens: 1 }];
    }
    case 'cloudtrail':
      return operation === 'LookupEvents' ? [{ bucket: operation, size: throttleParameters.cloudTrail.lookupEvents, tokens: 1 }] : [];
    case 'lambda': {
      if (/^Invoke|Durable/.test(operation)) return [];
      const kind = operation === 'GetFunction' ? 'getFunction' : 'management';
      return [{ bucket: kind, size: throttleParameters.lambda[kind], tokens: 1 }];
    }
    case 'ssm':
      return runCommand.test(operation) ? [{ bucket: operation, size: throttleParameters.systemsManager, tokens: 1 }] : [];
    default:
      return [];
  }
};

const refusals: Record<string, () => AwsError> = {
  ec2: () => new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503),
  autoscaling: () => new AwsError('Throttling', 'Rate exceeded'),
  monitoring: () => new AwsError('Throttling', 'Rate exceeded'),
  cloudtrail: () => new AwsError('ThrottlingException', 'Rate exceeded'),
  lambda: () => new AwsError('TooManyRequestsException', 'Rate exceeded', 429),
  ssm: () => new AwsError('ThrottlingException', 'Rate exceeded'),
};

/** Whether calls are held to AWS's limits. */
export const throttles = ['aws', 'off'] as const;
/** `aws`: calls beyond the limits are refused as AWS refuses them. `off`: none is. */
export type ThrottleMode = (typeof throttles)[number];

/**
 * What buckets get beside simulated time where that goes more slowly than real time, or stands still: callers who back off and try again
 * get through nevertheless.
 */
export const refilledByRealTime = (speed: number, now = () => performance.now()): (() => number) => {
  const began = now();
  return () => Math.max(0, 1 - speed) * (now() - began);
};

/** Refuses calls that come faster than the account's token buckets refill, on the time that `clock` tells. */
export const createThrottle = (clock: Pick<Clock, 'now'>): Interceptor => {
  const buckets = new Map<string, Bucket>();
  return {
    before: (call) => {
      for (const { bucket: name, size, tokens } of tollsOf(call)) {
        const key = `${call.service} ${name}`;
        let bucket = buckets.get(key);
        if (!bucket) {
          bucket = createBucket(size, clock);
          buckets.set(key, bucket);
        }
        if (!bucket.take(tokens)) throw (refusals[call.service] as () => AwsError)();
      }
    },
  };
};
