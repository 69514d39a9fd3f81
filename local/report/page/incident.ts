import * as Plot from '@observablehq/plot';
import type { Answer, Entry, Row } from '../data.ts';
import { elapsed, type Moment, type Picture, pictureOf, ticksOf } from '../picture.ts';
import { h } from './dom.ts';
import { chartIn, common } from './frame.ts';
import { clock, day, formatDuration } from './time.ts';

const symbolOf = ({ lane }: Moment) => (({ act: 'diamond', guard: 'square', end: 'star' }) as Record<string, string>)[lane] ?? 'circle';

const draw = (picture: Picture, width: number): Element => {
  const { from, to, lanes, moments, spans } = picture;
  const until = Math.max(to, from + 1000);
  const narrow = width < 500;
  const ticks = ticksOf(from, until, narrow ? 4 : 9);
  const short = (text: string, room: number) => (text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text);
  const inner = width - 60 - 22;
  return Plot.plot({
    ...common(width),
    height: lanes.length * 30 + 34,
    marginTop: 6,
    marginLeft: 60,
    marginRight: 22,
    marginBottom: 28,
    x: {
      type: 'utc',
      domain: [from, until],
      label: null,
      ticks,
      tickFormat: (at: Date) => elapsed(Number(at) - from),
      tickSize: 4,
      grid: true,
    },
    y: { type: 'point', domain: lanes, label: null, tickSize: 0, padding: 0.5 },
    marks: [
      Plot.ruleY(lanes, { stroke: 'var(--line)' }),
      Plot.link(spans, {
        x1: 'from',
        x2: 'to',
        y: 'lane',
        stroke: (d) => (d.lane === 'wait' ? 'var(--wait)' : 'var(--verify)'),
        strokeWidth: (d) => (d.lane === 'wait' ? 14 : 4),
        strokeLinecap: 'butt',
        title: (d) => `${clock(d.from)}–${clock(d.to)} ${d.text}`,
      }),
      Plot.text(
        spans.filter(({ lane, from: a, to: b }) => lane === 'wait' && ((b - a) / (until - from)) * inner > 90),
        {
          x: 'from',
          y: 'lane',
          text: ({ text, from: a, to: b }) => short(text, Math.floor((((b - a) / (until - from)) * inner - 12) / 6)),
          textAnchor: 'start',
          dx: 6,
          fill: 'var(--ink)',
          fontSize: 11,
        },
      ),
      Plot.dot(moments, {
        x: 'at',
        y: 'lane',
        r: (d: Moment) => (d.lane === 'act' || d.lane === 'end' ? 6.5 : 5),
        symbol: symbolOf,
        fill: (d: Moment) => (d.good ? 'var(--mark)' : 'var(--back)'),
        stroke: (d: Moment) => (d.good ? 'var(--back)' : 'var(--mark)'),
        strokeWidth: 1.5,
        title: (d: Moment) => `${clock(d.at)} ${d.text}`,
      }),
    ],
    r: { type: 'identity' },
    symbol: { type: 'identity' } as never,
  });
};

const words: Record<Answer['answer'], string> = { pass: 'pass', hold: 'hold', skip: 'skip', ask: 'ask a person', escalate: 'escalate' };

/** What each guard said; those that only passed are named together. */
const answersOf = (answers: readonly Answer[]): Element => {
  const plainPasses = answers.filter(({ answer, reason }) => answer === 'pass' && reason === undefined).map(({ guard }) => guard);
  const others = answers.filter(({ answer, reason }) => answer !== 'pass' || reason !== undefined);
  return h(
    'details',
    { class: 'answers' },
    h('summary', {}, `what ${answers.length === 1 ? 'the guard' : `each of ${answers.length} guards`} said`),
    h(
      'ul',
      {},
      ...others.map(({ guard, answer, reason }) =>
        h('li', {}, h('strong', {}, guard), ` ${words[answer]}`, reason ? ': ' : '', h('bdi', {}, reason ?? '')),
      ),
      plainPasses.length > 0 ? h('li', {}, h('strong', {}, 'pass'), ` ${plainPasses.join(', ')}`) : null,
    ),
  );
};

const entryRow = ({ at, phase, text, answers }: Entry, from: number): Element =>
  h(
    'tr',
    {},
    h('td', { class: 'when' }, h('time', { datetime: new Date(at).toISOString() }, clock(at))),
    h('td', { class: 'since number' }, elapsed(at - from)),
    h('td', { class: 'phase' }, phase),
    h('td', { class: 'told' }, h('bdi', {}, text), answers ? answersOf(answers) : null),
  );

const fact = (term: string, text: string): Element => h('div', {}, h('dt', {}, term), h('dd', {}, h('bdi', {}, text)));

/** Everything about one incident. Put it into the page before it is looked at: its picture is drawn for the room it has there. */
export const incidentDetail = (row: Row): { element: Element; paint: () => void } => {
  const picture = pictureOf(row);
  const stage = h('figure', {});
  const { story } = row;
  const facts = h(
    'dl',
    { class: 'facts' },
    fact('Why it ended so', row.reason),
    fact('Playbook', row.playbook ?? 'none: left to a person'),
    fact('Severity', row.severity),
    fact('Where', `account ${row.account}, ${row.region}${row.world ? `, ${row.world}` : ''}`),
    fact(
      'Began, ended',
      `${day(row.startedAt)} ${clock(row.startedAt)} to ${clock(row.endedAt)} UTC, ${formatDuration((row.endedAt - row.startedAt) / 1000)}`,
    ),
    fact('Incident', row.incident),
  );
  const log =
    story === null
      ? h('p', { class: 'soft' }, 'The story of this incident was left out to keep the file small.')
      : h(
          'table',
          { class: 'log' },
          h('caption', { class: 'unseen' }, 'What happened, step by step'),
          h(
            'thead',
            {},
            h('tr', {}, ...['Time (UTC)', 'Since it began', 'Step', 'What happened'].map((name) => h('th', { scope: 'col' }, name))),
          ),
          h('tbody', {}, ...story.map((entry) => entryRow(entry, picture.from))),
        );
  const element = h('div', { class: 'incident' }, facts, stage, log);
  const done = row.actions.filter(({ result }) => result === 'done').length;
  const label = `Timeline of ${row.failure} on ${row.resource}: ${picture.lanes.join(', ')} over ${formatDuration((picture.to - picture.from) / 1000)}, ${row.actions.length} tries of an action, ${done} done. The steps are in the table below.`;
  return {
    element,
    paint: () => {
      if (story === null) return stage.remove();
      chartIn(stage, label, (width) => draw(picture, width));
      stage.append(h('figcaption', { class: 'soft' }, 'Full marks went well; hollow ones did not, or not yet. Bars are waits.'));
    },
  };
};
