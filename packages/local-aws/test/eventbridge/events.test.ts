import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { describe, expect, test } from '@jest/globals';
import { refusal } from '../harness.ts';
import { eventBridgeWorld } from './setup.ts';

const entry = (more: Partial<PutEventsRequestEntry> = {}): PutEventsRequestEntry => ({
  Source: 'selfheal',
  DetailType: 'Outcome',
  Detail: '{"a":1}',
  ...more,
});

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
describe('PutEvents', () => {
  test('puts an event on the default bus, as EventBridge shapes it', async () => {
    const { eventBridge, world } = eventBridgeWorld();
    const { Entries, FailedEntryCount } = await eventBridge.send(new PutEventsCommand({ Entries: [entry({ Resources: ['i-1'] })] }));
    expect(FailedEntryCount).toBe(0);
    expect(world.outbox).toEqual([
      {
        to: 'eventbridge',
        event: {
          version: '0',
          id: Entries?.[0]?.EventId,
          'detail-type': 'Outcome',
          source: 'selfheal',
          account: '123456789012',
          time: '2026-11-20T12:00:00Z',
          region: 'us-east-1',
          resources: ['i-1'],
          detail: { a: 1 },
        },
      },
    ]);
  });

  test('takes the good entries and says of each other why not', async () => {
    const { eventBridge, world } = eventBridgeWorld();
    const { Entries, FailedEntryCount } = await eventBridge.send(
      new PutEventsCommand({
        Entries: [
          entry(),
          entry({ Source: undefined }),
          entry({ DetailType: undefined }),
          entry({ Detail: undefined }),
          entry({ Detail: '{' }),
          entry({ Detail: '[1]' }),
          entry({ Source: 'aws.ec2' }),
        ],
      }),
    );
    expect(FailedEntryCount).toBe(6);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'InvalidArgument',
      'InvalidArgument',
      'InvalidArgument',
      'MalformedDetail',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
    ]);
    expect(world.outbox).toHaveLength(1);
  });

  test('refuses none, more than ten, and more than 256 KB', async () => {
    const { eventBridge, world } = eventBridgeWorld();
    const put = (Entries: PutEventsRequestEntry[]) => refusal(eventBridge.send(new PutEventsCommand({ Entries })));
    expect(await put([])).toMatchObject({ code: 'ValidationException', status: 400 });
    expect(await put(Array.from({ length: 11 }, () => entry()))).toMatchObject({ code: 'ValidationException' });
    const large = entry({ Detail: JSON.stringify({ a: 'é'.repeat(70_000) }) });
    expect(await put([large, large])).toMatchObject({
      code: 'ValidationException',
      message: 'Total size of the entries in the request is over the limit.',
    });
    expect(world.outbox).toEqual([]);
  });

  test('an entry for a bus that does not exist is taken and lost', async () => {
    const { eventBridge, world } = eventBridgeWorld();
    const { FailedEntryCount } = await eventBridge.send(new PutEventsCommand({ Entries: [entry({ EventBusName: 'gone' })] }));
    expect(FailedEntryCount).toBe(0);
    expect(world.outbox).toEqual([]);
  });
});
