import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { eventsOf } from '../../local/input/events.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-events-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function* nothing(): AsyncGenerator<string> {}

const read = async (name: string, content: string | Uint8Array): Promise<[file: string, value: unknown][]> => {
  const path = join(folder, name);
  writeFileSync(path, content);
  const found: [string, unknown][] = [];
  for await (const readout of eventsOf(path, { reader: 'classify', stdin: nothing() }))
    found.push([readout.file.replace(`${folder}/`, ''), 'value' in readout ? readout.value : `! ${readout.problem}`]);
  return found;
};

const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const received = (values: readonly unknown[]): string =>
  JSON.stringify(
    { Messages: values.map((value, i) => ({ MessageId: `m${i}`, ReceiptHandle: 'r', MD5OfBody: 'x', Body: JSON.stringify(value) })) },
    null,
    4,
  );
const bodyOf = (value: unknown) => JSON.parse((value as { Records: { body: string }[] }).Records[0]?.body ?? '') as unknown;

describe('events of a file', () => {
  const event = fc.record({ 'detail-type': fc.string(), detail: fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })) });
  const formats: [name: string, (values: readonly unknown[]) => string | Uint8Array, of?: (value: unknown) => unknown][] = [
    ['stream.ndjson', lines],
    ['stream.jsonl.gz', (values) => gzipSync(lines(values))],
    ['zipped.json', (values) => gzipSync(lines(values))],
    ['archive', (values) => gzipSync(values.map((value) => JSON.stringify(value)).join(''))],
    ['many.json', (values) => values.map((value) => JSON.stringify(value, null, 2)).join('\n')],
    ['powershell.json', (values) => Buffer.from(`\ufeff${values.map((value) => JSON.stringify(value, null, 2)).join('\r\n')}`, 'utf16le')],
    ['bom.json', (values) => `\ufeff${lines(values)}`],
    ['big-endian', (values) => Buffer.from(`\ufeff${lines(values)}`, 'utf16le').swap16()],
    ['lines.json', (values) => lines(values).replaceAll('\n', '\r\n')],
    ['queue.json', received, bodyOf],
    ['messages.json', (values) => JSON.stringify((JSON.parse(received(values)) as { Messages: unknown[] }).Messages), bodyOf],
    ['queues.json', (values) => values.map((value) => received([value])).join('\n'), bodyOf],
  ];
  test.each(formats)('%s are those that were written', async (name, write, of = (value) => value) => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 4 }), async (events) => {
        const found = await read(name, write(events));
        expect(found.map(([, value]) => of(value))).toEqual(JSON.parse(JSON.stringify(events)));
      }),
      { numRuns: 25 },
    );
  });

  test('have the name of the file where there is one, and their places where there are more or may be', async () => {
    const a = { 'detail-type': 'a' };
    expect((await read('one.json', JSON.stringify(a, null, 2))).map(([file]) => file)).toEqual(['one.json']);
    expect((await read('one.ndjson', lines([a]))).map(([file]) => file)).toEqual(['one.ndjson:1']);
    expect((await read('two.json', lines([a, a]))).map(([file]) => file)).toEqual(['two.json:1', 'two.json:2']);
    expect((await read('queue', received([a, a]))).map(([file]) => file)).toEqual(['queue:1[0]', 'queue:1[1]']);
  });

  test('a message of a queue keeps its id and when it was sent', async () => {
    const Attributes = { SentTimestamp: '1763640000000' };
    expect(await read('sent.json', JSON.stringify({ Messages: [{ MessageId: 'm', Body: '{}', Attributes }] }))).toEqual([
      ['sent.json', { Records: [{ messageId: 'm', body: '{}', attributes: Attributes, eventSource: 'aws:sqs' }] }],
    ]);
  });
});

describe('one line for a file that has no events', () => {
  test.each([
    ['empty.json', '', '! it contains no events'],
    ['blank', ' \n\n', '! it contains no events'],
    ['alarms.json', '{"MetricAlarms":[]}', expect.stringContaining('selfheal backtest reads them')],
    ['fleet.yml', 'name: x', '! a scenario; selfheal replay and selfheal gameday play it'],
    ['a.expected.json', '{"why":"x"}', expect.stringContaining('the event is in the file beside it')],
    ['picture.json', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), '! binary; events are read as JSON'],
    ['broken.json', '{"a":', expect.stringMatching(/^! not JSON: /)],
    ['page.json', '<html>\n<body>\n</html>\n', expect.stringMatching(/^! not JSON: .*; nor any of 2 more lines$/)],
    ['long.txt', 'some prose\n'.repeat(100_000), expect.stringMatching(/^! not JSON: .*; nor any of 999 more lines$/)],
  ])('%s', async (name, content, problem) => {
    const found = await read(name, content);
    expect(found.map(([, value]) => value)).toEqual([problem]);
    expect(found[0]?.[0]).toBe(name);
  });

  test('but an empty stream has simply no events', async () => {
    expect(await read('empty.ndjson', '')).toEqual([]);
  });
});
