import { describe, expect, test } from '@jest/globals';
import { ingest, PartialIntakeError } from '../../shared/intake/ingest.ts';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';

const stopped = (instanceId = 'i-0a1b2c3d4e5f60718', state = 'stopped') => ({
  version: '0',
  id: '11111111-1111-1111-1111-111111111111',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '123456789012',
  time: '2026-11-20T12:00:00Z',
  region: 'us-east-1',
  resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${instanceId}`],
  detail: { 'instance-id': instanceId, state },
});

const sqs = (...bodies: unknown[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    receiptHandle: 'r',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {},
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:events',
    awsRegion: 'us-east-1',
  })),
});

const setUp = (refuses: (incident: Incident) => boolean = () => false, timeLeft = () => 30_000, call = async () => {}) => {
  const started: Incident[] = [];
  const logged: Record<string, unknown>[] = [];
  const deps = {
    home: { account: '123456789012', region: 'us-east-1' },
    rules: rulesOf(parsePolicy('')),
    topics: null,
    start: async (incident: Incident) => {
      await call();
      if (refuses(incident)) throw Object.assign(new Error('rate exceeded'), { name: 'TooManyRequestsException' });
      started.push(incident);
      return 'started' as const;
    },
    timeLeft,
    log: (entry: Record<string, unknown>) => logged.push(entry),
  };
  return { started, logged, take: (event: unknown) => ingest(event, deps) };
};

describe('taking in an event', () => {
  test('starts one incident for it', async () => {
    const { take, started, logged } = setUp();
    const result = await take(stopped());
    expect(started).toHaveLength(1);
    expect(logged).toMatchObject([{ level: 'INFO', message: 'incident started', incident: started[0]?.key, failure: 'instance-stopped' }]);
    expect(result).toMatchObject({
      ignored: 0,
      incidents: [{ incident: started[0]?.key, failure: 'instance-stopped', start: 'started' }],
      rejected: [],
      batchItemFailures: [],
    });
  });

  test('keeps an event that names another account than the one it is from, and starts nothing for it', async () => {
    const { take, started, logged } = setUp();
    const forged = { ...stopped(), account: '444455556666' };
    const error = 'account: sent by account 444455556666, but about account 123456789012';
    await expect(take(forged)).rejects.toThrow(new PartialIntakeError([`record 0 was rejected: ${error}`], {} as never));
    expect(started).toEqual([]);
    expect(logged).toMatchObject([{ level: 'ERROR', message: 'record rejected', error }]);
    // From a queue it alone goes back, and in the end to the dead letters.
    expect(await take(sqs(stopped(), forged))).toMatchObject({ incidents: [{}], batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });

  test('starts one incident for two tellings of it in one batch', async () => {
    const { take, started } = setUp();
    await take(sqs(stopped(), stopped()));
    expect(started).toHaveLength(1);
  });

  test('takes in both copies of one alarm in one batch, of which one tells more', async () => {
    const { take, started } = setUp();
    const alarm = { AlarmName: 'web', AWSAccountId: '123456789012', Region: 'US East (N. Virginia)', NewStateValue: 'ALARM' };
    const Dimensions = [{ name: 'InstanceId', value: 'i-0a1b2c3d4e5f60718' }];
    const Trigger = {
      Namespace: 'AWS/EC2',
      MetricName: 'StatusCheckFailed_Instance',
      Dimensions,
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 0,
    };
    const common = {
      ...{ ...alarm, AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:web', OldStateValue: 'OK', NewStateReason: 'it fails' },
      StateChangeTime: '2026-11-20T12:00:00.000+0000',
    };
    const more = { ComparisonOperator: 'GreaterThanThreshold', Statistic: 'MAXIMUM' };
    await take(sqs({ ...common, Trigger }, { ...common, Trigger: { ...Trigger, ...more } }));
    expect(new Set(started.map(({ key }) => key)).size).toBe(1);
    expect(started.map(({ evidence }) => 'sideWanted' in evidence)).toEqual([true, false]);
  });

  test('starts nothing for what is no failure', async () => {
    const { take, started, logged } = setUp();
    expect(await take(stopped('i-0a1b2c3d4e5f60718', 'running'))).toMatchObject({ incidents: [], ignored: 1 });
    expect(started).toEqual([]);
    expect(logged).toMatchObject([{ level: 'INFO', message: 'signal ignored', kind: 'ec2-state', region: 'us-east-1' }]);
  });

  test('takes the good records of a batch in and gives the bad one back to the queue', async () => {
    const { take, started, logged } = setUp();
    const result = await take(sqs(stopped(), 'no event at all', stopped('i-0ffffffffffffffff')));
    expect(started.map(({ resource }) => resource.id)).toEqual(['i-0a1b2c3d4e5f60718', 'i-0ffffffffffffffff']);
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: 'm1' }]);
    expect(logged.filter(({ level }) => level === 'ERROR')).toHaveLength(1);
  });

  test('throws for a rejected event that no queue would keep, so that its dead-letter queue does', async () => {
    const { take } = setUp();
    await expect(take(stopped('i-nonsense'))).rejects.toThrow(PartialIntakeError);
  });

  test('gives a record back to the queue whose incident could not be started, and that record alone', async () => {
    const { take, started, logged } = setUp(({ resource }) => resource.id === 'i-0a1b2c3d4e5f60718');
    const result = await take(sqs(stopped(), stopped('i-0ffffffffffffffff')));
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
    expect(started.map(({ resource }) => resource.id)).toEqual(['i-0ffffffffffffffff']);
    expect(logged.filter(({ level }) => level === 'ERROR')).toMatchObject([{ error: 'TooManyRequestsException: rate exceeded' }]);
  });

  test('throws once all else is started where one incident could not be, and no queue would keep it', async () => {
    const { take, started } = setUp(({ resource }) => resource.id === 'i-0a1b2c3d4e5f60718');
    const error = await take([stopped(), stopped('i-0ffffffffffffffff')]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PartialIntakeError);
    expect((error as PartialIntakeError).message).toContain('was not started: TooManyRequestsException');
    expect((error as PartialIntakeError).result.incidents).toHaveLength(1);
    expect(started.map(({ resource }) => resource.id)).toEqual(['i-0ffffffffffffffff']);
  });

  test('starts what a record says before it reads the next one', async () => {
    const { take, started } = setUp(undefined, undefined, () => new Promise(setImmediate));
    const seen: number[] = [];
    const next = {
      get detail() {
        seen.push(started.length);
        throw new Error('out of memory');
      },
      'detail-type': 'EC2 Instance State-change Notification',
      source: 'aws.ec2',
    };
    await expect(take([stopped(), next])).rejects.toThrow(PartialIntakeError);
    expect(seen[0]).toBe(1);
    expect(started).toHaveLength(1);
  });

  test('starts the first of each of twenty records by itself, and those of more side by side', async () => {
    const running: number[] = [];
    let now = 0;
    const { take } = setUp(undefined, undefined, async () => {
      running.push(++now);
      await new Promise(setImmediate);
      now--;
    });
    await take(sqs(...Array.from({ length: 23 }, (_, i) => stopped(`i-${String(i).padStart(17, '0')}`))));
    expect(running).toEqual([...Array(20).fill(1), 1, 2, 3]);
  });

  test('says in at most 2,000 characters what could not be processed, from its beginning', () => {
    const result = { incidents: [], ignored: 0, rejected: [], batchItemFailures: [] };
    expect(new PartialIntakeError(['a first', 'a second'], result).message).toBe('a first; a second');
    expect(new PartialIntakeError(['x'.repeat(3000)], result).message).toHaveLength(2000);
  });

  const retirement = (entities: number, startTime = 'Mon, 30 Nov 2026 12:00:00 GMT') => ({
    ...stopped(),
    'detail-type': 'AWS Health Event',
    source: 'aws.health',
    resources: [],
    detail: {
      eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED/one',
      service: 'EC2',
      eventTypeCode: 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED',
      eventTypeCategory: 'scheduledChange',
      statusCode: 'upcoming',
      eventRegion: 'us-east-1',
      startTime,
      lastUpdatedTime: 'Fri, 20 Nov 2026 12:00:00 GMT',
      communicationId: 'one',
      affectedEntities: Array.from({ length: entities }, (_, i) => ({
        entityValue: `i-${i.toString(16).padStart(17, '0')}`,
        status: 'PENDING',
      })),
    },
  });

  test('starts the thousand incidents of one event side by side, so many at once, and tells of them in their order', async () => {
    let running = 0;
    let most = 0;
    const { take, started } = setUp(undefined, undefined, async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    });
    const { incidents } = await take(retirement(1000));
    expect(started).toHaveLength(1000);
    expect(most).toBeGreaterThan(5);
    expect(most).toBeLessThanOrEqual(20);
    expect(incidents.map(({ resource }) => resource.id)).toEqual([...incidents].map(({ resource }) => resource.id).sort());
    expect(incidents).toHaveLength(1000);
  });

  test('hands back what there is no time left for, by the event where it came by no queue', async () => {
    let left = 30_000;
    const { take, started } = setUp(undefined, () => (left -= 1000));
    const error = await take(retirement(100)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PartialIntakeError);
    expect((error as Error).message).toContain('ran out of time');
    expect(started).toHaveLength(20);
    expect((error as PartialIntakeError).result.incidents).toHaveLength(20);
  });

  test('says that one alone had no time left', async () => {
    let left = 11_500;
    const { take, logged } = setUp(undefined, () => (left -= 1000));
    await take(sqs(stopped('i-00000000000000000'), stopped('i-00000000000000001')));
    expect(logged).toContainEqual({ level: 'ERROR', message: 'out of time', incidents: 1 });
  });

  test('hands back to a queue the records that there is no time left for, and those alone', async () => {
    let left = 14_500;
    const { take, started, logged } = setUp(undefined, () => (left -= 1000));
    const result = await take(sqs(...Array.from({ length: 7 }, (_, i) => stopped(`i-${String(i).padStart(17, '0')}`))));
    expect(started).toHaveLength(4);
    expect(result.batchItemFailures).toEqual(['m4', 'm5', 'm6'].map((itemIdentifier) => ({ itemIdentifier })));
    expect(logged).toContainEqual({ level: 'ERROR', message: 'out of time', incidents: 3 });
  });

  test('hands back once what holds several incidents that could not be begun', async () => {
    const { take } = setUp(() => true);
    const both = { Records: [stopped('i-0a1b2c3d4e5f60718'), stopped('i-0fedcba9876543210')] };
    expect((await take(sqs(both))).batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
  });

  test('begins nothing that remediation would refuse: the record is rejected', async () => {
    const { take, started } = setUp();
    const result = await take(sqs({ ...stopped(), time: '0001-01-01T00:00:00Z' }, stopped()));
    expect(started).toHaveLength(1);
    expect(result.rejected).toMatchObject([{ record: 0, id: 'm0', error: expect.stringContaining('no usable at') }]);
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
  });

  test('treats a good alarm beside a record that is a quarter of a million records', async () => {
    const { take, started } = setUp();
    const zeros = { Records: Array.from({ length: 25 }, () => ({ Records: Array.from({ length: 10_000 }, () => 0) })) };
    const result = await take(sqs(zeros, stopped()));
    expect(started).toHaveLength(1);
    expect(result).toMatchObject({ rejected: [{ record: 0, id: 'm0' }], batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });
});
