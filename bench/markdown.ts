import type { Measurement } from './measurement.ts';

/** The figures of each part as a Markdown table. */
export const asTable = (machine: string, results: readonly [string, readonly Measurement[]][]): string => {
  const tables = results.map(([part, figures]) => {
    const rows = figures.map(({ name, value, unit }) => `| \`${name}\` | ${value} | ${unit} |`);
    return [`### ${part}`, '', '| figure | value | unit |', '|---|---:|---|', ...rows].join('\n');
  });
  return `${[machine, ...tables].join('\n\n')}\n`;
};
