import type { Row } from '../data.ts';
import { carriedOut } from '../figures.ts';
import { h, the } from './dom.ts';
import { incidentDetail } from './incident.ts';
import { statusIcon, urgency } from './status.ts';
import { clock, day, formatDuration } from './time.ts';

type Column = { key: string; name: string; compare: (a: Row, b: Row) => number; number?: boolean };
type Sorting = { key: string; down: boolean };

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const lasted = ({ endedAt, startedAt }: Row) => endedAt - startedAt;

/** At once in the page; more on demand, so that thousands don't make it slow. */
const portion = 200;

const columnsOf = (worlds: boolean): Column[] => [
  { key: 'status', name: 'Outcome', compare: (a, b) => urgency.indexOf(a.status) - urgency.indexOf(b.status) },
  { key: 'failure', name: 'Failure', compare: (a, b) => byText(a.failure, b.failure) },
  { key: 'resource', name: 'Resource', compare: (a, b) => byText(a.resource, b.resource) },
  ...(worlds
    ? [{ key: 'world', name: 'World', compare: (a: Row, b: Row) => a.world.localeCompare(b.world, 'en', { numeric: true }) }]
    : []),
  { key: 'began', name: 'Began', compare: (a, b) => a.startedAt - b.startedAt },
  { key: 'lasted', name: 'Lasted', compare: (a, b) => lasted(a) - lasted(b), number: true },
  { key: 'actions', name: 'Actions', compare: (a, b) => a.actions.length - b.actions.length },
];

const doneBy = ({ actions, status }: Row): string => {
  const counts = new Map<string, number>();
  for (const { action } of carriedOut(actions)) counts.set(action, (counts.get(action) ?? 0) + 1);
  const done = [...counts].map(([action, n]) => (n === 1 ? action : `${action} ×${n}`)).join(', ');
  if (done !== '') return done;
  if (actions.length === 0) return 'none';
  return status === 'dry-run' ? `would ${actions[0]?.action}` : `${actions.length} tried, none done`;
};

const searchable = (row: Row): string =>
  [
    row.incident,
    row.world,
    row.failure,
    row.severity,
    row.type,
    row.resource,
    row.account,
    row.region,
    row.playbook ?? '',
    row.status,
    row.reason,
  ]
    .concat(row.actions.map(({ action }) => action))
    .join(' ')
    .toLowerCase();

/** The list of incidents: filters, sorts, and opens one or many. */
export const incidentList = (rows: readonly Row[], worlds: boolean): void => {
  const columns = columnsOf(worlds);
  const texts = new Map(rows.map((row) => [row, searchable(row)]));
  const search = the('search', HTMLInputElement);
  const failure = the('failure', HTMLSelectElement);
  const order = the('order', HTMLSelectElement);
  const loud = the('loud', HTMLInputElement);
  const chips = the('statuses', HTMLElement);
  const list = the('incidents', HTMLTableElement);
  const count = the('count', HTMLElement);
  const more = the('more', HTMLButtonElement);
  const reset = the('reset', HTMLButtonElement);

  const chosen = new Set<string>();
  const open = new Set<Row>();
  let sorting: Sorting = { key: 'began', down: false };
  let room = portion;

  const boxes = urgency.flatMap((status) => {
    const those = rows.filter((row) => row.status === status).length;
    if (those === 0) return [];
    const box = h('input', { type: 'checkbox', value: status, id: `status-${status}` });
    box.addEventListener('change', () => {
      if (box.checked) chosen.add(status);
      else chosen.delete(status);
      refresh();
    });
    chips.append(h('label', { class: 'chip' }, box, statusIcon(status), `${status} `, h('span', { class: 'soft' }, String(those))));
    return [box];
  });
  for (const name of [...new Set(rows.map((row) => row.failure))].sort(byText)) failure.append(h('option', { value: name }, name));
  for (const { key, name } of columns) {
    order.append(h('option', { value: `${key} up` }, `${name}, rising`), h('option', { value: `${key} down` }, `${name}, falling`));
  }

  const heads = columns.map(({ key, name }) => {
    const button = h('button', { type: 'button' }, name, h('span', { class: 'arrow', 'aria-hidden': 'true' }));
    const head = h('th', { scope: 'col', role: 'columnheader', class: key }, button);
    button.addEventListener('click', () => {
      sorting = { key, down: sorting.key === key && !sorting.down };
      refresh();
    });
    return head;
  });
  list.append(h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...heads)));
  const body = h('tbody', { role: 'rowgroup' });
  list.append(body);

  const cell = (key: string, name: string, ...children: (Node | string | null)[]) =>
    h('td', { role: 'cell', class: key, 'data-name': name }, ...children);

  const detailRow = (row: Row): { element: HTMLElement; paint: () => void } => {
    const { element, paint } = incidentDetail(row);
    return {
      element: h(
        'tr',
        { role: 'row', class: 'detail', id: `detail-${row.number}` },
        h('td', { role: 'cell', colspan: columns.length }, element),
      ),
      paint,
    };
  };

  const rowElement = (row: Row): HTMLElement => {
    const toggle = h(
      'button',
      { type: 'button', class: 'toggle', 'aria-expanded': String(open.has(row)), 'aria-controls': `detail-${row.number}` },
      h('span', { class: 'chevron', 'aria-hidden': 'true' }),
      h('bdi', { class: 'id' }, row.failure),
    );
    const element = h(
      'tr',
      { role: 'row', id: `incident-${row.number}`, class: row.quiet ? 'quiet' : null },
      cell(
        'status',
        'Outcome',
        h('span', { class: `status ${row.status}` }, statusIcon(row.status), row.status),
        row.quiet ? h('span', { class: 'soft' }, ' quiet') : null,
      ),
      cell('failure', 'Failure', toggle),
      cell('resource', 'Resource', h('span', { class: 'soft' }, `${row.type} `), h('bdi', { class: 'id' }, row.resource)),
      worlds ? cell('world', 'World', h('bdi', {}, row.world)) : null,
      cell(
        'began',
        'Began',
        h('time', { datetime: new Date(row.startedAt).toISOString() }, `${day(row.startedAt)} ${clock(row.startedAt)}`),
      ),
      cell('lasted', 'Lasted', formatDuration(lasted(row) / 1000)),
      cell('actions', 'Actions', h('bdi', {}, doneBy(row))),
    );
    toggle.addEventListener('click', () => {
      if (open.delete(row)) {
        toggle.setAttribute('aria-expanded', 'false');
        element.nextElementSibling?.remove();
      } else unfold(row, element, toggle);
    });
    return element;
  };

  const unfold = (row: Row, element: Element, toggle: Element): void => {
    open.add(row);
    toggle.setAttribute('aria-expanded', 'true');
    const { element: detail, paint } = detailRow(row);
    element.after(detail);
    paint();
  };

  const matching = (): Row[] => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = rows.filter(
      (row) =>
        (chosen.size === 0 || chosen.has(row.status)) &&
        (failure.value === '' || row.failure === failure.value) &&
        !(loud.checked && row.quiet) &&
        words.every((word) => texts.get(row)?.includes(word)),
    );
    const column = columns.find(({ key }) => key === sorting.key) as Column;
    const sign = sorting.down ? -1 : 1;
    return found.sort((a, b) => sign * column.compare(a, b) || a.number - b.number);
  };

  const refresh = (grow = false): void => {
    if (!grow) room = portion;
    const found = matching();
    for (const [i, head] of heads.entries()) {
      const { key } = columns[i] as Column;
      if (key === sorting.key) head.setAttribute('aria-sort', sorting.down ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    }
    order.value = `${sorting.key} ${sorting.down ? 'down' : 'up'}`;
    const visible = found.slice(0, room);
    body.replaceChildren(...visible.map(rowElement));
    for (const row of visible) {
      const element = document.getElementById(`incident-${row.number}`);
      const toggle = element?.querySelector('.toggle');
      if (open.has(row) && element && toggle) unfold(row, element, toggle);
    }
    const all = found.length === rows.length ? `${rows.length}` : `${found.length} of ${rows.length}`;
    count.textContent = `${all} ${rows.length === 1 ? 'incident' : 'incidents'}${visible.length < found.length ? `, the first ${visible.length} shown` : ''}`;
    more.hidden = visible.length === found.length;
    more.textContent = `Show ${Math.min(portion, found.length - visible.length)} more`;
    reset.hidden = found.length === rows.length;
    list.hidden = found.length === 0;
  };

  /** Opens the incident that the address names, whatever the filters say. */
  const follow = (): void => {
    const [, number] = /^#incident-(\d+)$/.exec(location.hash) ?? [];
    const row = rows.find((one) => String(one.number) === number);
    if (!row) return;
    if (!matching().includes(row)) clear();
    room = Math.max(room, Math.ceil((matching().indexOf(row) + 1) / portion) * portion);
    open.add(row);
    refresh(true);
    const element = document.getElementById(`incident-${row.number}`);
    element?.scrollIntoView({ block: 'start' });
    element?.querySelector<HTMLElement>('.toggle')?.focus({ preventScroll: true });
  };

  const clear = (): void => {
    search.value = '';
    failure.value = '';
    loud.checked = false;
    chosen.clear();
    for (const box of boxes) box.checked = false;
  };

  search.addEventListener('input', () => refresh());
  failure.addEventListener('change', () => refresh());
  loud.addEventListener('change', () => refresh());
  order.addEventListener('change', () => {
    const [key = 'began', way] = order.value.split(' ');
    sorting = { key, down: way === 'down' };
    refresh();
  });
  more.addEventListener('click', () => {
    const next = body.querySelectorAll('.toggle').length;
    room += portion;
    refresh(true);
    body.querySelectorAll<HTMLElement>('.toggle')[next]?.focus();
  });
  reset.addEventListener('click', () => {
    clear();
    refresh();
    search.focus();
  });
  addEventListener('hashchange', follow);
  refresh();
  follow();
};
