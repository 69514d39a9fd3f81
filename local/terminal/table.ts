import { wasDone } from '../../shared/model/action-result.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { paintStatus } from './story.ts';
import { plain, type Style } from './style.ts';

/** Left-aligned columns; the last one takes what is left of the width. Cells that are too long are cut. */
export const columns = (
  rows: readonly (readonly string[])[],
  width: number,
  paint: (cell: string, column: number, row: number) => string = (cell) => cell,
): string => {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)));
  const sum = widths.reduce((total, w) => total + w, 0);
  const gap = sum + 2 * (count - 1) <= width ? 2 : 1;
  const fixed = sum - (widths[count - 1] ?? 0) + gap * (count - 1);
  widths[count - 1] = Math.max(8, Math.min(widths[count - 1] ?? 0, width - fixed));
  const cut = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
  return rows
    .map((row, r) =>
      row
        .map((cell, i) => {
          const shown = cut(cell, widths[i] ?? 0);
          const pad = i === count - 1 ? '' : ' '.repeat((widths[i] ?? 0) - shown.length);
          return paint(shown, i, r) + pad;
        })
        .join(' '.repeat(gap))
        .trimEnd(),
    )
    .join('\n');
};

/** `7m32s`: for tables. */
const shortDuration = (seconds: number): string => {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), Math.round(seconds % 60)];
  return h > 0 ? `${h}h${String(m).padStart(2, '0')}m` : m > 0 ? `${m}m${String(s).padStart(2, '0')}s` : `${s}s`;
};

const doneBy = ({ actions }: Outcome): string => {
  const names = actions.filter(wasDone).map(({ action }) => action);
  return names.length === 0 ? '-' : [...new Set(names)].join(', ');
};

/** One row an incident; a sentence each where the columns have no room side by side. */
export const outcomeTable = (outcomes: readonly Outcome[], style: Style): string => {
  const rows = outcomes.map((outcome) => [
    outcome.failure,
    plain(outcome.resource.id),
    outcome.status,
    outcome.timeToRecoverSeconds === null ? '-' : shortDuration(outcome.timeToRecoverSeconds),
    doneBy(outcome),
  ]);
  const needed = (rows[0] ?? []).reduce((sum, _, i) => sum + 1 + Math.max(...rows.map((row) => row[i]?.length ?? 0)), -1);
  if (needed > style.width) {
    return outcomes
      .map(({ status }, i) => {
        const [failure, resource, , ...rest] = rows[i] ?? [];
        const told = [`${status}: ${failure} on ${resource}`, ...rest.filter((cell) => cell !== '-')].join(', ');
        return style.wrap(told, 2).replace(status, paintStatus(status, style));
      })
      .join('\n');
  }
  return columns([['failure', 'resource', 'outcome', 'after', 'done'], ...rows], style.width, (cell, column, row) => {
    if (row === 0) return style.bold(cell);
    const outcome = outcomes[row - 1];
    return column === 2 && outcome && cell === outcome.status ? paintStatus(outcome.status, style) : cell;
  });
};
