import type { Row } from '../data.ts';
import { carriedOut } from '../figures.ts';
import { h } from './dom.ts';
import { idOf } from './id.ts';
import { incidentDetail } from './incident.ts';
import { statusIcon } from './status.ts';
import { clock, day, formatDuration } from './time.ts';

/** In milliseconds. */
export const lasted = ({ endedAt, startedAt }: Row): number => endedAt - startedAt;

const doneBy = ({ actions, status }: Row): string => {
  const counts = new Map<string, number>();
  for (const { action } of carriedOut(actions)) counts.set(action, (counts.get(action) ?? 0) + 1);
  const done = [...counts].map(([action, n]) => (n === 1 ? action : `${action} ×${n}`)).join(', ');
  if (done !== '') return done;
  if (actions.length === 0) return 'none';
  return status === 'dry-run' ? `would have done ${actions[0]?.action}` : `${actions.length} tried, none done`;
};

/** The name that people use stands first, and its id beside it. */
const nameOf = ({ name, resource }: Row): Element[] =>
  name === null
    ? [h('bdi', { class: 'id' }, resource)]
    : [h('bdi', { class: 'id name' }, name), h('span', { class: 'soft' }, ' ', h('bdi', { class: 'id' }, resource))];

const cellsOf = (row: Row, worlds: boolean, toggle: Element): Element[] => {
  const cell = (name: string, ...children: (Node | string | null)[]) => h('td', { role: 'cell', class: name }, ...children);
  const began = h('time', { datetime: new Date(row.startedAt).toISOString() }, `${day(row.startedAt)} ${clock(row.startedAt)}`);
  return [
    cell(
      'status',
      h('span', { class: `status ${row.status}` }, statusIcon(row.status), row.status),
      row.quiet ? h('span', { class: 'soft' }, ' quiet') : null,
    ),
    cell('failure', toggle, h('p', { class: 'why' }, h('bdi', {}, row.reason))),
    cell('resource', h('span', { class: 'soft' }, `${row.type} `), ...nameOf(row)),
    ...(worlds ? [cell('world', h('bdi', {}, row.world))] : []),
    cell('began', began),
    cell('lasted', formatDuration(lasted(row) / 1000)),
    cell('actions', h('bdi', {}, doneBy(row))),
  ];
};

/**
 * The table's row of an incident, which unfolds into a second one with all about it. `open` are those that are unfolded; `unfold` is to
 * be called once the row is in the page, as what is drawn needs to know its room.
 */
export const listRow = (row: Row, worlds: boolean, open: Set<Row>): { element: HTMLElement; unfold: () => void } => {
  const toggle = h(
    'button',
    { type: 'button', class: 'toggle', id: idOf(row), 'aria-expanded': 'false' },
    h('span', { class: 'chevron', 'aria-hidden': 'true' }),
    h('bdi', { class: 'id' }, row.failure),
  );
  const cells = cellsOf(row, worlds, toggle);
  const element = h('tr', { role: 'row' }, ...cells);
  const unfold = () => {
    const { element: detail, paint } = incidentDetail(row);
    const id = `${idOf(row)}-detail`;
    open.add(row);
    toggle.setAttribute('aria-expanded', 'true');
    toggle.setAttribute('aria-controls', id);
    element.after(h('tr', { role: 'row', class: 'detail', id }, h('td', { role: 'cell', colspan: cells.length }, detail)));
    paint();
  };
  const fold = () => {
    open.delete(row);
    toggle.setAttribute('aria-expanded', 'false');
    toggle.removeAttribute('aria-controls');
    element.nextElementSibling?.remove();
  };
  toggle.addEventListener('click', () => (open.has(row) ? fold() : unfold()));
  return { element, unfold };
};
