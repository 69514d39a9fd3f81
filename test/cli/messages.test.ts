import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openerOf } from '../../local/cli/open.ts';
import type { Message } from '../../local/messages/collect.ts';
import { pagesOf } from '../../local/messages/pages.ts';
import { findChromium, startBrowser } from '../approvals/browser.ts';
import { alarm, alarmEvent } from '../signals/fixtures.ts';
import { jsonLines, selfheal } from './io.ts';

// A machine that does much else at once needs long for a world.

const folder = mkdtempSync(join(tmpdir(), 'selfheal-test-messages-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const asks = file('asks.policy', {
  approval: { required: [{ action: 'reboot-instance' }], timeout: 600 },
  runbooks: { 'instance-unreachable': 'https://wiki.example.com/unreachable' },
});
const broken = file('broken.json', alarmEvent(alarm()));
const well = file('well.json', alarmEvent(alarm({ state: 'OK', previousState: 'ALARM' })));
const messages = (args: string[], terminal: Parameters<typeof selfheal>[1] = {}) => selfheal(['messages', ...args], terminal);

describe('selfheal messages', () => {
  const out = join(folder, 'pages');
  let lines: (Message & { file: string })[];
  let ran: Awaited<ReturnType<typeof selfheal>>;
  beforeAll(async () => {
    ran = await messages([broken, '--policy', asks, '--json', '--out', out]);
    lines = jsonLines(ran.stdout);
  });
  const page = (name: string) => readFileSync(join(out, name), 'utf8');

  test('--json has a line for each message as it was published, and one for the widget', () => {
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: `selfheal messages: ${join(out, 'index.html')}\n` });
    expect(lines.map(({ kind }) => kind as string)).toEqual(['approval', 'chat', 'outcome', 'chat', 'widget']);
    const [question, , outcome] = lines;
    expect(question).toMatchObject({ file: broken, topic: 'selfheal-local-approvals', json: { kind: 'approval' } });
    expect(question).toMatchObject({ page: expect.stringContaining('<h1>May selfheal reboot instance') });
    expect(outcome).toMatchObject({
      email: expect.stringContaining('\nWhat now: Nobody has approved the action: treat it by hand.\n'),
      json: { status: 'held', links: expect.arrayContaining([{ to: 'runbook', url: 'https://wiki.example.com/unreachable' }]) },
    });
  });

  test('--out has them as pages: the question while it is open, the chat, the widget, and one that leads to all', () => {
    expect(readdirSync(out).sort()).toEqual(['approval-1.html', 'chat.html', 'index.html', 'widget.html']);
    expect(page('approval-1.html')).toContain('value="approve"');
    expect(page('chat.html')).toContain('selfheal asks: may it reboot instance');
    expect(page('widget.html')).toMatch(/instance-unreachable on instance .*held/);
    const index = page('index.html');
    expect(index).toContain('<a href="https://wiki.example.com/unreachable" rel="noreferrer">https://wiki.example.com/unreachable</a>');
    for (const [, href = ''] of index.matchAll(/<li><a href="([^"]+)"/g)) expect(existsSync(join(out, href))).toBe(true);
    expect(index.match(/<li><a href=/g)).toHaveLength(3);
  });

  const chromium = findChromium();
  (chromium === undefined ? test.skip : test)('pages fit a phone, and fetch nothing', async () => {
    const browser = await startBrowser(chromium ?? '');
    try {
      const tab = await browser.tab();
      const requests: string[] = [];
      for (const domain of ['Network', 'Page', 'Runtime']) await tab.send(`${domain}.enable`);
      tab.on('Network.requestWillBeSent', ({ request }) => requests.push((request as { url: string }).url));
      await tab.send('Emulation.setDeviceMetricsOverride', { width: 360, height: 800, deviceScaleFactor: 1, mobile: true });
      for (const name of readdirSync(out)) {
        await tab.loaded(() => tab.send('Page.navigate', { url: pathToFileURL(join(out, name)).href }));
        const fits = 'document.documentElement.scrollWidth <= document.documentElement.clientWidth';
        expect({ name, fits: await tab.evaluate(fits) }).toEqual({ name, fits: true });
      }
      const widget = await tab.evaluate<string>('document.body.innerText');
      expect(widget).toContain('Filter');
      expect(widget).not.toContain('{"status"');
      expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  test.each([50, 80])('is read in %i columns, without colour in a pipe', async (columns) => {
    const { code, stdout, stderr } = await messages([well, broken, '--out', out], { columns });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').filter((line) => line.length > columns && !line.startsWith('Pages: '))).toEqual([]);
    const flat = stdout.replace(/\s+/g, ' ');
    for (const words of [
      'no incident',
      'outcome, 2026-11-20',
      'Subject: selfheal: healed:',
      'Text message (',
      'chat, 2026-11-20',
      `Pages: ${out}`,
    ])
      expect(flat).toContain(words);
    // Those of before, of its own, are replaced.
    expect(page('index.html')).not.toContain('May selfheal');
  });

  test('a scenario is played in its own world; what is quiet is said to be', async () => {
    const { code, stdout } = await messages(['events/scenarios/dry-run.yml', '--json']);
    expect(code).toBe(0);
    const [outcome] = jsonLines(stdout);
    expect(outcome.email).toContain('Would have done:\n');
    expect(outcome.email).not.toMatch(/\bDone\b/);
    const quiet = await messages(['events/scenarios/stopped-by-a-person.yml', '--json']);
    expect(quiet.code).toBe(0);
    expect(jsonLines(quiet.stdout).map(({ kind }) => kind)).toEqual(['widget']);
    expect(quiet.stderr).toMatch(/quiet, so no message is sent: instance-stopped on i-\w+, held: /);
  });

  test('ends with 1 or 2 where something was wrong, and goes on with the rest', async () => {
    const bad = file('bad.json', { source: 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change', detail: {} });
    const rejected = await messages([bad, '--json']);
    expect({ code: rejected.code, stdout: rejected.stdout }).toEqual({ code: 1, stdout: '' });
    expect(rejected.stderr).toContain('bad.json');
    const missing = await messages([join(folder, 'none.json'), well, '--out', out]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('none.json: no such file');
    expect(missing.stdout).toContain('No message is sent.');
    expect((await messages([])).code).toBe(2);
    expect((await messages([file('no.yml', 'name: 1')])).code).toBe(2);
  });

  test('writes into no folder that has something else in it, unless it is forced to', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'thesis.txt'), 'x');
    const refused = await messages([well, '--out', other]);
    expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' });
    expect(refused.stderr).toBe(`selfheal messages: --out: ${other} has other files in it; --force writes beside them\n`);
    expect((await messages([well, '--out', other, '--force'])).code).toBe(0);
    expect(readdirSync(other).sort()).toEqual(['index.html', 'thesis.txt']);
    expect((await messages([well, '--out', asks])).stderr).toContain('is not a folder');
  });

  test('--approval shows what a person is asked, in text and as a page that says what will happen', async () => {
    const path = join(folder, 'approval.html');
    const { code, stdout, stderr } = await messages([broken, '--policy', asks, '--approval', '--report', path], { columns: 80 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const flat = stdout.replace(/\s+/g, ' ');
    for (const text of [
      'May selfheal reboot instance',
      'Expected downtime: about 3 min 00 s (assumed)',
      'Tried so far: nothing yet',
      `Page: ${path}`,
    ])
      expect(flat).toContain(text);
    expect(flat).not.toContain('outcome,');
    const written = readFileSync(path, 'utf8');
    for (const text of ['<dt>Expected downtime</dt>', 'required', "default-src 'none'", 'selfheal messages'])
      expect(written).toContain(text);
    expect((await messages([broken, '--policy', asks, '--approval', '--report', path])).code).toBe(0);
    expect((await messages([broken, '--approval', '--report', broken])).stderr).toContain('--force replaces it');
    expect((await messages([broken, '--report', path])).stderr).toContain('--report is for --approval');
    expect((await messages([well, '--approval'])).stdout).toContain('Nobody is asked anything.');
  });

  test('--open says where to look if there is no browser', async () => {
    const { code, stderr } = await messages([well, '--out', out, '--open'], { env: { BROWSER: join(folder, 'no-such-browser') } });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `selfheal messages: no browser found: open ${join(out, 'index.html')}\n`,
    });
  });
});

test.each([
  ['linux', {}, null],
  ['linux', { DISPLAY: ':0' }, ['xdg-open']],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open']],
  ['linux', { BROWSER: 'firefox' }, ['firefox']],
  ['darwin', {}, ['open']],
  ['win32', {}, ['cmd', '/c', 'start', '']],
] as const)('a browser on %s with %j is opened by %j', (platform, env, expected) => {
  expect(openerOf(platform, env)).toEqual(expected);
});

test('the pages show hostile texts as they are, and link to nothing that is no whole address', () => {
  const hostile = `<script>alert(1)</script> \`<b>\` https://evil.example/"onclick="x javascript:x`;
  const common = { at: 0, topic: hostile, incident: hostile };
  const pages = pagesOf(hostile, [
    {
      widget: null,
      messages: [
        { ...common, kind: 'outcome', subject: hostile, email: hostile, sms: hostile, json: {}, page: null },
        {
          ...common,
          kind: 'chat',
          chat: {
            version: '1.0',
            source: 'custom',
            id: 'x',
            content: { textType: 'client-markdown', title: hostile, description: hostile, nextSteps: [hostile], keywords: [hostile] },
            metadata: { threadId: 'x', summary: 'x', eventType: 'x', relatedResources: [], additionalContext: {} },
          },
        },
      ],
    },
  ]);
  for (const content of Object.values(pages)) {
    expect(content).not.toMatch(/<script|<b>|<[^>]*onclick/);
    for (const [, href] of content.matchAll(/href="([^"]*)"/g)) expect(['https://evil.example/', 'chat.html']).toContain(href);
  }
});
