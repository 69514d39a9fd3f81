/** Text as it may stand in a cell of a table. */
export const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s+/g, ' ').trim();

export const code = (text: string): string => `\`${text}\``;

/** A table with a row for each of `rows`; cells are Markdown already. */
export const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');

const marks = (name: string) => ({ from: `<!-- generated: ${name} -->`, to: `<!-- end of ${name} -->` });

/**
 * A page with its generated part put in anew. What stands outside of the marks is written by hand.
 * @throws {Error} where the page has no such marks
 */
export const fill = (page: string, name: string, content: string): string => {
  const { from, to } = marks(name);
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`the page has no part between ${from} and ${to}`);
  return `${page.slice(0, start + from.length)}\n${content}\n${page.slice(end)}`;
};
