import { formatDuration, minuteMs } from '../model/duration.ts';
import { failureIds } from '../model/failure-id.ts';
import { Html, html } from '../model/html.ts';
import { failureInKey } from '../model/incident.ts';
import type { TimelineEntry } from '../model/outcome.ts';
import { isResolved } from '../model/status.ts';
import type { RecordedIncident } from '../ports/incident-archive.ts';
import { states, type WidgetRequest } from './request.ts';
import { styleOf } from './style.ts';

/** The maximum number of timeline lines shown; the ledger has the rest. */
const maxEntries = 60;

const words: Record<(typeof states)[number], string> = {
  open: 'open',
  healed: 'healed',
  'healed-itself': 'healed by itself',
  escalated: 'escalated',
  held: 'held',
  failed: 'failed',
  'dry-run': 'dry run',
};

const moment = (at: number, { offset }: WidgetRequest): string => new Date(at + offset * minuteMs).toISOString().replace('T', ' ');
const minuteOf = (at: number, request: WidgetRequest): string => moment(at, request).slice(0, 16);

const colourOf = ({ outcome }: RecordedIncident): string => {
  if (outcome === null || outcome.status === 'held' || outcome.status === 'escalated') return outcome?.quiet ? 'quiet' : 'warn';
  if (outcome.status === 'failed') return 'bad';
  return outcome.quiet || !isResolved(outcome.status) ? 'quiet' : 'good';
};

/** The time to recover, or until it ended otherwise; for an open incident, until now. */
const durationOf = ({ outcome, openedAt }: RecordedIncident, now: number): string => {
  if (outcome === null) return `for ${formatDuration(Math.max(0, now - openedAt) / 1000)}`;
  if (outcome.timeToRecoverSeconds !== null) return `recovered in ${formatDuration(outcome.timeToRecoverSeconds)}`;
  return `ended after ${formatDuration(Math.max(0, Date.parse(outcome.endedAt) - Date.parse(outcome.startedAt)) / 1000)}`;
};

const entryOf = ({ at, phase, text }: TimelineEntry, request: WidgetRequest): Html => {
  const time = Date.parse(at);
  return html`<li><time>${Number.isNaN(time) ? '?' : moment(time, request).slice(11, 19)}</time><b>${phase}</b><span>${text}</span></li>`;
};

const storyOf = (listed: RecordedIncident, request: WidgetRequest): Html => {
  const { outcome, incident } = listed;
  if (outcome === null) return html`<p class="soft">Incident ${incident} is still open: its story appears when it ends.</p>`;
  const { reason, severity, account, region, playbook, policyVersion, actions, timeline, quiet, resourceState } = outcome;
  const done = actions.map(({ action, attempt, result }) => `${action}, try ${attempt}: ${result}`).join('; ');
  const left = timeline.length - maxEntries;
  return html`<p>${reason}</p>
${resourceState ? html`<p>Seen: ${resourceState}</p>` : ''}
<p class="soft">${severity}; account ${account}, ${region}; ${playbook === null ? 'no playbook' : `playbook ${playbook}`}${policyVersion === undefined ? '' : `, policy ${policyVersion}`}; ${done === '' ? 'nothing was done' : done}${quiet ? '; nobody was notified' : ''}</p>
<ol>${timeline.slice(0, maxEntries).map((entry) => entryOf(entry, request))}</ol>
${left > 0 ? html`<p class="soft">${String(left)} more entries are in the ledger.</p>` : html``}
<p class="soft">Incident ${incident}</p>`;
};

const rowOf = (listed: RecordedIncident, request: WidgetRequest, now: number): Html => {
  const { outcome, incident, openedAt } = listed;
  const what = outcome ? `${outcome.failure} on ${outcome.resource.type} ${outcome.resource.id}` : (failureInKey(incident) ?? incident);
  return html`<details><summary><time>${minuteOf(openedAt, request)}</time><span class="what">${what}</span><span class="state ${colourOf(listed)}">${words[outcome?.status ?? 'open']}</span><span class="soft">${durationOf(listed, now)}</span></summary>
<div class="more">${storyOf(listed, request)}</div></details>`;
};

/** JSON without characters that have a meaning in HTML. */
const jsonOf = (parameters: object): Html =>
  new Html(JSON.stringify(parameters).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`));

/**
 * A link that invokes this function again and shows the result in place of the widget.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_interactivity.html
 */
const link = (label: string, endpoint: string, parameters: object): Html =>
  html`<a class="btn">${label}</a><cwdb-action action="call" display="widget" endpoint="${endpoint}">${jsonOf(parameters)}</cwdb-action>`;

const option = (value: string, label: string, chosen: boolean): Html =>
  new Html(html`<option value="${value}">${label}</option>`.markup.replace('<option', chosen ? '<option selected' : '<option'));

const choiceOf = (name: string, label: string, values: readonly string[], chosen: string | null, named: (value: string) => string): Html =>
  html`<label>${label} <select name="${name}">${[option('all', 'all', chosen === null), ...values.map((value) => option(value, named(value), value === chosen))]}</select></label>`;

/** What the widget displays. */
export type Shown = {
  request: WidgetRequest;
  /** The incidents of this page, newest first. */
  incidents: readonly RecordedIncident[];
  /** The number of matches and pages. */
  total: number;
  pages: number;
  /** The time range has more incidents than were read. */
  cut: boolean;
  /** The function's own ARN. */
  endpoint: string;
  /** Milliseconds since the epoch. */
  now: number;
};

/** Renders the widget as HTML. All text in it is escaped. */
export const viewOf = ({ request, incidents, total, pages, cut, endpoint, now }: Shown): string => {
  const { status, failure, page, from, to, theme } = request;
  const filters = { status: status ?? 'all', failure: failure ?? 'all' };
  const turn = (label: string, wanted: number) =>
    wanted < 1 || wanted > pages ? html`` : link(label, endpoint, { ...filters, page: wanted });
  const counted = `${total} ${total === 1 ? 'incident' : 'incidents'}${cut ? ' among the newest of this time range: choose a shorter one for the others' : ''}`;
  return html`${styleOf(theme)}
<div class="selfheal">
<div class="row bar">
${choiceOf('status', 'Status', states, status, (value) => words[value as keyof typeof words])}
${choiceOf('failure', 'Failure', failureIds, failure, (value) => value)}
${link('Filter', endpoint, filters)}
<span class="soft">${counted}</span>
</div>
${incidents.length > 0 ? incidents.map((listed) => rowOf(listed, request, now)) : html`<p class="soft">No such incident from ${minuteOf(from, request)} to ${minuteOf(to, request)}.</p>`}
${pages > 1 ? html`<div class="row bar">${turn('Newer', page - 1)} <span class="soft">page ${String(page)} of ${String(pages)}</span> ${turn('Older', page + 1)}</div>` : html``}
</div>`.markup;
};

/** Renders a message in place of the list. */
export const messageOf = (text: string): string => html`<p>${text}</p>`.markup;
