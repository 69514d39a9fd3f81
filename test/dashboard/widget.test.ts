import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createWidget } from '../../shared/dashboard/index.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { RecordedIncident } from '../../shared/ports/incident-archive.ts';
import { anyCharacter } from '../characters.ts';
import { noon } from '../remediation/examples.ts';
import { listed, open } from './examples.ts';

const context = { invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:selfheal-prod-dashboard-widget' };
type Range = { from: number; to: number; limit: number };

const widgetOf = (incidents: readonly RecordedIncident[] | Error) => {
  const asked: Range[] = [];
  const logged: object[] = [];
  const handler = createWidget({
    incidents: {
      recent: async (range) => {
        asked.push(range);
        if (incidents instanceof Error) throw incidents;
        return [...incidents];
      },
    },
    now: () => noon,
    log: (entry) => logged.push(entry),
  }) as unknown as (event: unknown, context: unknown) => Promise<string>;
  return { show: (event: unknown = {}) => handler(event, context), asked, logged };
};

const rows = (page: string): string[] => [...page.matchAll(/<span class="what">([^<]*)/g)].map(([, what = '']) => what);
const parametersIn = (page: string): unknown[] =>
  [...page.matchAll(/<cwdb-action[^>]*>(.*?)<\/cwdb-action>/g)].map(([, json = '']) => JSON.parse(json));
const many = (count: number): RecordedIncident[] =>
  Array.from({ length: count }, (_, i) => listed({ resource: { type: 'instance', id: `i-${String(i).padStart(8, '0')}` } }));

describe('the widget', () => {
  test('describes itself in Markdown, with parameters as YAML, and looks nothing up', async () => {
    const { show, asked } = widgetOf([]);
    expect(await show({ describe: true })).toMatch(/^## [\s\S]*\*\*status\*\*[\s\S]*``` yaml\nstatus: escalated\n```/);
    expect(asked).toEqual([]);
  });

  test('lists incidents with how they ended and their stories, open ones among them', async () => {
    const page = await widgetOf([open(), listed()]).show();
    expect(rows(page)).toEqual(['instance-unreachable', 'instance-unreachable on instance i-0a1b2c3d4e5f60718']);
    expect(page).toMatch(/<span class="state warn">open<\/span><span class="soft">for 10 min 00 s/);
    expect(page).toMatch(/<span class="state good">healed<\/span><span class="soft">recovered in 6 min 05 s/);
    expect(page).toContain('<li><time>12:01:00</time><b>act</b><span>reboot instance i-0a1b2c3d4e5f60718</span></li>');
    expect(page).toContain('reboot-instance, try 1: done');
  });

  test('says what the resource looked like, where somebody looked', async () => {
    const resourceState = 'Lambda function checkout: Active; code or settings changed at 09:55 UTC, 5 min 00 s ago';
    expect(await widgetOf([listed({ resourceState })]).show()).toContain(`<p>Seen: ${resourceState}</p>`);
    expect(await widgetOf([listed()]).show()).not.toContain('Seen:');
  });

  test('says which policy decided, where it was one of a package', async () => {
    expect(await widgetOf([listed({ policyVersion: '3f9ab2c41d07' })]).show()).toContain(', policy 3f9ab2c41d07; ');
    expect(await widgetOf([listed()]).show()).not.toContain('policy');
  });

  test('asks for the dashboard’s time range, and for its zoom where there is one; for a day where there is neither', async () => {
    const { show, asked } = widgetOf([]);
    await show({ widgetContext: { timeRange: { start: 1000, end: 5000 } } });
    await show({ widgetContext: { timeRange: { start: 1000, end: 5000, zoom: { start: 2000, end: 3000 } } } });
    await show(null);
    expect(asked.map(({ from, to }) => [from, to])).toEqual([
      [1000, 5000],
      [2000, 3000],
      [noon - 86_400_000, noon],
    ]);
  });

  test('shows times in the dashboard’s time zone', async () => {
    const page = await widgetOf([listed()]).show({ widgetContext: { timezone: { label: 'x', offsetISO: '+05:30' } } });
    expect(page).toContain('<time>2026-11-20 17:30</time>');
    expect(page).toContain('<time>17:31:00</time>');
  });

  test.each([
    [{ status: 'open' }, [0]],
    [{ status: 'healed' }, [1]],
    [{ failure: 'disk-full' }, [2]],
    [{ failure: 'instance-unreachable' }, [0, 1]],
    [{ status: 'escalated', failure: 'instance-unreachable' }, []],
    [{ widgetContext: { params: { status: 'escalated' } } }, [2]],
    [{ status: 'healed', widgetContext: { params: { status: 'escalated' } } }, [1]],
    [{ status: 'healed', widgetContext: { forms: { all: { status: 'all' } } } }, [0, 1, 2]],
    [{ widgetContext: { forms: { all: { failure: 'disk-full' } } } }, [2]],
    [{ status: '' }, [0, 1, 2]],
  ])('with %j shows %j', async (event, expected) => {
    const all = [open(), listed(), listed({ failure: 'disk-full', status: 'escalated', timeToRecoverSeconds: null })];
    const names = rows(await widgetOf(all).show());
    expect(rows(await widgetOf(all).show(event))).toEqual(expected.map((i) => names[i]));
  });

  test('turns pages, and carries the filters along', async () => {
    const { show } = widgetOf(many(45));
    const first = await show({ status: 'healed' });
    expect(rows(first)).toHaveLength(20);
    expect(parametersIn(first)).toEqual([
      { status: 'healed', failure: 'all' },
      { status: 'healed', failure: 'all', page: 2 },
    ]);
    const last = await show({ status: 'healed', page: 3 });
    expect(rows(last)).toHaveLength(5);
    expect(parametersIn(last).at(-1)).toEqual({ status: 'healed', failure: 'all', page: 2 });
    expect(last).toContain(`endpoint="${context.invokedFunctionArn}"`);
    // A page that is no longer there is the last one.
    expect(rows(await show({ page: 99 }))).toEqual(rows(await show({ page: 3 })));
  });

  test('says so when there are more incidents than it looks at', async () => {
    expect(await widgetOf(many(200)).show()).toContain('choose a shorter one');
    expect(await widgetOf(many(199)).show()).not.toContain('choose a shorter one');
  });

  test.each([
    [{ status: '<b>no' }, 'selfheal: status must be one of: all, open, healed'],
    [{ failure: 7 }, 'selfheal: failure must be one of: all, host-impaired'],
    [{ page: 'x' }, 'selfheal: page must be a number'],
    [{ widgetContext: { forms: { all: { status: 'x' } } } }, 'selfheal: status must be one of'],
    ['text', 'selfheal: '],
  ])('answers %j with one line', async (event, text) => {
    const page = await widgetOf([]).show(event);
    expect(page).toMatch(/^<p>[^<\n]*<\/p>$/);
    expect(page).toContain(text);
  });

  test('says that the look-up failed, and logs why', async () => {
    const { show, logged } = widgetOf(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    expect(await show()).toBe(
      '<p>selfheal: the incidents could not be read (AccessDeniedException). The function&#39;s log says more.</p>',
    );
    expect(logged).toHaveLength(1);
  });

  test('has the dashboard’s theme', async () => {
    const [light, dark] = await Promise.all(['light', 'dark'].map((theme) => widgetOf([]).show({ widgetContext: { theme } })));
    expect(light).not.toEqual(dark);
    expect(dark).toContain('--text:#e9ebed');
  });
});

/** An outcome of which every text is the given one. */
const withText = (text: string): RecordedIncident =>
  listed({
    incident: text,
    failure: text as Outcome['failure'],
    resource: { type: text as Outcome['resource']['type'], id: text },
    severity: text as Outcome['severity'],
    account: text,
    region: text,
    playbook: `${text}!`,
    reason: text,
    resourceState: `${text}!`,
    actions: [{ action: text, attempt: 1, at: text, result: text }],
    timeline: [{ at: text, phase: text as 'look', text }],
  });

describe('hostile text', () => {
  const skeleton = (page: string) => [...page.matchAll(/<\/?([a-z0-9!-]+)([^>]*)>/g)].map(([, tag]) => tag).join(' ');

  test('is shown as text', async () => {
    const page = await widgetOf([withText(`</details><script>alert(1)</script><cwdb-action endpoint="x">`), open(`<img src=x>`)]).show();
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|<img|endpoint="x"/);
  });

  test('never changes what the page is made of', async () => {
    const plain = skeleton(await widgetOf([withText('x')]).show());
    expect(plain).toContain('details summary time');
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: anyCharacter, maxLength: 200 }), fc.string({ unit: fc.constantFrom(...`<>"'&=/ax;#`) })),
        async (text) => {
          expect(skeleton(await widgetOf([withText(text)]).show())).toBe(plain);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  });

  test('and long stories stay bounded', async () => {
    const timeline = Array.from({ length: 5000 }, () => ({
      at: new Date(noon).toISOString(),
      phase: 'look' as const,
      text: 'x'.repeat(600),
    }));
    const page = await widgetOf(many(20).map(({ outcome, ...rest }) => ({ ...rest, outcome: outcome && { ...outcome, timeline } }))).show();
    expect(page.length).toBeLessThan(1_000_000);
    expect(page).toContain('4940 more entries are in the ledger.');
  });
});
