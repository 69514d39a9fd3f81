import { describe, expect, test } from '@jest/globals';
import { createLedger } from '../../shared/aws/ledger.ts';
import { placedAt } from '../../shared/model/place.ts';
import { groupName, incident, instanceId, noon, outcome } from '../remediation/examples.ts';
import { recordingClients, sdkError } from './recorder.ts';
import { emptyLedger } from './table.ts';

const own = incident();
const begun = (attempt = 1, at = noon) => ({ at, action: 'stop-start-instance', target: own.resource, attempt });
const line = (text: string) => ({ at: '2026-11-20T12:00:00.000Z', phase: 'look' as const, text });
const stopped = { instance: instanceId, group: null };
const opened = async () => {
  const ledger = await emptyLedger();
  await ledger.open(own, noon);
  return ledger;
};

describe('what is begun', () => {
  test('is remembered in its order, with the story up to the last of it', async () => {
    const ledger = await opened();
    expect(await ledger.read(own.key)).toMatchObject({ begun: [], story: [], out: null });
    await ledger.noteBegun(own.key, begun(1), [line('one')], null);
    await ledger.noteBegun(own.key, begun(2, noon + 5), [line('one'), line('two')], null);
    expect(await ledger.read(own.key)).toMatchObject({
      begun: [begun(1), begun(2, noon + 5)],
      story: [line('one'), line('two')],
      out: null,
    });
  });

  test('has the newest lines of a long story, without what guards answered', async () => {
    const ledger = await opened();
    const story = Array.from({ length: 100 }, (_, i) => ({ ...line(String(i)), answers: [{ guard: 'lease', answer: 'pass' as const }] }));
    await ledger.noteBegun(own.key, begun(), story, null);
    const read = await ledger.read(own.key);
    expect(read?.story).toHaveLength(60);
    expect(read?.story.at(-1)).toEqual(line('99'));
  });

  test('does not end the incident, nor lose what it was opened with', async () => {
    const ledger = await opened();
    await ledger.noteBegun(own.key, begun(), [], stopped);
    expect(await ledger.read(own.key)).toMatchObject({ status: 'open', incident: own, outcome: null });
  });

  test('that can not be read is not taken for nothing', async () => {
    const { clients } = recordingClients(() => ({ output: { Item: { begun: { L: [{ S: '{"at":1}' }] } } } }));
    await expect(createLedger(clients.dynamodb, 'ledger').read(own.key)).rejects.toThrow();
    const out = recordingClients(() => ({ output: { Items: [{ pk: { S: 'v1#incident#x' }, outSince: { N: '1' } }] } }));
    await expect(createLedger(out.clients.dynamodb, 'ledger').outOfService()).rejects.toThrow();
  });
});

test('an open incident that can’t be changed is an error, and one that has ended is left as it is', async () => {
  const denied = recordingClients(() => sdkError('AccessDeniedException', 400));
  await expect(createLedger(denied.clients.dynamodb, 'ledger').noteStory(own.key, [line('one')])).rejects.toThrow('words');
  const ended = recordingClients(() => sdkError('ConditionalCheckFailedException', 400));
  await createLedger(ended.clients.dynamodb, 'ledger').noteStory(own.key, [line('one')]);
  expect(ended.calls).toHaveLength(1);
});

describe('what is out of service', () => {
  test('is found until it is back', async () => {
    const ledger = await opened();
    expect(await ledger.outOfService()).toEqual([]);
    await ledger.noteBegun(own.key, begun(), [], stopped);
    expect(await ledger.outOfService()).toEqual([{ incident: own.key, since: noon, ...stopped, seen: null, why: null, notified: false }]);
    expect((await ledger.read(own.key))?.out).toEqual(stopped);
    await ledger.noteWhyOut(own.key, 'x'.repeat(600));
    await ledger.noteOutSeen(own.key, noon + 1);
    await ledger.noteOutNotified(own.key);
    expect(await ledger.outOfService()).toMatchObject([{ seen: noon + 1, why: 'x'.repeat(500), notified: true }]);
    await ledger.noteBack(own.key);
    expect(await ledger.outOfService()).toEqual([]);
    expect((await ledger.read(own.key))?.out).toBeNull();
  });

  test('a second time is told of anew', async () => {
    const ledger = await opened();
    await ledger.noteBegun(own.key, begun(1), [], stopped);
    await ledger.noteWhyOut(own.key, 'no room');
    await ledger.noteOutSeen(own.key, noon + 1);
    await ledger.noteOutNotified(own.key);
    await ledger.noteBegun(own.key, begun(2, noon + 9), [], { instance: instanceId, group: groupName });
    expect(await ledger.outOfService()).toEqual([
      { incident: own.key, since: noon + 9, instance: instanceId, group: groupName, seen: null, why: null, notified: false },
    ]);
  });

  test('stays noted while something else is begun that takes nothing out', async () => {
    const ledger = await opened();
    await ledger.noteBegun(own.key, begun(1), [], stopped);
    await ledger.noteBegun(own.key, { ...begun(2, noon + 9), action: 'reboot-instance' }, [], null);
    expect(await ledger.outOfService()).toMatchObject([{ since: noon }]);
  });

  test('is told of by the outcome once there is one, which still knows what it is', async () => {
    const ledger = await opened();
    await ledger.noteBegun(own.key, begun(), [line('one')], stopped);
    await ledger.close(outcome({ incident: own.key }));
    expect(await ledger.outOfService()).toEqual([]);
    expect(await ledger.read(own.key)).toMatchObject({ out: stopped, story: [], begun: [begun()] });
  });

  test('comes the longest first, by the index that knows nothing else, to the last page', async () => {
    const ledger = await emptyLedger();
    for (const minutes of [3, 1, 2]) {
      const other = incident({ at: noon + minutes });
      await ledger.open(other, noon);
      await ledger.noteBegun(other.key, begun(1, noon + minutes), [], stopped);
    }
    expect((await ledger.outOfService()).map(({ since }) => since - noon)).toEqual([1, 2, 3]);

    const item = (key: string) => ({ pk: { S: `v1#incident#${key}` }, outSince: { N: '1' }, takenOut: { S: JSON.stringify(stopped) } });
    const { clients, calls } = recordingClients((_, { ExclusiveStartKey }) => ({
      output: ExclusiveStartKey ? { Items: [item('b')] } : { Items: [item('a')], LastEvaluatedKey: { pk: { S: 'v1#incident#a' } } },
    }));
    const paged = await createLedger(clients.dynamodb, 'ledger').outOfService();
    expect(paged.map(({ incident: key }) => key)).toEqual(['a', 'b']);
    expect(calls.map(({ input }) => [input.IndexName, input.ExclusiveStartKey])).toEqual([
      ['out-of-service', undefined],
      ['out-of-service', { pk: { S: 'v1#incident#a' } }],
    ]);
  });
});

test('what is held besides the resource itself is remembered once each, and so is that an end was seen to', async () => {
  const ledger = await opened();
  const place = (id: string) => placedAt(own, { type: 'group-place', id });
  await ledger.noteLeases(own.key, [place('web/0')]);
  await ledger.noteLeases(own.key, [place('web/0'), place('web/1')]);
  const read = await ledger.read(own.key);
  expect(read?.leases).toHaveLength(2);
  expect(read?.leases).toEqual(expect.arrayContaining([place('web/0'), place('web/1')]));
  expect(read?.reconciled).toBe(false);
  await ledger.noteReconciled(own.key);
  expect((await ledger.read(own.key))?.reconciled).toBe(true);
});
