import { describe, expect, test } from '@jest/globals';
import { createLedger } from '../../shared/aws/ledger.ts';
import { incident, instanceId, noon, outcome } from '../remediation/examples.ts';
import { recordingClients, sdkError } from './recorder.ts';
import { emptyLedger } from './table.ts';

const own = incident();
const begun = { at: noon, action: 'reboot-instance', target: own.resource, attempt: 1 };
const order = { at: noon, by: 'arn:aws:iam::111122223333:user/alice', because: null };

test('an order to stop that can not be written is an error, and not one that comes too late', async () => {
  const { clients } = recordingClients(() => sdkError('ProvisionedThroughputExceededException', 400));
  await expect(createLedger(clients.dynamodb, 'ledger').noteStop('an-incident', order)).rejects.toThrow('words');
});

test('what can not be written for another reason than an order to stop is not looked up for one', async () => {
  const { clients, calls } = recordingClients(() => sdkError('ProvisionedThroughputExceededException', 400));
  const ledger = createLedger(clients.dynamodb, 'ledger');
  await expect(ledger.noteBegun(own.key, begun, [], null)).rejects.toThrow('words');
  await expect(ledger.noteDrained(own.key, noon, { instance: instanceId, group: null })).rejects.toThrow('words');
  expect(new Set(calls.map(({ permission }) => permission))).toEqual(new Set(['dynamodb:UpdateItem']));
});

describe('a stopped incident', () => {
  test('begins nothing any more, however full its item is, and takes nothing out', async () => {
    const ledger = await emptyLedger();
    await ledger.open(own, noon);
    for (let attempt = 1; attempt <= 101; attempt++) await ledger.noteBegun(own.key, { ...begun, attempt }, [], null);
    expect(await ledger.stopOf(own.key)).toBeNull();
    expect(await ledger.noteStop(own.key, order)).toBe(true);
    const refused = expect.objectContaining({ name: 'IncidentStopped', message: 'stopped by alice' });
    await expect(ledger.noteBegun(own.key, begun, [], null)).rejects.toEqual(refused);
    await expect(ledger.noteDrained(own.key, noon, { instance: instanceId, group: null })).rejects.toEqual(refused);
    const read = await ledger.read(own.key);
    expect(read).toMatchObject({ stop: order, out: null });
    expect(read?.begun).not.toContainEqual(begun);
  });

  test('keeps the first order, and one that has ended can not be stopped', async () => {
    const ledger = await emptyLedger();
    expect(await ledger.noteStop(own.key, order)).toBe(false);
    await ledger.open(own, noon);
    expect(await ledger.noteStop(own.key, order)).toBe(true);
    expect(await ledger.noteStop(own.key, { ...order, because: 'again' })).toBe(true);
    expect(await ledger.stopOf(own.key)).toEqual(order);
    await ledger.close(outcome());
    expect(await ledger.noteStop(own.key, order)).toBe(false);
  });

  test('of which nothing is recorded is no stopped one', async () => {
    const ledger = await emptyLedger();
    await expect(ledger.noteDrained('never-opened', noon, { instance: instanceId, group: null })).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
  });
});
