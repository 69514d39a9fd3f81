import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { classifyCommand } from '../../local/cli/classify.ts';
import { alarm, event, instanceId, message, snsRecord, sqsRecord } from '../signals/fixtures.ts';
import { jsonLines, recordingIo, selfheal } from './io.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-classify-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const run = async (args: string[], stdin: string[] = [], columns?: number) => {
  const { code, stdout, stderr } = await selfheal(['classify', ...args], { stdin, ...(columns === undefined ? {} : { columns }) });
  return {
    code,
    stdout,
    stderr,
    lines: () => jsonLines(stdout),
  };
};

const unreachable = { Records: [snsRecord(message(alarm()))] };
const rejected = { Records: [sqsRecord('nonsense')] };

describe('selfheal classify', () => {
  test('prints one line of JSON for each file, in the documented shape', async () => {
    const path = file('unreachable.json', unreachable);
    const { code, lines, stderr } = await run(['--json', path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines()).toEqual([
      {
        file: path,
        rejected: [],
        signals: [
          {
            failure: 'instance-unreachable',
            disposition: 'remediate',
            resource: { type: 'instance', id: instanceId },
            account: '111122223333',
            region: 'us-west-2',
            playbook: 'restart-instance',
            reason: expect.stringContaining('reachability'),
          },
        ],
      },
    ]);
  });

  test('says 1 where something was rejected, and which record', async () => {
    const { code, lines } = await run([file('rejected.json', rejected), '--json']);
    expect(code).toBe(1);
    expect(lines()[0]).toMatchObject({ rejected: [{ record: 0, error: expect.stringContaining('body') }], signals: [] });
    expect(Object.keys(lines()[0].rejected[0])).toEqual(['record', 'error']);
  });

  test('says 2 for what can not be read, names it in one line, and does the others', async () => {
    const good = file('good.json', unreachable);
    const broken = file('broken.json', '{"a":');
    const { code, stderr, lines } = await run(['--json', join(folder, 'missing.json'), broken, good]);
    expect(code).toBe(2);
    expect(lines().map((line) => line.file)).toEqual([good]);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/missing\.json: no such file$/),
      expect.stringMatching(/broken\.json: not JSON: /),
    ]);
  });

  test('a folder is the files of events in it and below, a line each', async () => {
    const { code, lines, stderr } = await run(['--json', 'events/cloudwatch-alarm']);
    // Some samples are there to be rejected.
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(lines().length).toBeGreaterThan(10);
    for (const { file: path } of lines()) expect(path).toMatch(/^events\/cloudwatch-alarm\/[^.]+\.json$/);
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect(await run([empty])).toMatchObject({ code: 2, stderr: `selfheal classify: ${empty}: it contains no event files\n` });
  });

  test('a file with several events is one line, with its records numbered through all of it', async () => {
    const batch = { Records: [snsRecord(message(alarm())), sqsRecord('nonsense')] };
    const many = file('many', [unreachable, batch, rejected, unreachable].map((event) => JSON.stringify(event)).join(''));
    const { code, lines } = await run(['--json', many]);
    expect(code).toBe(1);
    expect(lines()).toHaveLength(1);
    expect(lines()[0].signals).toHaveLength(3);
    expect(lines()[0].rejected.map(({ record }: { record: number }) => record)).toEqual([2, 3]);
  });

  test('an archive of thousands takes a line now and then', async () => {
    const many = file('thousands', `${JSON.stringify(unreachable)}\n`.repeat(10_001));
    expect((await run(['--json', many])).lines().map(({ signals }) => signals.length)).toEqual([10_000, 1]);
  });

  test('what is no event is told for what it is', async () => {
    const { code, stdout, stderr } = await run([file('alarms.json', { MetricAlarms: [] }), 'events/scenarios/zone-outage.yml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining('alarms as aws cloudwatch describe-alarms prints them; selfheal backtest reads them'),
      expect.stringContaining('a scenario; selfheal replay and selfheal gameday play it'),
      '',
    ]);
  });

  test('--policy is the whole policy: it gives a class another playbook, or leaves it to a person', async () => {
    const hung = 'events/cloudwatch-alarm/instance-unreachable.json';
    const signal = async (playbooks: object) =>
      (await run(['--json', hung, '--policy', file('treats.json', { playbooks })])).lines()[0].signals[0];
    expect(await signal({})).toMatchObject({ disposition: 'remediate', playbook: 'restart-instance' });
    expect(await signal({ 'instance-unreachable': 'restore-status-checks' })).toMatchObject({
      ...{ disposition: 'remediate', playbook: 'restore-status-checks' },
    });
    expect(await signal({ 'instance-unreachable': 'none' })).toMatchObject({
      ...{
        disposition: 'escalate',
        playbook: null,
        reason: expect.stringMatching(/; no action: the policy leaves instance-unreachable to a person$/),
      },
    });
  });

  test('--policy has rules for alarms that selfheal does not know', async () => {
    const rule = { metric: 'Baskets', failure: 'load-saturated', direction: 'above', subject: { type: 'group', id: 'shop' } };
    const policy = file('policy.json', { classification: { alarms: [rule] } });
    const shop = file('shop.json', { Records: [snsRecord(message(alarm({ namespace: 'Shop', metric: 'Baskets' })))] });
    expect((await run(['--json', shop])).lines()[0].signals).toMatchObject([{ failure: 'unclassified' }]);
    expect((await run(['--json', shop, '--policy', policy])).lines()[0].signals).toMatchObject([{ failure: 'load-saturated' }]);
    expect(await run([shop, '--policy', file('bad.json', '{"mode":1}')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/bad\.json:1:9: mode: /),
    });
    expect(await run([shop, '--policy', '-'], ['{}'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--policy -: no such file'),
    });
  });

  test.each(['events.ndjson', 'events.jsonl'])('%s is one event a line', async (name) => {
    const path = file(name, `${JSON.stringify(unreachable)}\n\nnonsense\n${JSON.stringify(rejected)}`);
    const { code, stderr, lines } = await run(['--json', path]);
    expect(lines().map((line) => line.file)).toEqual([`${path}:1`, `${path}:4`]);
    expect(stderr).toContain(`${path}:3: not JSON`);
    expect(code).toBe(2);
  });

  test('stdin may be a stream of lines, in any chunks', async () => {
    const text = `${JSON.stringify(unreachable)}\n${JSON.stringify(unreachable)}\n`;
    const { code, lines } = await run(['-', '--json'], text.match(/[\s\S]{1,7}/g) ?? []);
    expect(code).toBe(0);
    expect(lines().map((line) => line.file)).toEqual(['-:1', '-:2']);
  });

  test('stdin may be one event over many lines', async () => {
    const { code, lines } = await run(['-', '--json'], [`\n${JSON.stringify(unreachable, null, 2)}\n`]);
    expect(code).toBe(0);
    expect(lines().map((line) => line.file)).toEqual(['-:2']);
  });

  test('a broken first line does not take the others with it', async () => {
    const { code, stderr, lines } = await run(['-', '--json'], [`{broken\n${JSON.stringify(unreachable)}\n`]);
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(/^selfheal classify: -:1: not JSON/)]);
    expect(lines().map((line) => line.file)).toEqual(['-:2']);
  });

  test('a line that never ends is an error, not a memory leak', async () => {
    const { code, stderr } = await run(
      ['-'],
      Array.from({ length: 17 }, () => 'x'.repeat(1024 * 1024)),
    );
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('longer than') });
  });

  test('a mark at the beginning of a file does not matter', async () => {
    expect((await run([file('bom.json', `\ufeff${JSON.stringify(unreachable)}`)])).code).toBe(0);
  });

  test('for people it fits 80 columns, without colour or tricks', async () => {
    const evil = file('evil.json', {
      Records: [snsRecord(message(alarm({ name: `\u001b[31m${'long name '.repeat(20)}\u202e` }))), sqsRecord('\u001b[2Jplain')],
    });
    const { code, stdout } = await run(
      [
        evil,
        file('stopped.json', event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': instanceId, state: 'stopped' })),
        file('empty.json', { Records: [] }),
      ],
      [],
      80,
    );
    expect(code).toBe(1);
    for (const line of stdout.split('\n')) {
      expect(line.length).toBeLessThanOrEqual(80);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    for (const word of ['remediate', 'restart-instance', 'start-instance', 'rejected', 'record 1', 'us-west-2', 'the batch is empty'])
      expect(stdout).toContain(word);
  });

  test('a reader that stops early ends it quietly', async () => {
    const many = file('many.json', { Records: Array.from({ length: 5000 }, () => snsRecord(message(alarm()))) });
    const bin = new URL('../../local/cli/selfheal.js', import.meta.url).pathname;
    const child = spawn(process.execPath, [bin, 'classify', '--json', many], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = await once(child, 'close');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('--help says how it is used; nothing says 2, and an unknown option is refused', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--json'), stderr: '' });
    expect(await run([])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^selfheal classify: no file given.*\n$/),
    });
    // The command line makes one line and the 2 of it.
    await expect(classifyCommand.run(['--jsno', 'x'], recordingIo().io)).rejects.toMatchObject({ code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
  });
});
