import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHost, type Host } from '../../local/testbed/host.ts';
import type { SwitchPosition } from '../../shared/ports/kill-switch.ts';
import type { Interim } from '../../shared/ports/reporter.ts';
import { lowerConcurrency } from '../../shared/recovery/lower-concurrency.ts';
import { incident, policy } from '../remediation/examples.ts';

const start = Date.UTC(2026, 10, 20, 12);
const hour = 3_600_000;
const raising = { lambda: { concurrency: { max: 40, calm: '24h' } } };

let host: Host;
const reserved = () => {
  const found = host.aws.lambda.call('ana', 'GetFunctionConcurrency', { FunctionName: 'checkout' }) as {
    ReservedConcurrentExecutions?: number;
  };
  return found.ReservedConcurrentExecutions;
};
const sweep = (named: Record<string, unknown> = raising, position: SwitchPosition = 'on') =>
  lowerConcurrency({
    ...{ ledger: host.ledger, reporter: { interim: async (one: Interim) => tellPeople(one) } },
    ...{ reserves: host.ledger, lambda: host.clients.of(LambdaClient), cloudWatch: host.clients.of(CloudWatchClient) },
    ...{ killSwitch: { read: async () => position }, policy: policy(named), now: host.aws.world.clock.now },
  });
let told: Interim[];
/** People are told, as long as the channel works. */
const tellPeople = (one: Interim) => {
  if (!works) throw new Error('SNS is away');
  told.push(one);
};
let works: boolean;
const hoursLater = (hours: number) => host.aws.advanceTo(start + hours * hour);
const raise = async (from: number, to: number) => {
  await host.ledger.noteRaised({ name: 'checkout', from, to, at: host.aws.world.clock.now(), incident: 'error-rate-1' });
  host.aws.lambda.call('selfheal', 'PutFunctionConcurrency', { FunctionName: 'checkout', ReservedConcurrentExecutions: to });
};
const traffic = (perMinute: number) => host.aws.faults.inject({ fault: 'invoke-function', target: 'checkout', perMinute });

beforeEach(async () => {
  host = await createHost({ seed: 1, start, account: '111122223333', region: 'us-east-1' });
  host.aws.lambda.place({ name: 'checkout', modifiedAt: start, rates: { '': 600 }, tags: { selfheal: 'on' }, reserved: 10 });
  [told, works] = [[], true];
  await host.ledger.open(
    { ...incident({ failure: 'error-rate', resource: { type: 'service', id: 'checkout' } }), key: 'error-rate-1' },
    start,
  );
  await raise(10, 15);
  await raise(15, 23);
});
afterEach(() => host.close());

describe('what was raised of reserved concurrency', () => {
  test('is lowered to what it was at first, once, after a day of calm', async () => {
    await hoursLater(23);
    expect([await sweep(), reserved()]).toEqual([0, 23]);
    await hoursLater(25);
    expect([await sweep(), reserved()]).toEqual([1, 10]);
    expect([await sweep(), await host.ledger.raisedReserves()]).toEqual([0, []]);
  });

  test('is told to people, without urgency, and noted on the incident that raised it', async () => {
    await hoursLater(25);
    await sweep();
    const text = 'reserved concurrency of function checkout was lowered from 23 back to 10';
    expect(told).toMatchObject([
      { incident: 'error-rate-1', severity: 'low', resource: { id: 'checkout' }, reason: expect.stringContaining(text) },
    ]);
    expect((await host.ledger.read('error-rate-1'))?.afterwards).toContain(text);
  });

  test('is told by a later sweep where that fails, once', async () => {
    await hoursLater(25);
    works = false;
    await expect(sweep()).rejects.toThrow('SNS is away');
    expect([reserved(), told]).toEqual([10, []]);
    works = true;
    expect([await sweep(), await sweep(), told.length, reserved()]).toEqual([1, 0, 1, 10]);
  });

  test('stays while it is needed: it was throttled, or had more executions at once than before', async () => {
    await hoursLater(10);
    // 12 a second of 100 ms each are more than ten at once would bear.
    traffic(7200);
    await hoursLater(11);
    traffic(600);
    await hoursLater(30);
    expect([await sweep(), reserved()]).toEqual([0, 23]);
    await hoursLater(36);
    expect([await sweep(), reserved()]).toEqual([1, 10]);
  });

  test('is nobody else to touch: what a person has set since stays, and is forgotten', async () => {
    host.aws.lambda.call('ana', 'PutFunctionConcurrency', { FunctionName: 'checkout', ReservedConcurrentExecutions: 30 });
    await hoursLater(25);
    expect([await sweep(), reserved(), await host.ledger.raisedReserves()]).toEqual([0, 30, []]);
  });

  test('stays where the policy does not name it, or is a dry run, the switch is off, or the function has left', async () => {
    await hoursLater(25);
    expect(await Promise.all([sweep({}), sweep({ ...raising, mode: 'dry-run' }), sweep(raising, 'off')])).toEqual([0, 0, 0]);
    host.aws.lambda.call('ana', 'UntagResource', { Resource: host.aws.world.arn('lambda', 'function:checkout'), TagKeys: ['selfheal'] });
    expect([await sweep(), reserved()]).toEqual([0, 23]);
  });

  test('is forgotten with its function, and tried again where that fails', async () => {
    await hoursLater(25);
    const id = host.aws.faults.inject({ fault: 'fail-call', service: 'lambda', operation: 'PutFunctionConcurrency' });
    await expect(sweep()).rejects.toThrow('1 reserves could not be lowered: checkout: ');
    host.aws.faults.end(id);
    host.aws.lambda.call('ana', 'DeleteFunction', { FunctionName: 'checkout' });
    expect([await sweep(), await host.ledger.raisedReserves()]).toEqual([0, []]);
  });
});
