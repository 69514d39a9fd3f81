import type { Row } from '../data.ts';
import { moreUrgent, urgency } from '../urgency.ts';
import { h, the } from './dom.ts';
import { idOf } from './id.ts';
import { lasted, listRow } from './row.ts';
import { statusIcon } from './status.ts';

type Column = { key: string; name: string; compare: (a: Row, b: Row) => number };

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byNumberIn = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

const calledBy = ({ name, resource }: Row): string => name ?? resource;

/** At once in the page; more on demand, so that thousands don't make it slow. */
const portion = 200;

const columnsOf = (worlds: boolean): Column[] => [
  { key: 'status', name: 'Outcome', compare: moreUrgent },
  { key: 'failure', name: 'Failure', compare: (a, b) => byText(a.failure, b.failure) },
  { key: 'resource', name: 'Resource', compare: (a, b) => byNumberIn(calledBy(a), calledBy(b)) },
  ...(worlds ? [{ key: 'world', name: 'World', compare: (a: Row, b: Row) => byNumberIn(a.world, b.world) }] : []),
  { key: 'began', name: 'Began', compare: (a, b) => a.startedAt - b.startedAt },
  { key: 'lasted', name: 'Lasted', compare: (a, b) => lasted(a) - lasted(b) },
  { key: 'actions', name: 'Actions', compare: (a, b) => a.actions.length - b.actions.length },
];

const textOf = ({
  incident,
  world,
  failure,
  severity,
  type,
  resource,
  name,
  account,
  region,
  playbook,
  status,
  reason,
  actions,
}: Row): string =>
  [
    incident,
    world,
    failure,
    severity,
    type,
    resource,
    name ?? '',
    account,
    region,
    playbook ?? '',
    status,
    reason,
    ...actions.map(({ action }) => action),
  ]
    .join(' ')
    .toLowerCase();

/** The controls that say which incidents are shown. `changed` is called whenever they say something else. */
const createFilters = (rows: readonly Row[], changed: () => void) => {
  const search = the('search', HTMLInputElement);
  const failure = the('failure', HTMLSelectElement);
  const loud = the('loud', HTMLInputElement);
  const texts = new Map(rows.map((row) => [row, textOf(row)]));
  const boxes = urgency.flatMap((status) => {
    const count = rows.filter((row) => row.status === status).length;
    if (count === 0) return [];
    const box = h('input', { type: 'checkbox', value: status, id: `status-${status}` });
    const label = h('label', { class: 'chip' }, box, statusIcon(status), `${status} `, h('span', { class: 'soft' }, String(count)));
    the('statuses', HTMLElement).append(label);
    return [box];
  });
  for (const name of [...new Set(rows.map((row) => row.failure))].sort(byText)) failure.append(h('option', { value: name }, name));
  search.addEventListener('input', changed);
  for (const control of [failure, loud, ...boxes]) control.addEventListener('change', changed);
  return {
    search,
    matching: (): Row[] => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = boxes.filter(({ checked }) => checked).map(({ value }) => value);
      return rows.filter(
        (row) =>
          (chosen.length === 0 || chosen.includes(row.status)) &&
          (failure.value === '' || row.failure === failure.value) &&
          !(loud.checked && row.quiet) &&
          words.every((word) => texts.get(row)?.includes(word)),
      );
    },
    clear: (): void => {
      search.value = '';
      failure.value = '';
      for (const box of [loud, ...boxes]) box.checked = false;
    },
  };
};

/** The table's heads, which sort it, and the choice that does the same where there is no room for them. */
const createSorting = (columns: readonly Column[], changed: () => void) => {
  const order = the('order', HTMLSelectElement);
  // Who opens a report wants to know what is left to do.
  let key = 'status';
  let down = false;
  const heads = columns.map((column) => {
    const button = h('button', { type: 'button' }, column.name, h('span', { class: 'arrow', 'aria-hidden': 'true' }));
    button.addEventListener('click', () => {
      down = key === column.key && !down;
      key = column.key;
      changed();
    });
    order.append(h('option', { value: `${column.key} up` }, `${column.name}, rising`));
    order.append(h('option', { value: `${column.key} down` }, `${column.name}, falling`));
    return h('th', { scope: 'col', role: 'columnheader', class: column.key }, button);
  });
  order.addEventListener('change', () => {
    const [chosen = 'began', way] = order.value.split(' ');
    key = chosen;
    down = way === 'down';
    changed();
  });
  return {
    heads,
    sort: (found: Row[]): Row[] => {
      const compare = columns.find((column) => column.key === key)?.compare ?? (() => 0);
      return found.sort((a, b) => (down ? -1 : 1) * compare(a, b) || a.number - b.number);
    },
    show: (): void => {
      order.value = `${key} ${down ? 'down' : 'up'}`;
      for (const [i, head] of heads.entries()) {
        if (columns[i]?.key === key) head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        else head.removeAttribute('aria-sort');
      }
    },
  };
};

/** The list of incidents: filters, sorts, and unfolds one or many. */
export const incidentList = (rows: readonly Row[], worlds: boolean): void => {
  const list = the('incidents', HTMLTableElement);
  const count = the('count', HTMLElement);
  const more = the('more', HTMLButtonElement);
  const reset = the('reset', HTMLButtonElement);
  const body = h('tbody', { role: 'rowgroup' });
  const open = new Set<Row>();
  let room = portion;

  const refresh = (): void => {
    const found = sorting.sort(filters.matching());
    const visible = found.slice(0, room);
    const drawn = visible.map((row) => ({ row, ...listRow(row, worlds, open) }));
    body.replaceChildren(...drawn.map(({ element }) => element));
    for (const { row, unfold } of drawn) if (open.has(row)) unfold();
    sorting.show();
    const all = found.length === rows.length ? `${rows.length}` : `${found.length} of ${rows.length}`;
    const rest = visible.length < found.length ? `, the first ${visible.length} shown` : '';
    count.textContent = `${all} ${rows.length === 1 ? 'incident' : 'incidents'}${rest}`;
    more.hidden = visible.length === found.length;
    more.textContent = `Show ${Math.min(portion, found.length - visible.length)} more`;
    reset.hidden = found.length === rows.length;
    list.hidden = found.length === 0;
  };
  const anew = (): void => {
    room = portion;
    refresh();
  };
  const filters = createFilters(rows, anew);
  const sorting = createSorting(columnsOf(worlds), anew);
  list.append(h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...sorting.heads)), body);

  more.addEventListener('click', () => {
    const next = body.querySelectorAll('.toggle').length;
    room += portion;
    refresh();
    body.querySelectorAll<HTMLElement>('.toggle')[next]?.focus();
  });
  reset.addEventListener('click', () => {
    filters.clear();
    anew();
    filters.search.focus();
  });

  /** Unfolds the incident that the address names, whatever the filters say. */
  const follow = (): void => {
    const row = rows.find((one) => location.hash === `#${idOf(one)}`);
    if (!row) return;
    if (!filters.matching().includes(row)) filters.clear();
    const place = sorting.sort(filters.matching()).indexOf(row);
    room = Math.max(room, Math.ceil((place + 1) / portion) * portion);
    open.add(row);
    refresh();
    const toggle = document.getElementById(idOf(row));
    toggle?.scrollIntoView({ block: 'start' });
    toggle?.focus({ preventScroll: true });
  };
  addEventListener('hashchange', follow);
  refresh();
  follow();
};
