import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, inProcess, type LocalAws } from '#local-aws';
import { createClients } from '../../shared/aws/clients.ts';
import type { FunctionFacts } from '../../shared/model/snapshot.ts';
import { describeFunction } from '../../shared/resources/function.ts';
import { incident, policy } from '../remediation/examples.ts';

const start = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;
const rollback = { lambda: { rollback: { alias: 'live' } } };

let aws: LocalAws;
const clients = () =>
  createClients({
    region: 'us-east-1',
    requestHandler: inProcess(aws.handle),
    credentials: { accessKeyId: 'k', secretAccessKey: 's' },
  } as never);
const look = async (id = 'checkout:live', named: Record<string, unknown> = rollback, failedMinutesAgo = 0) => {
  const now = aws.world.clock.now();
  const about = incident({ resource: { type: 'service', id }, at: now - failedMinutesAgo * minute, evidence: { namespace: 'AWS/Lambda' } });
  const { service } = await describeFunction(clients(), { incident: about, now, known: undefined, policy: policy(named) });
  return service as FunctionFacts | null;
};
const until = (minutes: number) => aws.advanceTo(start + minutes * minute);
const deploy = (how: object = {}) =>
  aws.faults.inject({ fault: 'bad-deploy', target: 'checkout', alias: 'live', errors: 0.5, by: 'ana', ...how });

beforeEach(() => {
  aws = createLocalAws({ seed: 1, start, account: '111122223333', region: 'us-east-1', throttle: 'off' });
  aws.lambda.place({
    ...{ name: 'checkout', modifiedAt: start, published: [start, start, start], aliases: { live: '3' }, rates: { live: 600 } },
    ...{ tags: { selfheal: 'on' }, reserved: 20 },
  });
});
afterEach(() => aws.close());

describe('a look at a function', () => {
  test('sees which version serves since when, what comes of its requests, and what came of those of the one before', async () => {
    await until(20);
    deploy();
    await until(25);
    const seen = await look();
    expect(seen).toMatchObject({
      kind: 'function',
      id: 'checkout',
      tags: { selfheal: 'on' },
      unreleased: null,
      shifting: null,
      concurrency: null,
    });
    expect(seen?.alias).toMatchObject({ name: 'live', version: '4' });
    expect(seen?.release).toEqual({
      newer: { name: 'version 4', requests: 2400, errors: 1200 },
      since: start + 20 * minute,
      first: { requests: 600, errors: 300 },
      lately: { requests: 1200, errors: 600 },
      errors: 1200,
      before: [
        {
          ...{ id: '3', name: 'version 3', requests: 3000, errors: 0, gone: false, later: false },
          last: { requests: 600, errors: 0 },
        },
      ],
    });
  });

  test('sees that what serves has done so for long, that what served before is deleted, or that it is newer', async () => {
    await until(60);
    expect((await look())?.release).toMatchObject({ since: null });
    deploy();
    aws.lambda.call('ana', 'DeleteFunction', { FunctionName: 'checkout', Qualifier: '3' });
    await until(65);
    expect((await look())?.release).toMatchObject({ before: [{ id: '3', gone: true }] });
    aws.lambda.call('ana', 'UpdateAlias', { FunctionName: 'checkout', Name: 'live', FunctionVersion: '2' });
    await until(68);
    expect((await look())?.release).toMatchObject({ newer: { name: 'version 2' }, before: [{ id: '4', later: true }] });
  });

  test('sees an alias that is being shifted, and one that several versions served', async () => {
    await until(20);
    deploy({ weight: 0.1 });
    await until(22);
    expect((await look())?.shifting).toBe('alias live of function checkout is being shifted: 10 % to version 4');
    aws.lambda.call('ana', 'UpdateAlias', { FunctionName: 'checkout', Name: 'live', FunctionVersion: '2', RoutingConfig: {} });
    await until(30);
    const { release } = (await look()) ?? {};
    expect(release && 'before' in release && release.before.map(({ id }) => id)).toEqual(['3', '4']);
  });

  test('concludes nothing where the metrics show no version, or not all', async () => {
    await until(20);
    deploy();
    expect((await look())?.release).toEqual({ unread: 'the metrics show no invocation of version 4 by checkout:live yet' });
    // Far from the versions that are looked for.
    aws.lambda.place({
      name: 'many',
      modifiedAt: start,
      published: Array.from({ length: 60 }, () => start),
      aliases: { live: '1' },
      rates: { live: 60 },
    });
    await until(25);
    aws.lambda.call('ana', 'UpdateAlias', { FunctionName: 'many', Name: 'live', FunctionVersion: '60' });
    await until(30);
    expect((await look('many:live'))?.release).toMatchObject({
      unread: expect.stringMatching(/the version of only \d+ of \d+ invocations/),
    });
  });

  test.each([
    ['checkout', { lambda: { rollback: {} } }, 'no alias is named that serves function checkout'],
    ['checkout:3', rollback, 'the alarm is about checkout:3'],
    ['checkout:beta', rollback, 'function checkout has no alias beta'],
    ['checkout', { lambda: { concurrency: { max: 40 } } }, 'lambda.rollback in the policy is off'],
  ])('says why there is nothing to go back from: %s, %j', async (id, named, why) => {
    expect((await look(id, named))?.unreleased).toContain(why);
  });

  test('names a change of the function itself where its alias points to $LATEST', async () => {
    aws.lambda.call('ana', 'UpdateAlias', { FunctionName: 'checkout', Name: 'live', FunctionVersion: '$LATEST', RoutingConfig: {} });
    await until(10);
    aws.faults.inject({ fault: 'bad-deploy', target: 'checkout', by: 'ana' });
    await until(15);
    const why =
      'alias live of function checkout points to $LATEST; its code or settings last changed at 12:10 UTC, 5 min 00 s before the failure';
    expect((await look())?.unreleased).toBe(why);
  });

  test('sees what is reserved, what is left, and what is throttled', async () => {
    await until(5);
    aws.faults.inject({ fault: 'invoke-function', target: 'checkout', qualifier: 'live', perMinute: 18_000 });
    await until(10);
    const { concurrency } = (await look('checkout', { lambda: { concurrency: { max: 40 } } })) ?? {};
    expect(concurrency).toEqual({ reserved: 20, unreserved: 980, most: 20, throttles: 24_000 });
  });

  test('tells of what should bring it work and is disabled: by Lambda itself, or by somebody, with who where CloudTrail knows', async () => {
    aws.lambda.placeMapping({ functionName: 'checkout', target: 'live', source: aws.world.arn('sqs', 'orders') });
    const told = async () => {
      const now = aws.world.clock.now();
      const about = incident({ resource: { type: 'service', id: 'checkout:live' }, at: now, evidence: { namespace: 'AWS/Lambda' } });
      return (await describeFunction(clients(), { incident: about, now, known: undefined, policy: policy(rollback) })).disabledMappings;
    };
    await until(5);
    expect(await told()).toBeUndefined();
    aws.faults.inject({ fault: 'disable-mapping', target: 'checkout' });
    const lambdaDid =
      'Lambda itself has disabled what reads orders for function checkout:live at 12:05 UTC: SYSTEM_INITIATED, PROBLEM: Function call failed';
    expect(await told()).toEqual([lambdaDid]);
    const [{ UUID } = { UUID: '' }] = (aws.lambda.call('ana', 'ListEventSourceMappings', {}) as { EventSourceMappings: { UUID: string }[] })
      .EventSourceMappings;
    aws.lambda.call('ana', 'UpdateEventSourceMapping', { UUID, Enabled: true });
    await until(10);
    aws.lambda.call('ana', 'UpdateEventSourceMapping', { UUID, Enabled: false });
    expect(await told()).toEqual(['someone has disabled what reads orders for function checkout:live at 12:10 UTC']);
    await until(30);
    expect(await told()).toEqual(['ana has disabled what reads orders for function checkout:live at 12:10 UTC']);
    await until(26 * 60);
    expect(await told()).toBeUndefined();
  });

  test('says that there is none only if Lambda says so, and throws what it is refused', async () => {
    expect(await look('none')).toBeNull();
    const id = aws.faults.inject({
      fault: 'fail-call',
      service: 'cloudwatch',
      operation: 'GetMetricData',
      code: 'AccessDenied',
      status: 403,
    });
    await expect(look()).rejects.toMatchObject({ name: 'AccessDenied' });
    aws.faults.end(id);
    expect(await look()).not.toBeNull();
  });
});
