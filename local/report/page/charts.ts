import * as Plot from '@observablehq/plot';
import type { ReportData } from '../data.ts';
import { countBy } from '../figures.ts';
import { h, svg } from './dom.ts';
import { chartIn, common, type Numbers, perCharacter, shorten } from './frame.ts';
import { clock, day, minuteOf } from './time.ts';

/** Where more actions than one in so many pixels are marked, their marks step back. */
const crowded = 16;

/** Lines across an area, so that it can be told from another one without its colour. */
export const hatch = (id = 'hatch') =>
  svg(
    'pattern',
    { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    svg('rect', { width: 6, height: 6, class: 'hatch-back' }),
    svg('rect', { width: 2, height: 6, class: 'hatch-line' }),
  );

/** The time of day, with the date or the seconds where they tell ticks apart. */
export const timeTick = (from: number, to: number) => (at: Date | number) => {
  if (to - from > 36 * 3600_000) return `${day(Number(at))}\n${minuteOf(Number(at))}`;
  return to - from < 9 * 60_000 ? clock(Number(at)) : minuteOf(Number(at));
};

/** The shapes that tell actions apart; a sixth and further ones share the last. */
const symbols = ['diamond', 'triangle', 'square', 'star', 'circle'] as const;

/** The fleet's health over time: what is not well stands at the bottom, where its height can be read; actions are marked above. */
export const healthChart = (host: Element, { health, actions }: ReportData): void => {
  const [first, last] = [health[0], health.at(-1)];
  if (!first || !last) return;
  const to = Math.max(last.at, first.at + 60_000);
  const inTime = actions.filter(({ at }) => at >= first.at && at <= to);
  const kinds = countBy(inTime, ({ action }) => action).map(([action]) => action);
  const points = last.at < to ? [...health, { ...last, at: to }] : health;
  const top = Math.max(1, ...health.map(({ healthy, impaired, stopped }) => healthy + impaired + stopped));
  const worst = Math.max(...health.map(({ impaired }) => impaired));
  const label = `Instances over time, ${clock(first.at)} to ${clock(last.at)} UTC: at first ${first.healthy} healthy and ${first.impaired} impaired, at the end ${last.healthy} healthy and ${last.impaired} impaired, at the worst ${worst} impaired at once; ${inTime.length} actions.`;
  chartIn(
    host,
    label,
    (width) => {
      const many = inTime.length > width / crowded;
      const chart = Plot.plot({
        ...common(width),
        height: width < 500 ? 210 : 250,
        marginTop: 34,
        marginLeft: 30,
        marginRight: 12,
        marginBottom: 34,
        x: {
          type: 'utc',
          domain: [first.at, to],
          label: null,
          ticks: width < 500 ? 4 : 9,
          tickFormat: timeTick(first.at, to),
          tickSize: 4,
        },
        y: { domain: [0, top], label: null, ticks: Math.min(5, top), tickFormat: 'd', tickSize: 0, grid: true },
        symbol: { type: 'ordinal', domain: kinds, range: kinds.map((_, i) => symbols[Math.min(i, symbols.length - 1)]) },
        marks: [
          Plot.areaY(points, { x: 'at', y1: 0, y2: 'impaired', curve: 'step-after', fill: 'url(#hatch)' }),
          Plot.areaY(points, {
            x: 'at',
            y1: 'impaired',
            y2: (d) => d.impaired + d.stopped,
            curve: 'step-after',
            fill: 'var(--stopped)',
          }),
          Plot.areaY(points, {
            x: 'at',
            y1: (d) => d.impaired + d.stopped,
            y2: (d) => d.impaired + d.stopped + d.healthy,
            curve: 'step-after',
            fill: 'var(--healthy)',
          }),
          Plot.lineY(points, { x: 'at', y: 'impaired', curve: 'step-after', stroke: 'var(--impaired-line)', strokeWidth: 1.5, clip: true }),
          Plot.ruleY([0], { stroke: 'var(--line)' }),
          Plot.ruleX(inTime, {
            x: 'at',
            stroke: 'var(--ink)',
            strokeWidth: 1,
            strokeOpacity: many ? 0.12 : 0.5,
            strokeDasharray: '2 3',
          }),
          Plot.dot(inTime, {
            x: 'at',
            frameAnchor: 'top',
            dy: -12,
            r: many ? 3 : 5,
            symbol: 'action',
            fill: 'var(--ink)',
            fillOpacity: many ? 0.4 : 1,
            stroke: 'var(--back)',
            href: (d) => (d.number === null ? undefined : `#incident-${d.number}`),
            title: (d) => `${clock(d.at)} ${d.action}: ${d.resource}`,
          }),
        ],
      });
      chart.prepend(svg('defs', {}, hatch()));
      return chart;
    },
    {
      columns: ['Time (UTC)', 'Healthy', 'Impaired', 'Stopped'],
      rows: health.slice(0, 500).map(({ at, healthy, impaired, stopped }) => [`${day(at)} ${clock(at)}`, healthy, impaired, stopped]),
      ...(health.length > 500 ? { left: `The first 500 of ${health.length} changes.` } : {}),
    },
  );
  legend(host, kinds, actions.length - inTime.length);
};

const swatch = (name: string): SVGElement =>
  svg(
    'svg',
    { viewBox: '0 0 16 16', class: 'swatch', 'aria-hidden': 'true' },
    svg('rect', { width: 16, height: 16, rx: 2, fill: name === 'impaired' ? 'url(#hatch)' : `var(--${name})` }),
  );

const mark = (index: number): SVGElement => {
  const symbol = symbols[Math.min(index, symbols.length - 1)] as (typeof symbols)[number];
  const dot = Plot.plot({
    className: 'chart',
    width: 16,
    height: 16,
    margin: 0,
    axis: null,
    marks: [Plot.dot([0], { frameAnchor: 'middle', r: 5, symbol, fill: 'var(--ink)' })],
  });
  dot.setAttribute('aria-hidden', 'true');
  return dot as unknown as SVGElement;
};

/** What each filling stands for, under a chart. */
export const legendOf = (host: Element, entries: readonly (readonly [text: string, fill: string])[]): void => {
  const list = h('ul', { class: 'legend' });
  for (const [text, fill] of entries) {
    const box = svg('rect', { width: 16, height: 16, rx: 2, fill });
    list.append(h('li', {}, svg('svg', { viewBox: '0 0 16 16', class: 'swatch', 'aria-hidden': 'true' }, box), text));
  }
  host.querySelector('.stage')?.after(list);
};

const legend = (host: Element, kinds: readonly string[], elsewhere: number): void => {
  const list = document.createElement('ul');
  list.className = 'legend';
  const add = (icon: SVGElement, text: string) => {
    const item = document.createElement('li');
    item.append(icon, text);
    list.append(item);
  };
  for (const name of ['healthy', 'stopped', 'impaired']) add(swatch(name), name === 'impaired' ? 'impaired or starting' : name);
  for (const [i, kind] of kinds.entries()) add(mark(i), kind);
  if (elsewhere > 0) add(svg('svg', { viewBox: '0 0 0 0', class: 'swatch' }), `${elsewhere} actions lie outside of this time`);
  host.querySelector('.stage')?.after(list);
};

type Bar = { label: string; parts: [number, number] };

/** Bars with their numbers at their ends, two parts each: what is meant first is full, what comes after it lighter. */
const bars = (host: Element, rows: readonly Bar[], label: string, numbers: Numbers) => {
  const longest = Math.max(...rows.map((row) => row.label.length));
  const parts = rows.flatMap(({ parts }, row) => parts.map((count, part) => ({ row, count, part })));
  chartIn(
    host,
    label,
    (width) => {
      const marginLeft = Math.min(Math.floor(width * 0.45), Math.ceil(longest * perCharacter) + 12);
      return Plot.plot({
        ...common(width),
        height: rows.length * 26 + 8,
        marginTop: 4,
        marginBottom: 4,
        marginLeft,
        marginRight: 64,
        x: { axis: null, domain: [0, Math.max(1, ...rows.map(({ parts: [a, b] }) => a + b))] },
        y: {
          type: 'band',
          domain: rows.keys(),
          label: null,
          tickSize: 0,
          padding: 0.3,
          tickFormat: (row: number) => shorten(rows[row]?.label ?? '', marginLeft - 8),
        },
        marks: [
          Plot.barX(
            parts,
            Plot.stackX({ x: 'count', y: 'row', order: 'part', fill: (d) => (d.part === 0 ? 'var(--bar)' : 'var(--bar-light)') }),
          ),
          Plot.text(rows, {
            x: ({ parts: [a, b] }) => a + b,
            y: (_, row) => row,
            text: ({ parts: [a, b] }) => (b === 0 ? String(a) : `${a} + ${b}`),
            textAnchor: 'start',
            dx: 6,
            fill: 'var(--ink)',
          }),
        ],
      });
    },
    numbers,
  );
};

export const recoveryChart = (host: Element, { recovery }: ReportData): void => {
  if (recovery.length === 0) return;
  const total = recovery.reduce((sum, { healed, itself }) => sum + healed + itself, 0);
  bars(
    host,
    recovery.map(({ label, healed, itself }) => ({ label, parts: [healed, itself] })),
    `Time to recover of ${total} incidents, from ${recovery[0]?.label} to ${recovery.at(-1)?.label}.`,
    { columns: ['Time to recover', 'Healed', 'Healed itself'], rows: recovery.map(({ label, healed, itself }) => [label, healed, itself]) },
  );
};

const shown = 12;

export const holdsChart = (host: Element, { holds }: ReportData): void => {
  if (holds.length === 0) return;
  bars(
    host,
    holds.slice(0, shown).map(({ by, ended, passed }) => ({ label: by, parts: [ended, passed] })),
    `Incidents that were held, by what held them: ${holds
      .slice(0, 3)
      .map(({ by, ended, passed }) => `${by} ${ended + passed}`)
      .join(', ')}${holds.length > 3 ? ', and others' : ''}.`,
    {
      columns: ['Held by', 'Ended held', 'Held for a while', 'Said, for example'],
      rows: holds.slice(0, 200).map(({ by, ended, passed, example }) => [by, ended, passed, example]),
      ...(holds.length > 200 ? { left: `The first 200 of ${holds.length}.` } : {}),
    },
  );
};
