import { formatDuration } from '../../shared/incident/duration.ts';
import type { Outcome, Status } from '../../shared/incident/outcome.ts';
import { plain, type Style } from './style.ts';

export const paintStatus = (status: Status, style: Style): string => {
  if (status === 'healed' || status === 'healed-itself') return style.good(status);
  return status === 'failed' ? style.bad(status) : style.warn(status);
};

/** An incident as a timeline for people: what was seen, decided, done and verified, in simulated time. */
export const storyOf = (outcome: Outcome, style: Style): string => {
  const { failure, resource, status, reason, quiet, startedAt, endedAt, timeline, timeToRecoverSeconds } = outcome;
  if (quiet) return style.dim(style.wrap(`(${failure} on ${resource.type} ${resource.id}: ${status}, nobody is told: ${reason})`));
  const lines = [style.bold(`${failure} on ${resource.type} ${plain(resource.id)}`)];
  for (const { at, phase, text } of timeline) {
    const head = `  ${at.slice(11, 19)}  ${phase.padEnd(7)} `;
    lines.push(
      style.wrap(
        `${head}${text}`
          .replace(/^ +/, (spaces) => '\u00a0'.repeat(spaces.length))
          .replace(/ {2,}/g, (spaces) => '\u00a0'.repeat(spaces.length)),
        head.length,
      ),
    );
  }
  const lasted = formatDuration((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  const recovered = timeToRecoverSeconds === null ? `ended after ${lasted}` : `recovered after ${formatDuration(timeToRecoverSeconds)}`;
  lines.push(
    style.wrap(`  => ${status} (${recovered}): ${reason}`.replace(/^ +/, '\u00a0\u00a0'), 5).replace(status, paintStatus(status, style)),
  );
  return lines.join('\n').replaceAll('\u00a0', ' ');
};
