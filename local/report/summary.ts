import { formatDuration } from '../../shared/model/duration.ts';
import { Html, html } from '../../shared/model/html.ts';
import type { Figures } from './figures.ts';
import type { HealthSample } from './input.ts';

const number = (count: number): string => count.toLocaleString('en');
export const plural = (count: number, one: string, many = `${one}s`): string => `${number(count)} ${count === 1 ? one : many}`;

/** What came of it all, in a sentence or three; what would have come of it, where it is modelled. */
export const leadOf = ({ incidents, heard, recovered, forPeople, byStatus, times }: Figures, modelled = false): string => {
  const either = (happened: string, supposed: string) => (modelled ? supposed : happened);
  if (incidents === 0) return `No incident ${either('was', 'would have been')} opened.`;
  const quiet = incidents - heard;
  const aside =
    quiet === 0
      ? ''
      : ` ${number(quiet)} more ${either('ended', 'would have ended')} quietly: there was no failure, or another incident reports it.`;
  if (heard === 0) return `No incident that people had to know about.${aside}`;
  const rehearsals = byStatus.find(({ status }) => status === 'dry-run');
  const rehearsed = rehearsals ? rehearsals.count - rehearsals.quiet : 0;
  const within = times ? `, ${recovered === 1 ? 'after' : 'half of them within'} ${formatDuration(times.median)}` : '';
  const parts = [
    `${number(recovered)} of ${plural(heard, 'incident')} ${either('recovered', 'would have recovered')}${within}`,
    ...(forPeople > 0 ? [`${number(forPeople)} ${either(forPeople === 1 ? 'needs' : 'need', 'would have needed')} a person`] : []),
    ...(rehearsed > 0 ? [`${number(rehearsed)} ${either(rehearsed === 1 ? 'was' : 'were', 'would have been')} only rehearsed`] : []),
  ];
  return `${parts.join('; ')}.${aside}`;
};

/** A text whose durations are not torn apart at the end of a line. */
const unbroken = (text: string): Html =>
  new Html(html`${text}`.markup.replace(/\d+ (?:min|h|s)(?: \d\d (?:min|s))?/g, '<span class="whole">$&</span>'));

const tallies = ({ byStatus }: Figures): Html => html`<ul class="tallies">
${byStatus.map(
  ({ status, count, quiet }) =>
    html`<li data-status="${status}"><strong>${number(count)}</strong> ${status}${quiet > 0 ? html` <span class="soft">(${quiet === count ? 'quiet' : `${number(quiet)} quiet`})</span>` : ''}</li>`,
)}
</ul>`;

const figure = (term: string, value: string, more = ''): Html =>
  html`<div><dt>${term}</dt><dd>${unbroken(value)}</dd><dd class="soft">${unbroken(more)}</dd></div>`;

const timesOf = ({ times, recovered }: Figures): Html[] => {
  if (!times) return [];
  const more = [
    ...(times.p90 === null ? [] : [`nine in ten within ${formatDuration(times.p90)}`]),
    ...(recovered === 1 ? [] : [`longest ${formatDuration(times.longest)}`]),
  ];
  return [figure(recovered === 1 ? 'Time to recover' : 'Median time to recover', formatDuration(times.median), more.join(', '))];
};

/** The beginning of the page: a sentence, how incidents ended, and a few figures. */
export const summaryOf = (all: Figures, health: readonly HealthSample[], modelled: boolean): Html => {
  const done = all.actions.reduce((sum, { count }) => sum + count, 0);
  const kinds = all.actions.map(({ action, count }) => (count === 1 ? action : `${action} ×${number(count)}`)).join(', ');
  const worst = health.reduce((most, { impaired }) => Math.max(most, impaired), 0);
  return html`<p class="lead">${unbroken(leadOf(all, modelled))}</p>
${tallies(all)}
<dl class="figures">
${[
  ...timesOf(all),
  figure(modelled ? 'Actions that would have been carried out' : 'Actions carried out', number(done), kinds),
  ...(health.length === 0 ? [] : [figure('Most impaired at once', number(worst), 'instances, including those that are starting')]),
]}
</dl>`;
};
