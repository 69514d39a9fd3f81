import { describe, expect, test } from '@jest/globals';
import { statuses } from '../../../shared/model/status.ts';
import { bus } from '../../../shared/notifications/channels/bus.ts';
import { outcome } from '../../remediation/examples.ts';
import { longStory, openChannel, page } from './open.ts';

type Entry = { Source: string; DetailType: string; EventBusName: string; Time: Date; Detail: string };
const entryOf = (call: { input: Record<string, unknown> } | undefined): Entry => (call?.input.Entries as Entry[] | undefined)?.[0] as Entry;

describe('the bus', () => {
  test('gets one event, with the whole outcome', async () => {
    const { outcome: tell, calls } = openChannel(bus, {}, { output: { FailedEntryCount: 0 } });
    await tell(outcome());
    expect(calls.map(({ permission }) => permission)).toEqual(bus.reports.permissions);
    const entries = calls[0]?.input.Entries as Entry[];
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ EventBusName: 'default', Source: 'selfheal', DetailType: 'Incident Resolved' });
    expect(entries[0]?.Time.toISOString()).toBe(outcome().endedAt);
    expect(JSON.parse(entries[0]?.Detail ?? '')).toEqual({ version: '1', ...outcome(), links: [{ to: 'resource', url: page }] });
  });

  test('gets a name for each way to end', async () => {
    const { outcome: tell, calls } = openChannel(bus);
    for (const status of statuses) await tell(outcome({ status }));
    expect(calls.map((call) => entryOf(call).DetailType)).toEqual([
      'Incident Resolved',
      'Incident Resolved',
      'Incident Escalated',
      'Incident Held',
      'Incident Failed',
      'Incident Dry Run',
    ]);
  });

  test('has not been told what it refuses in an answer that says 200', async () => {
    const refused = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }] };
    const { outcome: tell } = openChannel(bus, {}, { output: refused });
    await expect(tell(outcome())).rejects.toThrow('EventBridge refused the outcome: ThrottlingException: slow down');
  });

  test('gets the longest story below what EventBridge takes', async () => {
    const { outcome: tell, calls } = openChannel(bus);
    await tell(longStory);
    expect(Buffer.byteLength(entryOf(calls[0]).Detail)).toBeLessThan(256 * 1024);
  });
});
