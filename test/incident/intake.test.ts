import { describe, expect, test } from '@jest/globals';
import type { Incident } from '../../shared/incident/incident.ts';
import { IntakeIncomplete, takeIn } from '../../shared/incident/intake.ts';
import { parsePolicy } from '../../shared/policy.ts';

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

const setUp = (refuses: (incident: Incident) => boolean = () => false) => {
  const started: Incident[] = [];
  const logged: Record<string, unknown>[] = [];
  const deps = {
    home: { account: '123456789012', region: 'us-east-1' },
    rules: parsePolicy('').classification,
    start: async (incident: Incident) => {
      if (refuses(incident)) throw Object.assign(new Error('rate exceeded'), { name: 'TooManyRequestsException' });
      started.push(incident);
      return 'started' as const;
    },
    log: (entry: Record<string, unknown>) => logged.push(entry),
  };
  return { started, logged, take: (event: unknown) => takeIn(event, deps) };
};

describe('taking in an event', () => {
  test('starts one incident for it', async () => {
    const { take, started } = setUp();
    const result = await take(stopped());
    expect(started).toHaveLength(1);
    expect(result).toMatchObject({
      incidents: [{ incident: started[0]?.key, failure: 'instance-stopped', start: 'started' }],
      rejected: [],
      batchItemFailures: [],
    });
  });

  test('starts one incident for two tellings of it in one batch', async () => {
    const { take, started } = setUp();
    await take(sqs(stopped(), stopped()));
    expect(started).toHaveLength(1);
  });

  test('starts nothing for what is no failure', async () => {
    const { take, started } = setUp();
    expect(await take(stopped('i-0a1b2c3d4e5f60718', 'running'))).toMatchObject({ incidents: [] });
    expect(started).toEqual([]);
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
    await expect(take(stopped('i-nonsense'))).rejects.toThrow(IntakeIncomplete);
  });

  test('throws once all else is started where one incident could not be', async () => {
    const { take, started } = setUp(({ resource }) => resource.id === 'i-0a1b2c3d4e5f60718');
    const error = await take(sqs(stopped(), stopped('i-0ffffffffffffffff'))).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(IntakeIncomplete);
    expect((error as IntakeIncomplete).message).toContain('was not started: TooManyRequestsException');
    expect((error as IntakeIncomplete).result.incidents).toHaveLength(1);
    expect(started.map(({ resource }) => resource.id)).toEqual(['i-0ffffffffffffffff']);
  });

  test('starts what a record says before it reads the next one', async () => {
    const { take, started } = setUp();
    const seen: number[] = [];
    const next = {
      get detail() {
        seen.push(started.length);
        throw new Error('out of memory');
      },
      'detail-type': 'EC2 Instance State-change Notification',
      source: 'aws.ec2',
    };
    await expect(take([stopped(), next])).rejects.toThrow(IntakeIncomplete);
    expect(seen[0]).toBe(1);
    expect(started).toHaveLength(1);
  });

  test('treats a good alarm beside a record that is a quarter of a million records', async () => {
    const { take, started } = setUp();
    const zeros = { Records: Array.from({ length: 25 }, () => ({ Records: Array.from({ length: 10_000 }, () => 0) })) };
    const result = await take(sqs(zeros, stopped()));
    expect(started).toHaveLength(1);
    expect(result).toMatchObject({ rejected: [{ record: 0, id: 'm0' }], batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });
});
