import type { Section } from '../../shared/digest/tell.ts';
import type { Style } from '../terminal/style.ts';

/** Parts with something in them: a heading, and a sentence a line. */
export const tellSections = (sections: readonly Section[], style: Style): string =>
  sections
    .filter(({ lines }) => lines.length > 0)
    .map(({ title, lines }) => [style.bold(style.wrap(title)), ...lines.map((line) => style.wrap(line, 4, '  '))].join('\n'))
    .join('\n\n');
