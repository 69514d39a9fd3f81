import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { writeReport } from '../../local/report/index.ts';
import { type Browser, findChromium, startBrowser, type Tab } from '../approvals/browser.ts';
import { attack, hostile, input, many, treated } from './examples.ts';

const chromium = findChromium();
const inBrowser = chromium === undefined ? describe.skip : describe;
if (chromium === undefined) console.warn('no chromium is installed here: the tests of the report in a browser are skipped');

/** Every text element's contrast with what is behind it, as WCAG counts it. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
const contrasts = `(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const parts = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => { for (let e = element; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c[3] !== 0) return c; } };
  const ink = (e) => getComputedStyle(e)[e instanceof SVGElement ? 'fill' : 'color'];
  return [...document.querySelectorAll('header *, main *, footer *')]
    .filter((e) => e.tagName !== 'title' && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.checkVisibility())
    .map((e) => { const [a, b] = [light(parts(ink(e))), light(behind(e))]; return { what: e.tagName + ' ' + e.textContent.slice(0, 20), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) }; });
})()`;

inBrowser('the report in a browser', () => {
  let browser: Browser;
  let folder: string;
  let tab: Tab;
  const seen = { requests: [] as string[], complaints: [] as string[], dialogs: 0 };

  const urlOf = (name: string) => pathToFileURL(join(folder, `${name}.html`)).href;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'selfheal-report-'));
    const tables = [{ title: hostile, columns: [hostile, 'n'], rows: [[hostile, 1]] }];
    const reports = {
      many: input({
        outcomes: [
          ...many(450).map((outcome) => ({
            ...outcome,
            links: ['javascript:alert(3)', 'https://wiki.example.com/unreachable', '//evil.example'].map((url) => ({
              to: 'runbook' as const,
              url,
            })),
          })),
          treated({ status: 'healed-itself', quiet: true, failure: 'load-saturated' }),
        ],
        names: new Map(many(450).map(({ resource }, i) => [resource.id, `web-${i}`])),
      }),
      one: input(),
      none: input({ outcomes: [], health: [] }),
      hostile: input({
        title: hostile,
        command: hostile,
        notes: [hostile],
        tables,
        outcomes: [{ ...attack(), world: hostile }, treated()],
      }),
    };
    for (const [name, report] of Object.entries(reports)) await writeReport(join(folder, `${name}.html`), report);
    browser = await startBrowser(chromium ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (name: string, { width = 1280, scheme = 'light', media = 'screen', hash = '' } = {}): Promise<void> => {
    await tab.send('Emulation.setDeviceMetricsOverride', { width, height: 844, deviceScaleFactor: 1, mobile: width < 600 });
    await tab.send('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await tab.loaded(() => tab.send('Page.navigate', { url: `${urlOf(name)}${hash}` }));
  };
  const press = async (key: string, code: number, text?: string) => {
    for (const type of ['keyDown', 'keyUp'])
      await tab.send('Input.dispatchKeyEvent', {
        type,
        key,
        code: key,
        windowsVirtualKeyCode: code,
        ...(text && type === 'keyDown' ? { text } : {}),
      });
  };
  const tabKey = () => press('Tab', 9);
  const enter = () => press('Enter', 13, '\r');
  const space = () => press(' ', 32, ' ');
  const focus = (selector: string) => tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
  const column = (name: string) => tab.evaluate<string[]>(`[...document.querySelectorAll('td.${name}')].map((e) => e.innerText.trim())`);
  const count = () => tab.evaluate<string>(`document.getElementById('count').textContent`);
  /** After the page has reacted to what was done to it. */
  const settle = () =>
    tab.send('Runtime.evaluate', {
      expression: 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
      awaitPromise: true,
    });

  beforeEach(async () => {
    Object.assign(seen, { requests: [], complaints: [], dialogs: 0 });
    tab = await browser.tab();
    for (const domain of ['Network', 'Log', 'Audits', 'Runtime']) await tab.send(`${domain}.enable`);
    tab.on('Network.requestWillBeSent', ({ request }) => seen.requests.push((request as { url: string }).url));
    tab.on('Log.entryAdded', ({ entry }) => seen.complaints.push((entry as { text: string }).text));
    tab.on('Audits.issueAdded', ({ issue }) => seen.complaints.push((issue as { code: string }).code));
    tab.on('Runtime.exceptionThrown', (exception) => seen.complaints.push(JSON.stringify(exception).slice(0, 500)));
    tab.on('Runtime.consoleAPICalled', (call) => seen.complaints.push(JSON.stringify(call).slice(0, 500)));
    tab.on('Page.javascriptDialogOpening', () => seen.dialogs++);
  });
  afterEach(async () => {
    await settle();
    // Whatever was shown, nothing else was run, nothing was fetched, and nothing went wrong.
    expect(seen.dialogs).toBe(0);
    expect(seen.requests.filter((url) => !url.startsWith(urlOf('').slice(0, -5)))).toEqual([]);
    expect(seen.complaints).toEqual([]);
    await tab.send('Page.close');
  });

  test.each([
    ['hostile', 360, 'light'],
    ['hostile', 360, 'dark'],
    ['hostile', 1280, 'dark'],
    ['many', 360, 'light'],
    ['many', 850, 'light'],
    ['one', 320, 'light'],
    ['none', 360, 'dark'],
  ])('of %s fits a window of %i pixels and can be read in the %s', async (name, width, scheme) => {
    await open(name, { width, scheme });
    await tab.evaluate(`[...document.querySelectorAll('.toggle')].slice(0, 3).forEach((e) => e.click())`);
    await tab.evaluate(`document.querySelectorAll('details').forEach((e) => { e.open = true; })`);
    await settle();
    expect(await tab.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(true);
    const found = await tab.evaluate<{ what: string; ratio: number }[]>(contrasts);
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    expect(await tab.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
      scheme === 'dark' ? 'rgb(18, 22, 27)' : 'rgb(255, 255, 255)',
    );
    const small = await tab.evaluate<string[]>(
      `[...document.querySelectorAll('#search, select, .chip, .more, td .toggle')].filter((e) => e.checkVisibility()).map((e) => [e.className || e.id, e.getBoundingClientRect().height]).filter(([, height]) => height < (innerWidth < 600 ? 44 : 24)).map(String)`,
    );
    expect(small).toEqual([]);
  });

  test('prints in the colours of paper, without what only a screen needs', async () => {
    await open('many', { scheme: 'dark', media: 'print', width: 720 });
    const shown = (selector: string) => tab.evaluate<boolean>(`document.querySelector('${selector}').checkVisibility()`);
    expect(await tab.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect([await shown('.controls'), await shown('#more'), await shown('.incidents thead'), await shown('.chart')]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(await tab.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(true);
  });

  test('tells without scripts what came of it, and what is missing', async () => {
    await tab.send('Emulation.setScriptExecutionDisabled', { value: true });
    await open('one');
    const text = await tab.evaluate<string>('document.body.innerText');
    expect(text).toContain('1 of 1 incident recovered');
    expect(text).toContain('need scripts, which are disabled here');
    expect(await tab.evaluate(`document.getElementById('search').checkVisibility()`)).toBe(false);
    await tab.send('Emulation.setScriptExecutionDisabled', { value: false });
  });

  test('shows hostile texts as they are', async () => {
    await open('hostile');
    await tab.evaluate(`document.querySelectorAll('.toggle').forEach((e) => e.click())`);
    expect(
      await tab.evaluate('[document.scripts.length, document.images.length, document.querySelectorAll("main script").length]'),
    ).toEqual([2, 0, 0]);
    expect((await column('resource')).some((text) => text.includes('</script><script>alert(1)</script><img src="//evil.example/x"'))).toBe(
      true,
    );
    const seen = await tab.evaluate<string>(
      `[...document.querySelectorAll('dt')].find((e) => e.innerText === 'Seen').parentNode.innerText`,
    );
    expect(seen).toContain('</script><script>alert(1)</script><img src="//evil.example/x"');
    expect(await tab.evaluate('document.body.innerText.includes("\\u202e")')).toBe(false);
  });

  test('filters by text, status and failure, and says how many are left', async () => {
    await open('many');
    expect(await count()).toBe('451 incidents, the first 200 shown');
    await focus('#search');
    await tab.send('Input.insertText', { text: 'i-00000000000000001 ESCALATED' });
    const found = await column('resource');
    expect(await count()).toBe(`${found.length} of 451 incidents`);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(await column('status'))).toEqual(new Set(['escalated']));
    expect(found.every((text) => text.includes('i-00000000000000001'))).toBe(true);
    await enter();
    await focus('#reset');
    await enter();
    expect(await count()).toBe('451 incidents, the first 200 shown');
    expect(await tab.evaluate('document.activeElement.id')).toBe('search');

    await focus('#status-failed');
    await space();
    await focus('#status-held');
    await space();
    expect(await count()).toBe('150 of 451 incidents');
    expect(new Set(await column('status'))).toEqual(new Set(['failed', 'held']));
    await tab.evaluate(`document.getElementById('reset').click()`);

    await tab.evaluate(
      `(() => { const e = document.getElementById('failure'); e.value = 'load-saturated'; e.dispatchEvent(new Event('change')); })()`,
    );
    expect(await count()).toBe('1 of 451 incidents');
    await focus('#loud');
    await space();
    expect(await count()).toBe('0 of 451 incidents');
    expect(await tab.evaluate(`document.getElementById('incidents').checkVisibility()`)).toBe(false);
    expect(
      await tab.evaluate(`[document.getElementById('count').getAttribute('role'), document.getElementById('count').ariaLive]`),
    ).toEqual(['status', 'polite']);
  });

  test('sorts by keyboard, and says by what and which way', async () => {
    await open('many');
    const sorting = () =>
      tab.evaluate<string[]>(
        `[...document.querySelectorAll('th')].filter((e) => e.ariaSort).map((e) => e.innerText.trim() + ' ' + e.ariaSort)`,
      );
    // At first what needs a person, and what nobody hears of in the end.
    expect(await sorting()).toEqual(['Outcome ascending']);
    expect((await column('status'))[0]).toBe('failed');
    await focus('th.began button');
    await enter();
    expect(await sorting()).toEqual(['Began ascending']);
    const began = await column('began');
    expect(began).toEqual([...began].sort());
    await enter();
    expect(await sorting()).toEqual(['Began descending']);
    expect((await column('began'))[0]).not.toBe(began[0]);
    await focus('th.resource button');
    await space();
    expect(await sorting()).toEqual(['Resource ascending']);
    expect(await tab.evaluate(`getComputedStyle(document.activeElement).outlineStyle`)).toBe('solid');
    const resources = await column('resource');
    expect(resources).toEqual([...resources].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
    await tab.evaluate(
      `(() => { const e = document.getElementById('order'); e.value = 'began up'; e.dispatchEvent(new Event('change')); })()`,
    );
    expect(await column('began')).toEqual(began);
  });

  test('opens an incident by keyboard, with its picture and its steps', async () => {
    await open('one');
    await focus('th.actions button');
    await tabKey();
    expect(await tab.evaluate('document.activeElement.className')).toBe('toggle');
    await enter();
    await settle();
    expect(await tab.evaluate(`document.activeElement.ariaExpanded`)).toBe('true');
    expect(await tab.evaluate(`document.getElementById(document.activeElement.getAttribute('aria-controls')) !== null`)).toBe(true);
    expect(await tab.evaluate(`document.querySelectorAll('.detail .log tbody tr').length`)).toBe(14);
    expect(await tab.evaluate(`document.querySelectorAll('.detail svg.chart').length`)).toBe(1);
    const lanes = await tab.evaluate<string>(`document.querySelector('.detail svg.chart').textContent`);
    for (const text of ['signal', 'guard', 'wait', 'verify', 'reboot-instance', 'healed']) expect(lanes).toContain(text);
    await enter();
    expect(await tab.evaluate(`[document.activeElement.ariaExpanded, document.querySelectorAll('.detail').length]`)).toEqual(['false', 0]);
  });

  test('shows many incidents over time in few lanes, which lead to each story, and a reason and a name in each row', async () => {
    await open('many');
    const [lanes, marks, href] = await tab.evaluate<[string, number, string]>(
      `(() => { const e = document.getElementById('course'); const links = [...e.querySelectorAll('svg a')]; return [e.querySelector('svg').textContent, links.length, links[0].getAttribute('href')]; })()`,
    );
    expect(lanes).toContain('instance-unreachable');
    // 450 that overlap are columns that can be counted and hit, not 450 marks.
    expect(marks).toBeGreaterThan(20);
    expect(marks).toBeLessThan(300);
    expect(await tab.evaluate(`document.querySelector('td.failure .why').innerText`)).not.toBe('');
    expect((await column('resource'))[0]).toMatch(/^instance web-\d+ i-/);
    await open('one');
    await open('many', { hash: href });
    await settle();
    expect(await tab.evaluate(`document.activeElement.ariaExpanded`)).toBe('true');
    const links = await tab.evaluate<string[]>(`[...document.querySelectorAll('.links a')].map((e) => e.getAttribute('href'))`);
    expect(links).toEqual([href, 'https://wiki.example.com/unreachable']);
  });

  test('shows more on demand, and keeps the keyboard where it was', async () => {
    await open('many');
    await focus('#more');
    await enter();
    expect((await column('status')).length).toBe(400);
    expect(await tab.evaluate(`[...document.querySelectorAll('.toggle')].indexOf(document.activeElement)`)).toBe(200);
    await focus('#more');
    await enter();
    expect(await count()).toBe('451 incidents');
    expect(await tab.evaluate(`document.getElementById('more').checkVisibility()`)).toBe(false);
  });

  test('opens the incident that the address names, wherever it is in the list', async () => {
    await open('many', { hash: '#incident-330' });
    await settle();
    expect(await tab.evaluate(`document.activeElement.id`)).toBe('incident-330');
    expect(await tab.evaluate(`document.activeElement.ariaExpanded`)).toBe('true');
    const top = await tab.evaluate<number>(`document.activeElement.getBoundingClientRect().top`);
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThan(844);
  });

  test('tells a screen reader what each control and each chart is', async () => {
    await open('one');
    type Node = { ignored: boolean; role?: { value: string }; name?: { value: string } };
    const { nodes } = await tab.send<{ nodes: Node[] }>('Accessibility.getFullAXTree');
    const named = (...roles: string[]) =>
      nodes.filter(({ ignored, role }) => !ignored && roles.includes(role?.value ?? '')).map(({ name }) => name?.value ?? '');
    expect(named('main')).toHaveLength(1);
    expect(named('heading')).toEqual(['A report', 'The fleet over time', 'Time to recover', 'Held back by', 'Incidents']);
    for (const name of [...named('img', 'image'), ...named('button', 'combobox', 'searchbox', 'checkbox', 'table')])
      expect(name).not.toBe('');
    expect(named('img', 'image').map((name) => name.split(',')[0])).toEqual([
      'Instances over time',
      'Time to recover of 1 incidents',
      'Incidents that were held',
    ]);
    expect(named('searchbox')).toEqual(['Search']);
    expect(named('combobox')).toEqual(['Failure']);
    expect(named('checkbox').sort()).toEqual(['healed 1', 'hide quiet ones']);
    expect(named('columnheader')).toEqual(['Outcome', 'Failure', 'Resource', 'Began', 'Lasted', 'Actions']);
  });
});
