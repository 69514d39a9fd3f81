import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import type { ReportData } from '../../local/report/data.ts';
import { inScript, renderReport } from '../../local/report/render.ts';
import { attack, hostile, input, many, treated } from './examples.ts';

const dataIn = (page: string): ReportData => JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/.exec(page)?.[1] ?? '');
/** What is to be read: without the script and the data, which nobody wants to see when a test fails. */
const textIn = (page: string): string => page.slice(0, page.indexOf('<script'));
const hash = (text: string) => createHash('sha256').update(text).digest('base64');

describe('the page', () => {
  test('may run its own script and style, and fetch nothing', () => {
    const page = renderReport(input());
    const [, policy = ''] = /http-equiv="content-security-policy" content="([^"]+)"/.exec(page) ?? [];
    const [, script = ''] = /<script>([\s\S]*?)<\/script>/.exec(page) ?? [];
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
    expect(script.length).toBeGreaterThan(100_000);
    expect(policy).toContain("default-src 'none'; ");
    expect(policy).toContain(`script-src 'sha256-${hash(script)}';`);
    expect(policy).toContain(`style-src 'sha256-${hash(style)}' `);
    expect(policy).not.toContain('unsafe');
    expect(textIn(page).match(/<[^>]* (src|href)=/g)).toBeNull();
    expect(/<[^>]* style=/.test(textIn(page))).toBe(false);
  });

  test('takes no markup from a text', () => {
    const tables = [{ title: hostile, columns: [hostile, 'n'], rows: [[hostile, 1]] }];
    const page = renderReport(
      input({ title: hostile, command: hostile, notes: [hostile], tables, outcomes: [{ ...attack(), world: hostile }] }),
    );
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
    expect(page.includes('<img')).toBe(false);
    expect(page.includes('<!--')).toBe(false);
    expect(/[\u2028\u2029\u202e]/.test(page)).toBe(false);
    expect(dataIn(page).rows[0]?.resource).toContain('</script><script>alert(1)</script><img src="//evil.example/x"');
  });

  test('carries data that is what it was, and nothing that ends its element', () => {
    const data = { text: hostile, '</script>': [null, 1.5, true] };
    const carried = inScript(data);
    expect(carried).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(carried)).toEqual(JSON.parse(JSON.stringify(data)));
  });

  test('is the same for the same input', () => {
    const [one, other] = [input(), input()].map(renderReport);
    expect(one === other).toBe(true);
  });

  test.each([
    [200, 2_000_000],
    [1000, 4_000_000],
  ])('of %i incidents is smaller than %i bytes', (count, most) => {
    const page = renderReport(input({ outcomes: many(count) }));
    expect(Buffer.byteLength(page)).toBeLessThan(most);
    expect(dataIn(page).rows).toHaveLength(count);
  });

  test('of 200 incidents stays so when each has more to tell than any', () => {
    const timeline = Array.from({ length: 300 }, () => ({ at: treated().startedAt, phase: 'look' as const, text: '"'.repeat(600) }));
    const page = renderReport(input({ outcomes: many(200).map((one) => ({ ...one, timeline, reason: 'x'.repeat(5000) })) }));
    expect(Buffer.byteLength(page)).toBeLessThan(2_000_000);
    expect(textIn(page)).toContain('The stories of ');
  });

  test('says what it left out of many', () => {
    const page = renderReport(input({ outcomes: many(2500) }));
    expect(textIn(page)).toContain(
      'The list has 2,000 incidents of 2,500, those first that need a person; the figures and the charts of times and holds count all.',
    );
    expect(textIn(renderReport(input()))).not.toContain('left out');
  });

  test('says where there is nothing to show', () => {
    const page = renderReport(input({ outcomes: [], health: [], tables: [{ title: 'Differences', columns: ['a'], rows: [] }] }));
    for (const text of [
      'No incident was opened.',
      'Nothing recovered',
      'Nothing was held back',
      'There is none to show',
      'Nothing to show',
    ])
      expect(textIn(page)).toContain(text);
    // What would be empty is not drawn.
    for (const text of ['The fleet over time', 'Incidents over time', 'Compared with']) expect(textIn(page)).not.toContain(text);
  });

  test('shows a comparison, hostile texts and all', () => {
    const changes = [{ incident: hostile, what: hostile, before: hostile, now: null }];
    const page = renderReport(input({ against: { with: hostile, comparison: { lead: hostile, changes } } }));
    expect(textIn(page)).toContain('Compared with');
    expect(page).not.toMatch(/<script>alert|<img/);
    expect(page.match(/&lt;script&gt;alert\(1\)/g)?.length).toBeGreaterThan(4);
  });

  test('shows the tables that it is given, numbers as numbers', () => {
    const tables = [{ title: 'Two policies', columns: ['policy', 'pages'], rows: [['a', 1234]] }];
    const page = renderReport(input({ tables }));
    expect(textIn(page)).toContain('<td><bdi>a</bdi></td>\n<td class="number">1,234</td>');
  });

  test('names the licences of what it contains', () => {
    const page = renderReport(input());
    expect(textIn(page)).toContain('@observablehq/plot');
    expect(textIn(page)).toContain('Permission to use, copy, modify, and/or distribute this software');
  });
});

describe('the charting library', () => {
  test('is the version whose style the policy of the page knows', () => {
    const { dependencies = {}, devDependencies } = createRequire(import.meta.url)('../../package.json') as Record<
      string,
      Record<string, string>
    >;
    expect({ ...dependencies, ...devDependencies }['@observablehq/plot']).toMatch(/^\d/);
  });
});
