import { formatDuration } from '../../shared/model/duration.ts';
import type { Outcome, TimelineEntry } from '../../shared/model/outcome.ts';
import type { Status } from '../../shared/model/status.ts';
import { lastedIn } from './outcome-line.ts';
import type { Style } from './style.ts';

export const paintStatus = (status: Status, style: Style): string => {
  if (status === 'healed' || status === 'healed-itself') return style.good(status);
  return status === 'failed' ? style.bad(status) : style.warn(status);
};

/** The lines of a timeline, each with its time of day. */
export const timelineLines = (timeline: readonly TimelineEntry[], style: Style): string[] => {
  let guards = '';
  return timeline.map(({ at, phase, text: told }) => {
    // Each try asks all guards again; identical answers are shown once.
    const text = phase === 'guard' && told === guards ? 'as before' : told;
    if (phase === 'guard') guards = told;
    const when = `  ${at.slice(11, 19)}  `;
    const head = `${when}${phase.padEnd(7)} `;
    return style.wrap(text, style.width < 72 ? when.length : head.length, head);
  });
};

/** An incident's timeline for people, in simulated time. */
export const storyOf = (outcome: Outcome, style: Style): string => {
  const { failure, resource, status, reason, quiet, timeline, timeToRecoverSeconds, policyVersion } = outcome;
  if (quiet) return style.dim(style.wrap(`(${failure} on ${resource.type} ${resource.id}: ${status}, nobody is told: ${reason})`));
  const lines = [style.bold(style.wrap(`${failure} on ${resource.type} ${resource.id}`, 2)), ...timelineLines(timeline, style)];
  const lasted = formatDuration(lastedIn(outcome));
  const recovered = timeToRecoverSeconds === null ? `ended after ${lasted}` : `recovered after ${formatDuration(timeToRecoverSeconds)}`;
  lines.push(
    style
      .wrap(`${status} (${recovered}${policyVersion === undefined ? '' : `, policy ${policyVersion}`}): ${reason}`, 5, '  => ')
      .replace(status, paintStatus(status, style)),
  );
  return lines.join('\n');
};
