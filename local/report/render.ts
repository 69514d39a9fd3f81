import { createHash } from 'node:crypto';
import { frameOf, generatorOf, Html, html, policyOf } from '../../shared/model/html.ts';
import { utc } from '../../shared/model/text.ts';
import { maxCompared } from './against.ts';
import { bundle } from './bundle.ts';
import { type Coverage, dataOf, type ReportData } from './data.ts';
import { figuresOf } from './figures.ts';
import type { ReportAbout, ReportInput, ReportTable } from './input.ts';
import { plural, summaryOf } from './summary.ts';

export const generator = generatorOf('report');

/** The style that this version of Plot puts into every chart of class `chart`; a browser says so if it is another one. */
const plotStyle = 'sha256-zrfVyvY1E/5V+DXZunsRZW8XTqTsuIZzp8dBDThhSn8=';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** JSON that can stand in a script element: nothing in it ends the element, and nothing in it is a line's end to JavaScript. */
export const inScript = (data: unknown): string =>
  JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A text whose lines are kept, unlike those of what comes from outside. */
const asItIs = (text: string): Html => new Html(text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'));

const tableOf = ({ title, columns, rows }: ReportTable): Html => {
  const numeric = columns.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  const cell = (value: string | number | undefined, i: number) =>
    numeric[i] ? html`<td class="number">${Number(value).toLocaleString('en')}</td>` : html`<td><bdi>${String(value ?? '')}</bdi></td>`;
  return html`<section class="${columns.length > 3 ? 'wide broad' : columns.length > 2 ? 'wide' : 'small'}">
<h2>${title}</h2>
${
  rows.length === 0
    ? html`<p class="soft">Nothing to show.</p>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="plain">
<thead><tr>${columns.map((column, i) => (numeric[i] ? html`<th scope="col" class="number">${column}</th>` : html`<th scope="col">${column}</th>`))}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${columns.map((_, i) => cell(row[i], i))}</tr>`)}</tbody>
</table></div>`
}
</section>`;
};

const tables = (all: readonly ReportTable[]): Html | string =>
  all.length === 0 ? '' : html`<div class="tables">${all.map(tableOf)}</div>`;

const aboutOf = ({ lead, points, tables: all }: ReportAbout): Html => html`<section aria-label="Summary">
<p class="lead">${lead}</p>
<ul class="points">${points.map((text) => html`<li>${text}</li>`)}</ul>
</section>
${tables(all)}`;

/** What there was and is not in the file. */
const leftOut = ({ incidents, shown, stories, actions, marked, changes, drawn }: Coverage): string[] => {
  const many = (count: number) => count.toLocaleString('en');
  const first = 'those first that need a person';
  return [
    ...(shown < incidents
      ? [`The list has ${many(shown)} incidents of ${many(incidents)}, ${first}; the figures and the charts of times and holds count all.`]
      : []),
    ...(stories < shown
      ? [`The stories of ${plural(shown - stories, 'incident')} are left out to keep this file small; ${first} are kept.`]
      : []),
    ...(marked < actions ? [`Of ${many(actions)} actions, ${many(marked)} are marked on the fleet's chart, evenly spread.`] : []),
    ...(drawn < changes
      ? [`The fleet's chart is drawn from ${many(drawn)} of ${many(changes)} changes: the best and the worst of each stretch of time.`]
      : []),
  ];
};

const notes = (texts: readonly string[]): Html | string =>
  texts.length === 0 ? '' : html`<ul class="notes">${texts.map((text) => html`<li>${text}</li>`)}</ul>`;

const chartSection = (id: string, title: string, about: string, empty: string | null): Html =>
  html`<section class="card" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${empty === null ? html`<p class="soft">${about}</p><figure id="${id}"></figure>` : html`<p class="soft">${empty}</p>`}
</section>`;

const courseAbout =
  'Each kind of failure has a lane. Bars are incidents, from their first sign to their end; where there are many, columns count those that were under way.';

const againstOf = ({
  with: file,
  comparison: { lead, changes },
}: NonNullable<ReportInput['against']>): Html => html`<section aria-labelledby="against-title" class="card against">
<h2 id="against-title">Compared with ${file}</h2>
<p>${lead}</p>
${
  changes.length === 0
    ? ''
    : html`<div class="scroll" tabindex="0" role="region" aria-label="What is different"><table class="plain">
<thead><tr><th scope="col">incident</th><th scope="col">what is different</th><th scope="col">before</th><th scope="col">now</th></tr></thead>
<tbody>${changes
        .slice(0, maxCompared)
        .map(
          ({ incident, what, before, now }) =>
            html`<tr><td><bdi>${incident}</bdi></td><td><strong>${what}</strong></td><td><bdi>${before ?? '–'}</bdi></td><td><bdi>${now ?? '–'}</bdi></td></tr>`,
        )}</tbody>
</table></div>`
}
${changes.length > maxCompared ? html`<p class="soft">The first ${String(maxCompared)} of ${String(changes.length)}.</p>` : ''}
</section>`;

const list = (rows: number): Html =>
  rows === 0
    ? html`<section aria-labelledby="list-title"><h2 id="list-title">Incidents</h2><p class="soft">There is none to show.</p></section>`
    : html`<section aria-labelledby="list-title">
<h2 id="list-title">Incidents</h2>
<div class="controls" role="search" aria-label="Filter the incidents">
<div class="field grow"><label for="search">Search</label><input id="search" type="search" autocomplete="off" spellcheck="false" placeholder="resource, reason, action …"></div>
<div class="field"><label for="failure">Failure</label><select id="failure"><option value="">all</option></select></div>
<div class="field order"><label for="order">Sort by</label><select id="order"></select></div>
<fieldset id="statuses"><legend>Outcome</legend></fieldset>
<label class="chip"><input type="checkbox" id="loud"> hide quiet ones</label>
</div>
<p class="count"><span id="count" role="status" aria-live="polite"></span> <button type="button" id="reset" class="link" hidden>Show all</button></p>
<table id="incidents" class="incidents" role="table" aria-labelledby="list-title"></table>
<button type="button" id="more" class="more" hidden></button>
</section>`;

/** `2026-03-02 09:30 to 09:51 UTC`, from the first sign of anything to the last. */
const spanOf = ({ health, rows }: ReportData): string => {
  const times = [...rows.flatMap(({ startedAt, endedAt }) => [startedAt, endedAt]), ...health.map(({ at }) => at)].filter(Number.isFinite);
  if (times.length === 0) return '';
  const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
  return `${utc(from).slice(0, -4)} to ${utc(to).slice(utc(from).slice(0, 10) === utc(to).slice(0, 10) ? 11 : 0)}`;
};

/** A report as one page of HTML. The same input gives the same page. */
export const renderReport = (input: ReportInput): string => {
  const { title, command, outcomes, about, modelled = false } = input;
  const { script, style, licences } = bundle();
  const { data, coverage } = dataOf(input);
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)} '${plotStyle}'; base-uri 'none'; form-action 'none'`;
  const incidents = () => html`${about ? html`<h2 class="then">${about.heading}</h2>` : ''}
<section aria-label="Summary">
${summaryOf(figuresOf(outcomes), data.health, modelled)}
${notes([...leftOut(coverage), ...(input.notes ?? [])])}
</section>
${input.against ? againstOf(input.against) : ''}
<noscript><p class="notes">The charts and the list of incidents need scripts, which are disabled here. They are part of this file; nothing is fetched.</p></noscript>
${data.health.length === 0 ? '' : chartSection('health', 'The fleet over time', 'Instances by their true state, and the actions that were carried out.', null)}
${data.rows.length < 2 || input.apart ? '' : chartSection('course', 'Incidents over time', courseAbout, null)}
<div class="pair">
${chartSection('recovery', 'Time to recover', data.recovery.some(({ itself }) => itself > 0) ? 'Incidents by how long it took: healed by an action + healed by themselves.' : 'Incidents by how long it took.', data.recovery.length === 0 ? 'Nothing recovered, so there is no time to show.' : null)}
${chartSection('holds', 'Held back by', 'Incidents by the guard, or the reason, that held an action: for good + for a while.', data.holds.length === 0 ? 'Nothing was held back.' : null)}
</div>
${tables(input.tables ?? [])}
${list(data.rows.length)}`;
  const content = html`
<header>
<p class="soft">selfheal report</p>
<h1>${title}</h1>
<p class="soft">${spanOf(data)}</p>
<p class="command"><code>${command}</code></p>
</header>
<main>
${about ? aboutOf(about) : ''}
${about && outcomes.length === 0 ? notes(input.notes ?? []) : incidents()}
</main>
<footer>
<details><summary>Software in this file</summary><pre tabindex="0">${asItIs(licences)}</pre></details>
</footer>`;
  const head = `${generator}
${policyOf(policy)}
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">`;
  const scripts = `<script type="application/json" id="data">${inScript(data)}</script>
<script>${script}</script>`;
  return frameOf({ title, style, head, body: new Html(`${content.markup}\n${scripts}`) });
};
