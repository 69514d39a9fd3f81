import { wasDone } from '../../../shared/model/action-result.ts';
import type { Answer, Entry, Row } from '../data.ts';
import { elapsed, pictureOf } from '../picture.ts';
import { h, table } from './dom.ts';
import { drawIncident } from './drawing.ts';
import { chartIn } from './frame.ts';
import { idOf } from './id.ts';
import { clock, day, formatDuration } from './time.ts';

const words: Record<Answer['answer'], string> = { pass: 'pass', hold: 'hold', skip: 'skip', ask: 'ask a person', escalate: 'escalate' };

/** What each guard said, under what it comes to; those that only passed are named together. */
const answersOf = (text: string, answers: readonly Answer[]): Element => {
  const passed = answers.filter(({ answer, reason }) => answer === 'pass' && reason === undefined).map(({ guard }) => guard);
  const others = answers.filter(({ answer, reason }) => answer !== 'pass' || reason !== undefined);
  return h(
    'details',
    { class: 'answers' },
    h('summary', {}, h('bdi', {}, text)),
    h(
      'ul',
      {},
      passed.length > 0 ? h('li', {}, h('strong', {}, 'pass'), ` ${passed.join(', ')}`) : null,
      ...others.map(({ guard, answer, reason }) =>
        h('li', {}, h('strong', {}, words[answer] ?? answer), ` ${guard}${reason ? ': ' : ''}`, h('bdi', {}, reason ?? '')),
      ),
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
    h('td', { class: 'told' }, answers ? answersOf(text, answers) : h('bdi', {}, text)),
  );

const fact = (term: string, text: string): Element => h('div', {}, h('dt', {}, term), h('dd', {}, h('bdi', {}, text)));

/** To itself, for those who want to send it to somebody, and to pages elsewhere. */
const linksFact = (row: Row): Element =>
  h(
    'div',
    {},
    h('dt', {}, 'Links'),
    h(
      'dd',
      { class: 'links' },
      h('a', { href: `#${idOf(row)}` }, 'this incident'),
      ...row.links.map(({ to, url }) => h('a', { href: url, rel: 'noreferrer' }, to)),
    ),
  );

/** What changed the resource before it failed, as far as CloudTrail tells. */
const changesOf = ({ changes, changesNote }: Row): Element | null => {
  if (changes.length === 0 && changesNote === null) return null;
  const rows = changes.map(({ at, call, who, error }) => [`${day(at)} ${clock(at)}`, call, who, error ?? 'done']);
  return h(
    'div',
    { class: 'changes' },
    h('h3', {}, 'Changed lately'),
    rows.length > 0
      ? h('div', { class: 'scroll' }, table(['Time (UTC)', 'Call', 'Who', 'Result'], rows, 'What changed it lately'))
      : h('p', {}, 'Nothing that is known of.'),
    changesNote === null ? null : h('p', { class: 'soft' }, changesNote),
  );
};

/** Everything about one incident. Put it into the page before it is looked at: its picture is drawn for the room it has there. */
export const incidentDetail = (row: Row): { element: Element; paint: () => void } => {
  const picture = pictureOf(row);
  const stage = h('figure', {});
  const { story } = row;
  const facts = h(
    'dl',
    { class: 'facts' },
    fact('Why it ended so', row.reason),
    ...(row.seen === null ? [] : [fact('Seen', row.seen)]),
    ...(row.cause === null ? [] : [fact('Likely cause', row.cause)]),
    fact('Playbook', row.playbook ?? 'none: left to a person'),
    ...(row.policy === null ? [] : [fact('Policy', `version ${row.policy}`)]),
    fact('Severity', row.severity),
    fact('Where', `account ${row.account}, ${row.region}${row.world ? `, ${row.world}` : ''}`),
    fact(
      'Began, ended',
      `${day(row.startedAt)} ${clock(row.startedAt)} to ${clock(row.endedAt)} UTC, ${formatDuration((row.endedAt - row.startedAt) / 1000)}`,
    ),
    fact('Incident', row.incident),
    linksFact(row),
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
  const element = h('div', { class: 'incident' }, facts, changesOf(row), stage, log);
  const done = row.actions.filter(wasDone).length;
  const label = `Timeline of ${row.failure} on ${row.name ?? row.resource}: ${picture.lanes.join(', ')} over ${formatDuration((picture.to - picture.from) / 1000)}, ${row.actions.length} tries of an action, ${done} done. The steps are in the table below.`;
  return {
    element,
    paint: () => {
      if (story === null) return stage.remove();
      chartIn(stage, label, (width) => drawIncident(picture, row.status, width));
      stage.append(
        h(
          'figcaption',
          { class: 'soft' },
          'Full marks went well; hollow ones did not, or not yet. Bars are waits. The beginning is drawn out, as most happens then.',
        ),
      );
    },
  };
};
