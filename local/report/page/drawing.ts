import * as Plot from '@observablehq/plot';
import type { Status } from '../../../shared/model/status.ts';
import { elapsed, type Moment, type Picture, placeOf, type Span, ticksOf } from '../picture.ts';
import { common, shorten } from './frame.ts';
import { clock } from './time.ts';

/** Pixels beside the drawing: room for the names of the lanes, and for half of a mark. */
const margin = { left: 60, right: 18 };

const symbolOf = ({ lane }: Moment): string =>
  lane === 'act' ? 'diamond' : lane === 'guard' ? 'square' : lane === 'end' ? 'star' : 'circle';

/** A text beside a mark, on the side where there is room. */
type Label = { lane: Moment['lane']; at: number; text: string; before: boolean };

/** The name of an action at the last of its tries, and at the end how it ended. */
const labelsOf = (picture: Picture, status: Status): Label[] => {
  const { moments } = picture;
  const last = new Map(moments.filter(({ lane }) => lane === 'act').map((moment) => [moment.name, moment]));
  const labels = [...last.values()].map(({ at, name = '' }) => ({ lane: 'act' as const, at, text: name }));
  const end = moments.find(({ lane }) => lane === 'end');
  const all = end ? [...labels, { lane: end.lane, at: end.at, text: status as string }] : labels;
  return all.map((label) => ({ ...label, before: placeOf(label.at, picture) > 0.5 }));
};

/** An incident as a drawing: a lane for each kind of step, time from left to right. */
export const drawIncident = (picture: Picture, status: Status, width: number): Element => {
  const { from, to, lanes, moments, spans } = picture;
  const inner = width - margin.left - margin.right;
  const pixels = (span: Span) => (placeOf(span.to, picture) - placeOf(span.from, picture)) * inner;
  const since = (at: number) => at - from;
  const labels = labelsOf(picture, status);
  const label = (those: readonly Label[], before: boolean) =>
    Plot.text(
      those.filter((one) => one.before === before),
      {
        x: (d: Label) => since(d.at),
        y: 'lane',
        text: 'text',
        textAnchor: before ? 'end' : 'start',
        dx: before ? -12 : 12,
        fill: 'var(--ink)',
        stroke: 'var(--card)',
        strokeWidth: 4,
      },
    );
  const tell = (d: Span) => `${clock(d.from)} to ${clock(d.to)} ${d.text}`;
  const waits = spans.filter(({ lane }) => lane === 'wait');
  return Plot.plot({
    ...common(width),
    height: lanes.length * 30 + 34,
    marginTop: 6,
    marginLeft: margin.left,
    marginRight: margin.right,
    marginBottom: 28,
    x: {
      type: 'sqrt',
      domain: [0, Math.max(1000, to - from)],
      label: null,
      ticks: ticksOf(picture, 76 / inner).map(since),
      tickFormat: elapsed,
      tickSize: 4,
      grid: true,
    },
    y: { type: 'band', domain: lanes, label: null, tickSize: 0, padding: 0.35 },
    r: { type: 'identity' },
    symbol: { type: 'identity' } as never,
    marks: [
      Plot.ruleY(lanes, { stroke: 'var(--line)' }),
      Plot.link(
        spans.filter(({ lane }) => lane === 'verify'),
        {
          x1: (d: Span) => since(d.from),
          x2: (d: Span) => since(d.to),
          y: 'lane',
          stroke: 'var(--verify)',
          strokeWidth: 4,
          title: tell,
        },
      ),
      Plot.barX(waits, {
        x1: (d: Span) => since(d.from),
        x2: (d: Span) => since(d.to),
        y: 'lane',
        insetRight: 1,
        fill: 'var(--wait)',
        title: tell,
      }),
      Plot.text(
        waits.filter((span) => pixels(span) > 70),
        {
          x: (d: Span) => since(d.from),
          y: 'lane',
          text: (d: Span) => shorten(d.text, pixels(d) - 14),
          textAnchor: 'start',
          dx: 7,
          fill: 'var(--ink)',
          fontSize: 11,
        },
      ),
      label(labels, false),
      label(labels, true),
      Plot.dot(moments, {
        x: (d: Moment) => since(d.at),
        y: 'lane',
        r: (d: Moment) => (d.lane === 'act' || d.lane === 'end' ? 6.5 : 5),
        symbol: symbolOf,
        fill: (d: Moment) => (d.good ? 'var(--mark)' : 'var(--card)'),
        stroke: (d: Moment) => (d.good ? 'var(--card)' : 'var(--mark)'),
        strokeWidth: 1.5,
        title: (d: Moment) => `${clock(d.at)} ${d.text}`,
      }),
    ],
  });
};
