import type { Change, Comparison } from '../report/input.ts';
import type { Style } from './style.ts';

/** A report has more. */
const maxTold = 50;

const changeText = ({ incident, what, now }: Change): string => `${incident}: ${what}${now === null ? '' : ` (${now})`}`;

/** What is different from an earlier run, which is in the file `with`. */
export const tellAgainst = (
  { with: file, comparison: { lead, changes } }: { with: string; comparison: Comparison },
  style: Style,
): string =>
  [
    (changes.length === 0 ? style.good : style.bold)(style.wrap(`Compared with ${file}: ${lead}`)),
    ...changes.slice(0, maxTold).map((change) => style.wrap(changeText(change), 4, '  - ')),
    ...(changes.length > maxTold ? [`  and ${changes.length - maxTold} more`] : []),
  ].join('\n');
