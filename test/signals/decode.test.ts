import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readEvent } from '../../shared/failures/read.ts';
import { classificationSchema } from '../../shared/model/classification.ts';
import { isValidResourceId } from '../../shared/model/resources/index.ts';
import { newBudget } from '../../shared/signals/bounds.ts';
import { decode, decodeEach } from '../../shared/signals/decode.ts';
import { anyCharacter } from '../characters.ts';
import {
  alarm,
  alarmAction,
  alarmEvent,
  event,
  instanceId,
  message,
  notification,
  otherInstanceId,
  snsRecord,
  sqsRecord,
  verdictOf,
} from './fixtures.ts';

const hexId = fc.oneof(fc.stringMatching(/^[0-9a-f]{8}$/), fc.stringMatching(/^[0-9a-f]{17}$/)).map((hex) => `i-${hex}`);
const region = fc.constantFrom('us-west-2', 'eu-central-1', 'cn-north-1', 'us-gov-west-1', 'ap-southeast-4');
const account = fc.stringMatching(/^[0-9]{12}$/);
const metric = fc.constantFrom(
  ['AWS/EC2', 'StatusCheckFailed_System'] as const,
  ['AWS/EC2', 'StatusCheckFailed_Instance'] as const,
  ['AWS/EC2', 'StatusCheckFailed'] as const,
  ['AWS/EC2', 'CPUUtilization'] as const,
  ['CWAgent', 'mem_used_percent'] as const,
  ['CWAgent', 'mem_available_percent'] as const,
  ['Shop', 'OrderErrors'] as const,
  ['Shop', 'Sessions'] as const,
);
const anyAlarm = fc
  .record({
    name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9 _.-]{0,40}[a-z]$/),
    state: fc.constantFrom('OK', 'ALARM', 'INSUFFICIENT_DATA'),
    previousState: fc.constantFrom('OK', 'ALARM', 'INSUFFICIENT_DATA'),
    metric,
    id: hexId,
    direction: fc.constantFrom('above' as const, 'below' as const),
    account,
    region,
    ms: fc.integer({ min: 0, max: 4e12 }),
  })
  .map(({ metric: [namespace, name], id, ms, ...parts }) =>
    alarm({ ...parts, namespace, metric: name, dimensions: { InstanceId: id }, time: new Date(ms).toISOString().slice(0, -1) }),
  );

/** Everything that a verdict says but the evidence, which each shape carries in its own way. */
const said = (value: unknown) => {
  const { verdicts, rejected } = readEvent(value);
  return { rejected, verdicts: verdicts.map(({ evidence: _, ...rest }) => rest) };
};

const envelopes = (body: unknown): unknown[] => [
  body,
  JSON.stringify(body),
  { Records: [snsRecord(body)] },
  { Records: [snsRecord(JSON.stringify(JSON.stringify(body)))] },
  { Records: [sqsRecord(body)] },
  { Records: [sqsRecord(notification(body))] },
  [sqsRecord(body)],
  notification(body),
  { Records: [sqsRecord({ Records: [snsRecord(body)] })] },
];

describe('decode', () => {
  test('the same alarm in any shape and any envelope means the same, at the same time', () => {
    fc.assert(
      fc.property(anyAlarm, (told) => {
        const first = said(message(told));
        expect(first.rejected).toEqual([]);
        expect(first.verdicts).toHaveLength(1);
        for (const shape of [message(told), alarmEvent(told), alarmAction(told)]) {
          for (const wrapped of envelopes(shape)) expect(said(wrapped)).toEqual(first);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('nothing makes it throw, whatever comes, and what it says is always a verdict', () => {
    const keys = fc.constantFrom(
      'Records',
      'Sns',
      'Message',
      'body',
      'messageId',
      'detail',
      'detail-type',
      'source',
      'Trigger',
      'alarmData',
      'AlarmName',
      'NewStateValue',
      '__proto__',
      'state',
      'resources',
      'configuration',
      'instance-id',
      'Dimensions',
      'TopicArn',
      'time',
    );
    const values = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'aws.ec2',
        'aws.cloudwatch',
        'aws.health',
        'ALARM',
        'EC2 Instance State-change Notification',
        'AWS Health Event',
        'CloudWatch Alarm State Change',
        '{"a":1}',
        '[]',
        null,
        undefined,
        0,
        -1,
        Number.NaN,
        true,
      ),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        values,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(keys, tie('tree'), { maxKeys: 6, noNullPrototype: false }),
      ),
    }));
    fc.assert(
      fc.property(fc.oneof(tree, fc.anything(), fc.json()), (value) => {
        const { verdicts, rejected } = readEvent(value);
        for (const verdict of verdicts) {
          classificationSchema.parse(verdict);
          expect(verdict.disposition).not.toBe('remediate');
        }
        for (const { record, error } of rejected) {
          expect(record).toBeGreaterThanOrEqual(0);
          expect(error.length).toBeLessThanOrEqual(400);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('the same event gives the same answer, and is left as it was', () => {
    fc.assert(
      fc.property(anyAlarm, (told) => {
        const value = { Records: [snsRecord(message(told)), sqsRecord(alarmEvent(told))] };
        const before = JSON.stringify(value);
        const first = readEvent(value);
        expect(JSON.stringify(value)).toBe(before);
        expect(readEvent(JSON.parse(before))).toEqual(first);
      }),
      { numRuns: 100 },
    );
  });

  test('the order of the records changes nothing but the order of the answers', () => {
    const record = fc.oneof(
      anyAlarm.map((told) => snsRecord(message(told))),
      anyAlarm.map((told) => sqsRecord(alarmEvent(told))),
      fc.string().map((noise) => sqsRecord(noise)),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const forth = readEvent({ Records: records });
        const back = readEvent({ Records: records.toReversed() });
        const sorted = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();
        expect(sorted(back.verdicts)).toEqual(sorted(forth.verdicts));
        expect(back.rejected.map(({ record: index }) => records.length - 1 - index).sort()).toEqual(
          forth.rejected.map(({ record: index }) => index).sort(),
        );
        expect(forth.verdicts.length + forth.rejected.length).toBe(records.length);
      }),
      { numRuns: 100 },
    );
  });

  test('whatever a dimension holds, only a well-formed single subject is ever acted on', () => {
    const value = fc.oneof(
      hexId,
      fc.string({ unit: anyCharacter }),
      hexId.map((id) => `${id}\u202e`),
      hexId.map((id) => `${id} ${id}`),
      hexId.map((id) => ` ${id}\t`),
    );
    const name = fc.constantFrom('InstanceId', 'instanceId', 'AutoScalingGroupName', 'TargetGroup', 'LoadBalancer', '__proto__', 'ImageId');
    fc.assert(
      fc.property(anyAlarm, fc.array(fc.record({ name, value }), { maxLength: 4 }), (told, dimensions) => {
        const body = message(told) as { Trigger: Record<string, unknown> };
        body.Trigger.Dimensions = dimensions;
        for (const { disposition, resource } of readEvent(body).verdicts) {
          if (disposition !== 'remediate') continue;
          expect(resource !== null && isValidResourceId(resource)).toBe(true);
          const named = dimensions.filter(
            (dimension) => dimension.name === (resource?.type === 'group' ? 'AutoScalingGroupName' : 'InstanceId'),
          );
          expect(new Set(named.map((dimension) => dimension.value.trim()))).toEqual(new Set([resource?.id]));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a bad record is rejected by itself, under its index and its message id', () => {
    const told = alarm();
    const { verdicts, rejected } = readEvent({
      Records: [sqsRecord('nonsense', 'first'), sqsRecord(message(told), 'second'), sqsRecord({ a: 1 }, 'third')],
    });
    expect(verdicts.map(({ failure }) => failure)).toEqual(['instance-unreachable']);
    expect(rejected).toEqual([
      { record: 0, id: 'first', error: expect.stringContaining('body: plain text') },
      { record: 2, id: 'third', error: expect.stringContaining('not an event that selfheal knows') },
    ]);
  });

  test('a batch inside a record: its good records are read, its bad ones make one rejection of the record', () => {
    const inside = { Records: [snsRecord('plain'), snsRecord(message(alarm())), snsRecord('text'), 7] };
    const outer = { ...sqsRecord(inside), messageId: 'm-1' };
    const { signals, rejected } = decode({ Records: [outer, sqsRecord(message(alarm()))] });
    expect(signals).toHaveLength(2);
    expect(rejected).toEqual([
      { record: 0, id: 'm-1', error: 'Sns.Message: plain text, not an event: "plain" (and 2 more in this record)' },
    ]);
  });

  test('one encoding too many, one envelope too many and a text too long are rejected', () => {
    const body = message(alarm());
    const thrice = JSON.stringify(JSON.stringify(JSON.stringify(body)));
    expect(readEvent({ Records: [snsRecord(thrice)] }).rejected[0]?.error).toContain('Sns.Message: expected an event');
    let deep: unknown = body;
    for (let depth = 0; depth < 8; depth++) deep = notification(deep);
    expect(readEvent(deep).rejected[0]?.error).toContain('envelopes inside each other');
    expect(readEvent({ Records: [sqsRecord(`{"a":"${'x'.repeat(1_100_000)}"}`)] }).rejected[0]?.error).toContain('body: longer than');
    expect(readEvent('x'.repeat(1_100_000)).rejected).toHaveLength(1);
  });

  describe('takes on a bounded amount of work', () => {
    const zeros = (outer: number, inner: number) => ({
      Records: Array.from({ length: outer }, () => ({ Records: Array.from({ length: inner }, () => 0) })),
    });
    const read = (value: unknown) => {
      const budget = newBudget();
      const parts = [...decodeEach(value, budget)];
      return {
        visits: budget.visits,
        signals: parts.filter((part) => 'signal' in part).length,
        rejected: parts.flatMap((part) => ('rejection' in part ? [part.rejection] : [])),
      };
    };

    test.each([
      [25, 10_000],
      [50, 5_000],
      [9_000, 50],
    ])(
      '%i batches of %i records inside one record cost no more than an invocation may, and take no good record with them',
      (outer, inner) => {
        const good = message(alarm());
        const { visits, signals, rejected } = read({
          Records: [sqsRecord(good, 'a'), sqsRecord(zeros(outer, inner), 'b'), sqsRecord(good, 'c')],
        });
        expect(visits).toBeLessThanOrEqual(10_010);
        expect(signals).toBe(2);
        expect(rejected).toEqual([{ record: 1, id: 'b', error: expect.stringMatching(/^record.*(in one invocation|expected an event)/) }]);
      },
    );

    test('records inside records count for the whole invocation', () => {
      const half = { Records: Array.from({ length: 5_000 }, () => event('shop', 'x', {})) };
      const { signals, rejected } = read({ Records: [sqsRecord(half, 'a'), sqsRecord(half, 'b'), sqsRecord(message(alarm()), 'c')] });
      expect(signals).toBe(5_001);
      expect(rejected).toEqual([{ record: 1, id: 'b', error: 'body.Records: over the 10000 records that are read in one invocation' }]);
    });

    test('what a batch has over ten thousand records is rejected, what comes before it is read', () => {
      const records = Array.from({ length: 10_003 }, () => event('shop', 'x', {}));
      const { signals, rejected } = read({ Records: records });
      expect(signals).toBe(10_000);
      expect(rejected).toEqual([{ record: 10_000, error: 'Records: 3 over the 10000 that are read in one invocation' }]);
    });

    test('a record that is too large is rejected by itself, unread', () => {
      const large = event('aws.ec2', 'EC2 Instance State-change Notification', { state: 'stopped', 'instance-id': 'x'.repeat(1_200_000) });
      const { signals, rejected } = read([large, message(alarm()), { detail: Array.from({ length: 1_200_000 }, () => 0) }]);
      expect(signals).toBe(1);
      expect(rejected).toEqual([
        { record: 0, error: 'record: larger than 1114112 bytes' },
        { record: 2, error: 'record: larger than 1114112 bytes' },
      ]);
    });

    test('bytes count, not characters', () => {
      expect(read(sqsRecord('é'.repeat(530_000))).rejected[0]?.error).toContain('body: longer than 1048576 bytes');
      expect(read(sqsRecord('e'.repeat(530_000))).rejected[0]?.error).toContain('plain text, not an event');
    });

    test('records that no longer fit into six megabytes are rejected one by one', () => {
      const record = (id: string) => sqsRecord({ ...event('shop', 'x', {}), padding: 'x'.repeat(1_000_000) }, id);
      const { signals, rejected } = read({ Records: [...'abcdefgh'].map(record) });
      expect(signals).toBe(6);
      const error = 'record: over the 6291456 bytes that are read in one invocation';
      expect(rejected).toEqual([
        { record: 6, id: 'g', error },
        { record: 7, id: 'h', error },
      ]);
    });

    test('an event of too many values is rejected before its schema collects what is wrong with each', () => {
      const affectedEntities = Array.from({ length: 30_000 }, () => 0);
      expect(read(event('aws.health', 'AWS Health Event', { service: 'EC2', affectedEntities })).rejected).toEqual([
        { record: 0, error: 'event: more than 20000 values' },
      ]);
      expect(read(sqsRecord(event('aws.health', 'AWS Health Event', { service: 'EC2', affectedEntities }))).rejected[0]?.error).toBe(
        'event: more than 20000 values',
      );
    });

    test('what comes first is told before what comes later is looked at', () => {
      let looked = false;
      const later = {
        get Records() {
          looked = true;
          return [];
        },
      };
      const parts = decodeEach([message(alarm()), later]);
      expect(parts.next().value).toMatchObject({ signal: { kind: 'cloudwatch-alarm' } });
      expect(looked).toBe(false);
      parts.next();
      expect(looked).toBe(true);
    });
  });

  test('ten thousand levels of nesting are as harmless as one', () => {
    const nested = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    expect(readEvent(sqsRecord(nested)).rejected).toHaveLength(1);
    expect(
      readEvent(event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': JSON.parse(nested), state: 'stopped' }))
        .rejected,
    ).toHaveLength(1);
  });

  test('objects that answer with an exception are rejected too', () => {
    const trap = new Proxy(
      {},
      {
        has: () => {
          throw new Error('trap');
        },
        get: () => {
          throw new Error('trap');
        },
      },
    );
    expect(decode(trap)).toEqual({ signals: [], rejected: [{ record: 0, error: 'the record could not be read' }] });
    expect(decode({ Records: [trap] }).rejected).toEqual([{ record: 0, error: 'the record could not be read' }]);
  });

  test('what is no text or no object where one is due is named', () => {
    const errors = (value: unknown) => readEvent(value).rejected.map(({ error }) => error);
    expect(errors(undefined)).toEqual(['event: expected an event, got undefined']);
    expect(errors({ Records: [{ Sns: null }] })).toEqual(['Sns: expected an object, got null']);
    expect(errors({ Records: [{ Sns: { Message: 7 } }] })).toEqual(['Sns.Message: expected a text, got 7']);
    expect(errors({ Records: [{ messageId: 'm', body: {} }] })).toEqual(['body: expected a text, got {}']);
    expect(errors([3])).toEqual(['event: expected an event, got 3']);
  });

  test('handshakes, other sources and unserved services are ignored', () => {
    const ignored = (value: unknown) =>
      expect(verdictOf(value)).toMatchObject({ disposition: 'ignore', failure: null, playbook: null, severity: 'low' });
    ignored(
      sqsRecord({
        Type: 'SubscriptionConfirmation',
        TopicArn: 'arn:aws:sns:us-west-2:111122223333:t',
        Message: 'You have chosen to subscribe',
      }),
    );
    ignored({ Records: [{ eventSource: 'aws:s3', eventName: 'ObjectCreated:Put' }] });
    ignored({ Records: [{ eventSource: 'aws:dynamodb', eventName: 'INSERT', dynamodb: {} }] });
    ignored(event('selfheal', 'Incident Outcome', {}));
    ignored(event('aws.cloudwatch', 'Something New', {}));
    for (const source of ['shop', 'aws', 'AWS.EC2', 'aws.ec2 ', '']) {
      ignored(event(source, 'EC2 Instance State-change Notification', { 'instance-id': instanceId, state: 'stopped' }));
    }
  });

  test('gaps are filled from what carried the message', () => {
    const { AlarmArn: _arn, StateChangeTime: _time, AWSAccountId: _account, ...old } = message(alarm());
    expect(verdictOf({ Records: [snsRecord(old)] })).toMatchObject({ region: 'us-west-2', at: Date.parse('2026-11-20T13:35:13.000Z') });
    expect(verdictOf({ Records: [sqsRecord(old)] })).toMatchObject({ region: 'us-west-2', at: 1_795_181_713_000, account: null });
    expect(readEvent(old).rejected[0]?.error).toContain('time of the state change');
  });

  test('an event with an unreadable time is rejected if it means something, and ignored if it does not', () => {
    const stopped = (state: string) =>
      event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': otherInstanceId, state }, { time: 'yesterday' });
    expect(readEvent(stopped('stopped')).rejected[0]?.error).toBe('time: no readable time');
    expect(verdictOf(stopped('running'))).toMatchObject({ disposition: 'ignore', at: 0 });
  });
});
