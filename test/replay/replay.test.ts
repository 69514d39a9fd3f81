import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { jsonLines, selfheal } from '../cli/io.ts';
import { alarm, alarmEvent, event, instanceId, message, snsRecord, sqsRecord } from '../signals/fixtures.ts';

// A machine that does much else at once needs long for a world.

const folder = mkdtempSync(join(tmpdir(), 'selfheal-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

const run = async (args: string[], stdin = '') => {
  const { code, stdout, stderr } = await selfheal(['replay', ...args], { columns: 80, stdin: [stdin] });
  const lines = () => stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  return { code, stdout, stderr, lines };
};

const unreachable = alarmEvent(alarm());
const overloaded = alarmEvent(
  alarm({ name: 'web-cpu', metric: 'CPUUtilization', statistic: 'Average', dimensions: { InstanceId: instanceId } }),
);
const ok = alarmEvent(alarm({ state: 'OK', previousState: 'ALARM' }));

describe('selfheal replay', () => {
  test('tells why an incident ended as it did, in 80 columns', async () => {
    const path = file('unreachable.json', unreachable);
    const { code, stdout, stderr } = await run([path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const flat = stdout.replace(/\s+/g, ' ');
    for (const words of [
      'decoded as cloudwatch-alarm, 2026-11-20 13:35:12 UTC, alarm an-alarm',
      'classified instance-unreachable, critical: remediate by restart-instance',
      'running in us-west-2a, launched 1 h 00 min ago; system check ok, instance check impaired',
      'guard pass: opt-in, paused, overrides, mode,',
      'act reboot-instance (reboot): done',
      'verify both status checks pass; alarm an-alarm is OK (look 2 of 2)',
      '=> healed (after',
    ])
      expect(flat).toContain(words);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('--json is the line of the demo, and the trace', async () => {
    const path = file('unreachable.json', unreachable);
    const { lines } = await run([path, '--json']);
    const demo = [
      'incident',
      'failure',
      'resource',
      'status',
      'verified',
      'startedAt',
      'endedAt',
      'timeToRecoverSeconds',
      'actions',
      'reason',
      'quiet',
    ];
    const [line] = lines();
    expect(lines()).toHaveLength(1);
    expect(Object.keys(line)).toEqual([...demo, 'trace']);
    expect(line.trace).toMatchObject({
      events: [path],
      decoded: { kind: 'cloudwatch-alarm', at: '2026-11-20T13:35:12.681Z', alarm: 'an-alarm' },
      classified: { failure: 'instance-unreachable', disposition: 'remediate', playbook: 'restart-instance' },
      playbook: 'restart-instance',
    });
    const [asked] = line.trace.timeline.filter(({ phase }: { phase: string }) => phase === 'guard');
    expect(asked.answers.map(({ guard, answer }: { guard: string; answer: string }) => `${guard} ${answer}`)).toContain('opt-in pass');
  });

  test('tells a guard that says no with its reason', async () => {
    const policy = file('off.json', { modes: [{ when: { failure: 'instance-unreachable' }, mode: 'off' }] });
    const { code, stdout } = await run([file('unreachable.json', unreachable), '--policy', policy]);
    expect(code).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toContain('mode says hold: the policy switches action off; selfheal would have rebooted instance');
  });

  test('tells of what opens no incident: on stderr for machines, as classify does', async () => {
    const path = file('ok.json', ok);
    const { code, stdout, stderr } = await run([path, '--json']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ file: path, rejected: [], signals: [{ disposition: 'ignore' }] });
    expect((await run([path])).stdout).toContain('no incident');
  });

  test.each([
    ['targets-unhealthy', 'healed', 'reboot-instance'],
    ['load-saturated', 'healed', 'scale-out'],
    ['memory', 'healed', 'reboot-instance'],
  ])('makes a world that matches %s', async (name, status, action) => {
    const [line] = (await run([join('events/cloudwatch-alarm', `${name}.json`), '--json'])).lines();
    expect({ status: line.status, action: line.actions.at(-1).action }).toEqual({ status, action });
  });

  describe('plays the metric that the event names, whatever a rule takes it for', () => {
    const restarts = {
      failure: 'instance-unreachable',
      subject: { type: 'instance', dimension: 'InstanceId' },
      playbook: 'restart-instance',
    };
    const policy = (name: string, rule: object) =>
      file(name, { classification: { alarms: [{ direction: 'above', ...restarts, ...rule }] } });

    test('a busy CPU is not mended by what mends a hang', async () => {
      const path = file('overloaded.json', overloaded);
      const { code, lines } = await run([path, '--json', '--policy', policy('cpu.json', { metric: 'CPUUtilization' })]);
      expect(code).toBe(0);
      expect(lines()).toMatchObject([{ failure: 'instance-unreachable', trace: { playbook: 'restart-instance' } }]);
      expect(lines()[0]).not.toMatchObject({ status: 'healed' });
    });

    test('what nothing here drives is said, and 1, where it would be acted on', async () => {
      const heartbeat = file('heartbeat.json', alarmEvent(alarm({ namespace: 'Shop', metric: 'Heartbeat' })));
      const acting = policy('heartbeat-policy.json', { metric: 'Heartbeat' });
      const { code, stdout, stderr } = await run([heartbeat, '--json', '--policy', acting]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toBe(
        `selfheal replay: ${heartbeat}: instance-unreachable on ${instanceId} can't be played: alarm "an-alarm": the embedded AWS has nothing that drives Shop Heartbeat by InstanceId\n`,
      );
      const telling = file('telling.json', {
        classification: { alarms: [{ metric: 'Heartbeat', direction: 'above', ...restarts, playbook: undefined }] },
      });
      const told = await run([heartbeat, '--json', '--policy', telling]);
      expect({ code: told.code, lines: told.lines() }).toMatchObject({ code: 0, lines: [{ status: 'escalated' }] });
    });

    test('an alarm that can not go off as it is described', async () => {
      const described = JSON.parse(JSON.stringify(message(alarm())));
      described.Trigger.Threshold = 3;
      const { code, stderr } = await run([file('never.json', { Records: [snsRecord(described)] }), '--json']);
      expect(code).toBe(1);
      expect(stderr).toContain('nothing that drives AWS/EC2 StatusCheckFailed_Instance by InstanceId above 3');
    });
  });

  test('tells how long it took on the clock of its world, whatever the time of the event', async () => {
    const { stdout } = await run(['events/cloudwatch-alarm/host-impaired-2016.json']);
    expect(stdout).toMatch(/=> healed\S* \(after \d+ min \d+ s/);
  });

  test('an event that was never seen before is no error', async () => {
    const path = file('new.json', event('aws.brand-new', 'Something Happened', { what: 'new' }));
    const { code, stdout, stderr } = await run([path]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('no incident');
    const unknown = file('unknown.json', alarmEvent(alarm({ namespace: 'Shop', metric: 'Baskets', dimensions: {} })));
    expect((await run([unknown, '--json'])).lines()).toMatchObject([{ failure: 'unclassified', status: 'escalated' }]);
  });

  test('a broken file among good ones is one line, and the others are played', async () => {
    const good = file('good.json', unreachable);
    const broken = file('broken.json', '{"a":');
    const wrong = file('wrong.yml', 'name: x\n');
    const { code, stderr, lines } = await run([join(folder, 'missing.json'), broken, wrong, good, '--json']);
    expect(code).toBe(2);
    expect(lines()).toMatchObject([{ status: 'healed' }]);
    expect(stderr.split('\n').filter((line) => !/missing in|is missing$|^$/.test(line))).toEqual([
      expect.stringMatching(/missing\.json: no such file$/),
      expect.stringMatching(/broken\.json: not JSON: /),
    ]);
    expect(stderr).toContain(`${wrong}:1:1: hypothesis: is missing`);
  });

  test('a record that is rejected is told, does not take the others with it, and makes it 1', async () => {
    const { code, stdout } = await run([file('batch.json', { Records: [sqsRecord('nonsense'), snsRecord(message(alarm()))] })]);
    expect(code).toBe(1);
    expect(stdout).toContain('record 0: ');
    expect(stdout).toContain('=> healed');
  });

  test('plays a folder: events, streams and scenarios, but no expectations', async () => {
    file('all/a.json', unreachable);
    file('all/a.expected.json', { why: 'x' });
    file('all/b.ndjson', `${JSON.stringify(overloaded)}\nnonsense\n`);
    file('all/notes.txt', 'x');
    file(
      'all/c.yml',
      `name: c\nhypothesis: c\nfleet: { instances: { web: { optedIn: false, alarms: [instance] } } }\ntimeline: [{ at: 0s, do: hang-kernel, on: web }]\nexpect: { messages: 1 }\n`,
    );
    const { code, stderr, lines } = await run([join(folder, 'all'), '--json']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/b\.ndjson:2: not JSON/);
    expect(lines().map(({ status, trace }) => [status, trace.events[0].split('/').at(-1)])).toEqual([
      ['healed', 'a.json'],
      ['escalated', 'b.ndjson:1'],
      ['held', 'c.yml'],
    ]);
  });

  test('a scenario that does not come out as it says makes it 1', async () => {
    const path = file(
      'bad.yml',
      `name: c\nhypothesis: c\nfleet: { instances: { web: { optedIn: false, alarms: [instance] } } }\ntimeline: [{ at: 0s, do: hang-kernel, on: web }]\nexpect: { messages: 2 }\n`,
    );
    const { code, stderr } = await run([path]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `selfheal replay: ${path}: not as expected: messages to people: 2; seen: 1\n` });
  });

  test('reads a stream from stdin', async () => {
    const { code, lines } = await run(['-', '--json'], `${JSON.stringify(unreachable)}\n${JSON.stringify(ok)}\n`);
    expect(code).toBe(0);
    expect(lines().map(({ trace }) => trace.events)).toEqual([['-:1']]);
  });

  test('reads an archive as it is delivered, and what a queue had; what is no event is told for what it is', async () => {
    const archive = file('archive', `${JSON.stringify(unreachable)}${JSON.stringify(ok)}`);
    const zipped = join(folder, 'zipped.json');
    writeFileSync(zipped, gzipSync(readFileSync(archive)));
    const queue = file('queue.json', { Messages: [{ MessageId: 'm', Body: JSON.stringify(unreachable) }] });
    const { code, stderr, lines } = await run([archive, zipped, queue, file('alarms.json', { MetricAlarms: [] }), '--json']);
    expect(code).toBe(2);
    expect(lines().map(({ failure, trace }) => [failure, trace.events])).toEqual([
      ['instance-unreachable', [`${archive}:1`]],
      ['instance-unreachable', [`${zipped}:1`]],
      ['instance-unreachable', [queue]],
    ]);
    expect(stderr).toContain('alarms.json: alarms as aws cloudwatch describe-alarms prints them; selfheal backtest reads them');
  });

  test('--until stops at a simulated time', async () => {
    const { code, stdout, stderr } = await run([file('unreachable.json', unreachable), '--until', '+62m', '--json']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/1 incidents had not ended when it stopped: instance-unreachable-/);
  });

  test('writes a report', async () => {
    const path = join(folder, 'report.html');
    expect((await run([file('unreachable.json', unreachable), '--report', path])).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain(instanceId);
  });

  test.each<[string[], string]>([
    [[], 'no file given; see selfheal replay --help'],
    [['x.json', '--seed', '-1'], '--seed'],
    [['x.json', '--seed', 'x'], '--seed must be a whole number, not "x"'],
    [['x.json', '--speed', '0'], '--speed must be a number above 0, not "0"'],
    [['x.json', '--until', 'later'], '--until must be a time such as 2026-11-20T14:00:00Z, or +2h, not "later"'],
    [['x.json', '--policy', '/nowhere.json'], '--policy /nowhere.json: no such file'],
    [['x.json', '--against', '/nowhere'], '--against /nowhere: no such file'],
    [['x.json', '--report', '/nowhere/r.html'], '--report: there is no folder /nowhere'],
  ])('%j could not run: %s', async (args, told) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(told);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('--against', () => {
  test('is content with what came out before, whatever the seed', async () => {
    const path = file('unreachable.json', unreachable);
    const expected = file('expected/one.ndjson', (await run([path, '--json'])).stdout);
    expect(await run([path, '--against', expected, '--seed', '2'])).toMatchObject({ code: 0, stderr: '' });
    const machines = await run([path, '--against', join(folder, 'expected'), '--json']);
    expect({ code: machines.code, stderr: machines.stderr }).toEqual({ code: 0, stderr: 'All 1 incidents ended as expected.\n' });
  });

  test('says what another policy changes, and 1', async () => {
    const path = file('unreachable.json', unreachable);
    // As PowerShell writes what a command prints.
    const expected = join(folder, 'before.ndjson');
    writeFileSync(expected, Buffer.from(`\ufeff${(await run([path, '--json'])).stdout}`, 'utf16le'));
    const policy = file('dry.json', { mode: 'dry-run' });
    const { code, stderr, lines } = await run([path, '--against', expected, '--policy', policy, '--json']);
    expect(code).toBe(1);
    expect(lines()).toHaveLength(1);
    expect(stderr.split('\n')).toEqual([
      `instance-unreachable on instance ${instanceId}, 2026-11-20T13:35:12.681Z`,
      '  - status: healed',
      '  + status: dry-run',
      '  - actions: reboot-instance',
      '  + actions: would have done reboot-instance',
      '1 incident ended differently.',
      '',
    ]);
  });

  test('says which playbook was swapped, what is missing and what is new', async () => {
    const path = file('unreachable.json', unreachable);
    const [line] = (await run([path, '--json'])).lines();
    const other = { ...line, incident: 'gone-1', resource: { type: 'instance', id: 'i-00000000000000001' } };
    const changed = { ...line, trace: { ...line.trace, playbook: 'recover-host' } };
    const expected = file('other.ndjson', `${JSON.stringify(changed)}\n${JSON.stringify(other)}\n`);
    const extra = file('extra.json', overloaded);
    const { code, stdout } = await run([path, extra, '--against', expected]);
    expect(code).toBe(1);
    const told = stdout.slice(stdout.lastIndexOf('\n\n')).trim().split('\n');
    expect(told).toContain('  - playbook: recover-host');
    expect(told).toContain('  + no such incident');
    expect(told).toContain('  - no such incident');
    expect(told.at(-1)).toBe('3 incidents ended differently.');
  });

  test('tells files apart that tell of the same incident', async () => {
    file('twins/a.json', unreachable);
    file('twins/b.ndjson', `${JSON.stringify(unreachable)}\n${JSON.stringify(unreachable)}\n`);
    const before = (await run([join(folder, 'twins'), '--json'])).lines();
    expect(new Set(before.map(({ incident }) => incident)).size).toBe(1);
    const [first, second] = before;
    const expected = file('twins.ndjson', `${JSON.stringify(second)}\n${JSON.stringify({ ...first, status: 'held' })}\n`);
    const { code, stdout } = await run([join(folder, 'twins'), '--against', expected]);
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n').slice(-3)).toEqual(['  - status: held', '  + status: healed', '1 incident ended differently.']);
  });

  test('matches by place and time where the class has changed', async () => {
    const path = file('unreachable.json', unreachable);
    const [line] = (await run([path, '--json'])).lines();
    const expected = file('class.ndjson', JSON.stringify({ ...line, incident: 'host-impaired-1', failure: 'host-impaired' }));
    const { stdout } = await run([path, '--against', expected]);
    expect(stdout).toContain('  - failure: host-impaired\n  + failure: instance-unreachable\n');
  });

  test('says where it can not be read', async () => {
    const path = file('unreachable.json', unreachable);
    expect((await run([path, '--against', file('no.ndjson', '{}\n')])).stderr).toMatch(
      /no\.ndjson:1: not a line of replay --json: incident/,
    );
    expect((await run([path, '--against', file('not.ndjson', '\n{')])).stderr).toMatch(/not\.ndjson:2: not JSON/);
  });
});

test('an interrupted run tells what it has and says 130', async () => {
  const stream = Array.from({ length: 5000 }, (_, i) => {
    const time = new Date(Date.parse('2026-11-20T00:00:00Z') + i * 600_000).toISOString();
    const told = alarmEvent(alarm({ dimensions: { InstanceId: `i-${i.toString(16).padStart(17, '0')}` }, time: time.slice(0, -1) }));
    return JSON.stringify({ ...told, time: `${time.slice(0, 19)}Z` });
  });
  const bin = new URL('../../local/cli/selfheal.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [bin, 'replay', file('long.ndjson', stream.join('\n')), '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    if (stdout === '') child.kill('SIGINT');
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  expect({ code, stderr }).toEqual({
    code: 130,
    stderr: expect.stringMatching(/selfheal replay: interrupted: \d+ incidents were shown\n$/),
  });
  const lines = jsonLines(stdout);
  expect(lines.pop()).toEqual({ incidents: lines.length, interrupted: true });
  for (const line of lines) expect(line).toHaveProperty('trace');
});
