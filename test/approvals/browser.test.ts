import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createFunctionUrl } from '../../local/testbed/function-url.ts';
import { approvalId } from '../../shared/approvals/approval.ts';
import { linkTo } from '../../shared/approvals/link.ts';
import { createActs } from '../../shared/aws/acts.ts';
import { createApprove } from '../../shared/handlers/approve.ts';
import type { Approval } from '../../shared/model/approval.ts';
import { noon } from '../remediation/examples.ts';
import { type Browser, findChromium, startBrowser, type Tab } from './browser.ts';
import { approval, domain, keys, localStore, page } from './examples.ts';

const chromium = findChromium();
const inBrowser = chromium === undefined ? describe.skip : describe;
if (chromium === undefined) console.warn('no chromium is installed here: the tests of the page in a browser are skipped');

const hostile = `<script>alert(1)</script><img src="//evil.example/x" onerror="alert(2)">"'>\u202e${'long'.repeat(100)}`;

/** Every text element's contrast with what is behind it, as WCAG counts it. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
const contrasts = `(() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => { for (let e = element; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c[3] !== 0) return c; } };
  return [...document.querySelectorAll('main *')].filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility())
    .map((e) => { const [a, b] = [light(parts(getComputedStyle(e).color)), light(behind(e))]; return { what: e.tagName + ' ' + e.textContent.slice(0, 20), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) }; });
})()`;

inBrowser('the page in a browser', () => {
  let browser: Browser;
  let server: Server;
  let local: Awaited<ReturnType<typeof localStore>>;
  let tab: Tab;
  let origin: string;
  const told: string[] = [];
  const posted: string[] = [];
  const seen = { requests: [] as string[], violations: [] as string[], dialogs: 0 };

  beforeAll(async () => {
    local = await localStore();
    const approve = createApprove({
      store: local.store,
      keys: async () => keys,
      completeCallback: async (_, result) => {
        told.push(result);
        return 'delivered';
      },
      now: () => noon + 60_000,
      log: () => {},
      acts: createActs(local.dynamoDb, 'ledger'),
      experience: async () => 'it has helped in 7 of 9 times',
    });
    const fetchPage = createFunctionUrl(approve as never, { domain, sourceIp: '203.0.113.7' });
    server = createServer(async (request, response) => {
      const { method = 'GET', url = '/', headers } = request;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (method === 'POST') posted.push(url);
      const body = method === 'POST' ? { body: Buffer.concat(chunks) } : {};
      const type = headers['content-type'];
      const answer = await fetchPage(`https://${domain}${url}`, { method, headers: type ? { 'content-type': type } : {}, ...body });
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await startBrowser(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await local?.close();
  });

  let made = 0;
  /** Asks a question and opens its link, with the window's width in CSS pixels and the system's colours. */
  const open = async (change: Partial<Approval> = {}, { width = 390, scheme = 'light' } = {}): Promise<Approval> => {
    const callbackId = `callback${++made}`;
    const question = approval({ ...change, callbackId, id: approvalId(callbackId) });
    await local.store.add(question);
    await tab.send('Emulation.setDeviceMetricsOverride', { width, height: 844, deviceScaleFactor: 1, mobile: width < 600 });
    await tab.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await tab.loaded(() => tab.send('Page.navigate', { url: linkTo(question, keys.current).replace(page, origin) }));
    return question;
  };
  const press = (key: string, text?: string) =>
    Promise.all(
      ['keyDown', 'keyUp'].map((type) =>
        tab.send('Input.dispatchKeyEvent', {
          type,
          key,
          code: key,
          windowsVirtualKeyCode: key === 'Enter' ? 13 : 9,
          ...(text && type === 'keyDown' ? { text } : {}),
        }),
      ),
    );
  const click = async (selector: string) => {
    const { x, y } = await tab.evaluate<{ x: number; y: number }>(
      `(() => { const e = document.querySelector('${selector}'); e.scrollIntoView({ block: 'center' }); const { x, y, width, height } = e.getBoundingClientRect(); return { x: x + width / 2, y: y + height / 2 }; })()`,
    );
    for (const type of ['mousePressed', 'mouseReleased'])
      await tab.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  };
  const textOf = (selector: string) => tab.evaluate<string>(`document.querySelector('${selector}').innerText`);

  beforeEach(async () => {
    told.length = 0;
    posted.length = 0;
    Object.assign(seen, { requests: [], violations: [], dialogs: 0 });
    tab = await browser.tab();
    for (const domainName of ['Network', 'Log', 'Audits']) await tab.send(`${domainName}.enable`);
    tab.on('Network.requestWillBeSent', ({ request }) => seen.requests.push((request as { url: string }).url));
    tab.on('Log.entryAdded', ({ entry }) => {
      const { source, text } = entry as { source: string; text: string };
      if (source === 'security') seen.violations.push(text);
    });
    tab.on('Audits.issueAdded', ({ issue }) => seen.violations.push((issue as { code: string }).code));
    tab.on('Page.javascriptDialogOpening', () => seen.dialogs++);
  });
  afterEach(async () => {
    // Whatever was shown, nothing was run, nothing was fetched from elsewhere, and the policy fits the page.
    expect(seen.dialogs).toBe(0);
    expect(seen.requests.filter((url) => !url.startsWith(origin))).toEqual([]);
    expect(seen.violations).toEqual([]);
    await tab.send('Page.close');
  });

  test.each([
    [320, 'light'],
    [390, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ])('fits a window of %i pixels and can be read in the %s, hostile texts and all', async (width, scheme) => {
    const timeline = [{ at: '2026-11-20T12:00:00.000Z', phase: 'look' as const, text: hostile }];
    await open({ what: hostile, why: hostile, reason: hostile, timeline }, { width, scheme });
    expect(await tab.evaluate('innerWidth')).toBe(width);
    expect(await tab.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(true);
    const found = await tab.evaluate<{ what: string; ratio: number }[]>(contrasts);
    expect(found.length).toBeGreaterThan(15);
    expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    const dark = await tab.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(dark === 'rgb(13, 17, 23)').toBe(scheme === 'dark');
    const buttons = await tab.evaluate<number[]>(
      `[...document.querySelectorAll('.buttons button')].map((b) => b.getBoundingClientRect().height)`,
    );
    expect(buttons.every((height) => height >= 44)).toBe(true);
  });

  test('tells a screen reader what each control is, and what is decided', async () => {
    const { what } = await open();
    type Node = { ignored: boolean; role?: { value: string }; name?: { value: string }; description?: { value: string } };
    const { nodes } = await tab.send<{ nodes: Node[] }>('Accessibility.getFullAXTree');
    const controls = nodes.flatMap(({ ignored, role, name, description }) =>
      !ignored && ['button', 'textbox', 'heading', 'main'].includes(role?.value ?? '')
        ? [{ role: role?.value, name: name?.value ?? '', about: description?.value ?? '' }]
        : [],
    );
    // The protocol lists them level by level.
    const expected = [
      { role: 'main', name: '', about: '' },
      { role: 'heading', name: `May selfheal ${what}?`, about: '' },
      { role: 'heading', name: 'What will happen', about: '' },
      { role: 'heading', name: 'Why', about: '' },
      { role: 'textbox', name: 'Your name, for the record', about: '' },
      { role: 'button', name: 'Approve', about: expect.stringContaining('Open until 2026-11-20 16:00 UTC') },
      { role: 'button', name: 'Reject', about: expect.stringContaining('Open until') },
      { role: 'heading', name: 'So far (UTC)', about: '' },
    ];
    expect(controls).toHaveLength(expected.length);
    expect(controls).toEqual(expect.arrayContaining(expected));
  });

  test.each([
    ['approve', 'Approved'],
    ['reject', 'Rejected'],
  ])('decides by a click to %s, without scripts, and leaves no token in the address', async (decision, title) => {
    const { what } = await open();
    await tab.send('Emulation.setScriptExecutionDisabled', { value: true });
    await click('#name');
    await tab.send('Input.insertText', { text: 'Ana' });
    await tab.loaded(() => click(`button[value=${decision}]`));
    expect(await textOf('h1')).toBe(`${title}: ${what}`);
    expect(await textOf('[role=status]')).toContain('by Ana (name not checked) at 203.0.113.7');
    expect(told.map((answer) => JSON.parse(answer))).toEqual([{ decision, by: 'Ana (name not checked) at 203.0.113.7' }]);
    expect(posted).toEqual(['/']);
    expect(await tab.evaluate('location.href')).toBe(origin);
  });

  test('decides by keyboard alone', async () => {
    await open();
    await click('#name');
    await tab.send('Input.insertText', { text: 'Ana' });
    await press('Tab');
    await press('Tab');
    expect(await tab.evaluate('document.activeElement.value')).toBe('reject');
    expect(await tab.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await tab.loaded(() => press('Enter', '\r'));
    expect(told.map((answer) => JSON.parse(answer).decision)).toEqual(['reject']);
  });

  test('sends nothing without a name', async () => {
    await open();
    await click('button[value=approve]');
    expect(await tab.evaluate('document.activeElement.id')).toBe('name');
    await tab.loaded(() => tab.send('Page.reload'));
    expect(posted).toEqual([]);
    expect(told).toEqual([]);
  });

  test('decides nothing by Enter in the name, where a browser would press the first button', async () => {
    await open();
    await click('#name');
    await tab.send('Input.insertText', { text: 'Ana' });
    await press('Enter', '\r');
    // What Enter had set off would have been sent before this page is asked for and answered.
    await tab.loaded(() => tab.send('Page.reload'));
    expect(posted).toEqual([]);
    expect(told).toEqual([]);
  });
});
