import * as Plot from '@observablehq/plot';
import { type Bar, type Column, courseOf, type Fate, fates } from '../course.ts';
import type { ReportData } from '../data.ts';
import { hatch, legendOf, timeTick } from './charts.ts';
import { svg } from './dom.ts';
import { chartIn, common, perCharacter, shorten } from './frame.ts';
import { idOf } from './id.ts';
import { clock, day, formatDuration } from './time.ts';

/** Heights in pixels: of a line of bars, of a lane of columns, and between lanes. */
const sizes = { bar: 10, columns: 44, gap: 14 };
/** The width of a column, in pixels. */
const perColumn = 12;

const pattern = 'hatch-course';
const fills: Readonly<Record<Fate, string>> = { 'needs a person': `url(#${pattern})`, recovered: 'var(--bar)', other: 'var(--stopped)' };

/** A part of the drawing: where it stands in pixels from the top, and in time. */
type Block = { from: number; to: number; top: number; bottom: number; fate: Fate; href: string; title: string };

const named = ({ name, resource }: Bar['row']): string => (name === null ? resource : `${name} (${resource})`);

const blockOfBar = ({ row, from, to, level, fate }: Bar, top: number): Block => ({
  from,
  to,
  top: top + level * sizes.bar + 1,
  bottom: top + (level + 1) * sizes.bar - 1,
  fate,
  href: `#${idOf(row)}`,
  title: `${clock(row.startedAt)} ${row.failure} on ${named(row)}: ${row.status} after ${formatDuration((row.endedAt - row.startedAt) / 1000)}: ${row.reason}`,
});

const blockOfColumn = ({ from, to, count, below, fate, row }: Column, top: number, most: number): Block => {
  const place = (n: number) => top + sizes.columns * (1 - n / most);
  return {
    from,
    to,
    top: place(below + count),
    bottom: place(below),
    fate,
    href: `#${idOf(row)}`,
    title: `${clock(from)} to ${clock(to)}: ${count} ${fate}, ${named(row)} among them`,
  };
};

/** All incidents over time, in lanes by what failed. */
export const courseChart = (host: Element, { rows }: ReportData): void => {
  const { from, to, lanes } = courseOf(rows, 60);
  const forPeople = lanes.reduce((sum, lane) => sum + lane.forPeople, 0);
  const label = `${rows.length} incidents over time, ${day(from)} ${clock(from)} to ${clock(to)} UTC, in ${lanes.length} kinds of failure, ${forPeople} need a person: ${lanes
    .slice(0, 3)
    .map(({ name, incidents }) => `${name} ${incidents}`)
    .join(', ')}${lanes.length > 3 ? ', and others' : ''}.`;
  chartIn(
    host,
    label,
    (width) => {
      const longest = Math.max(...lanes.map(({ name }) => name.length));
      const isNarrow = width < 600;
      // On a phone the names stand above their lanes.
      const marginLeft = isNarrow ? 4 : Math.min(220, Math.ceil(longest * perCharacter) + 44);
      const above = isNarrow ? 18 : 0;
      const course = courseOf(rows, Math.max(12, Math.floor((width - marginLeft) / perColumn)));
      const blocks: Block[] = [];
      const heads: { text: string; y: number }[] = [];
      const rules: number[] = [];
      let top = 4;
      for (const lane of course.lanes) {
        top += above;
        const height = 'bars' in lane ? Math.max(1, lane.levels) * sizes.bar : sizes.columns;
        heads.push({
          text: `${shorten(lane.name, (isNarrow ? width : marginLeft) - 44)}  ${lane.incidents}`,
          y: isNarrow ? top - 8 : top + height / 2,
        });
        if ('bars' in lane) for (const bar of lane.bars) blocks.push(blockOfBar(bar, top));
        else for (const column of lane.columns) blocks.push(blockOfColumn(column, top, lane.most));
        top += height;
        rules.push(top);
        top += sizes.gap;
      }
      // Over days, a tick has a date and a time of day.
      const below = course.to - course.from > 36 * 3600_000 ? 42 : 28;
      const chart = Plot.plot({
        ...common(width),
        height: top + below,
        marginTop: 0,
        marginBottom: below,
        marginLeft,
        marginRight: 14,
        x: {
          type: 'utc',
          domain: [course.from, course.to],
          label: null,
          // A date has 70 pixels, and Plot may draw some ticks more than it is asked for.
          ticks: Math.min(8, Math.max(3, Math.floor((width - marginLeft) / 110))),
          tickFormat: timeTick(course.from, course.to),
          tickSize: 4,
          grid: true,
        },
        y: { domain: [0, top], range: [0, top], axis: null },
        marks: [
          Plot.ruleY(rules, { stroke: 'var(--line)' }),
          Plot.rect(blocks, {
            x1: 'from',
            x2: 'to',
            y1: 'top',
            y2: 'bottom',
            insetRight: 1,
            fill: (d: Block) => fills[d.fate],
            stroke: (d: Block) => (d.fate === 'needs a person' ? 'var(--impaired-line)' : 'none'),
            strokeWidth: 1,
            href: 'href',
            title: 'title',
          }),
          Plot.text(heads, {
            y: 'y',
            text: 'text',
            frameAnchor: 'left',
            textAnchor: isNarrow ? 'start' : 'end',
            dx: isNarrow ? 0 : -8,
            fill: 'var(--ink)',
          }),
        ],
      });
      chart.prepend(svg('defs', {}, hatch(pattern)));
      return chart;
    },
    {
      columns: ['Kind of failure', 'Incidents', 'Need a person'],
      rows: lanes.map(({ name, incidents, forPeople }) => [name, incidents, forPeople]),
    },
  );
  const present = new Set(lanes.flatMap((lane) => ('bars' in lane ? lane.bars : lane.columns).map(({ fate }) => fate)));
  legendOf(
    host,
    fates.filter((fate) => present.has(fate)).map((fate) => [fate === 'other' ? 'quiet or rehearsed' : fate, fills[fate]]),
  );
};
