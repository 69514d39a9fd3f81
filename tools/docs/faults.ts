import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { faults } from '../../local/fault-matrix/fault.ts';
import { verdicts } from '../../local/fault-matrix/judge.ts';
import type { Line } from '../../local/fault-matrix/play.ts';
import { situations } from '../../local/fault-matrix/situations.ts';
import { code, fill, table } from './markdown.ts';

/** How the incidents of some cells ended: most of them first. */
const endsOf = (lines: readonly Line[]): string => {
  const counts = new Map<string, number>();
  for (const { outcomes } of lines) {
    // The first loud one is the one that the situation is about.
    const [, status] = /: (?!quietly)([a-z-]+): /.exec(outcomes.find((one) => !one.includes(': quietly ')) ?? outcomes[0] ?? '') ?? [];
    const end = status ?? 'open';
    counts.set(end, (counts.get(end) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([end, count]) => `${end} ${count}`)
    .join(', ');
};

/** docs/safety.md: each situation, each way to fail, and how it ended. */
const matrix = (lines: readonly Line[]): string => {
  const rows = Object.entries(situations).map(([name, { about }]) => {
    const own = lines.filter(({ situation }) => situation === name);
    return [code(name), about, String(own.length), ...faults.map((fault) => endsOf(own.filter((line) => line.fault === fault)))];
  });
  const bad = verdicts.map((verdict) => `${verdict} ${lines.filter((line) => line[verdict]).length}`).join(', ');
  return `${table(['situation', 'what happens', 'cells', ...faults], rows)}\n\nIn ${lines.length} cells: ${bad}.`;
};

/** Ids and figures differ from world to world, and say nothing here. */
const plainly = (text: string): string =>
  text
    .replace(/\bi-[0-9a-f]{8,17}\b/g, 'i-…')
    .replace(/: User: \S+ is not authorized to perform: \S+/g, '')
    .slice(0, 220);

/** For calls that no outcome can report. */
const otherwise: Readonly<Record<string, string>> = {
  'lambda:InvokeFunction': 'no incident begins: the alarm on the dead letters of intake fires',
  'events:PutEvents': 'mail and chat as usual; the bus receives nothing, and the metric `Untold` counts it',
  'sns:Publish': 'no mail and no chat message; the bus receives it, and the alarm on people who are not told fires',
};

/** docs/operations.md: what a person sees where a permission is missing from the start. */
const permissions = (lines: readonly Line[]): string => {
  const calls = [...new Set(lines.map(({ call }) => call))].sort();
  const rows = calls.flatMap((call) => {
    const denied = lines.filter((line) => line.call === call && line.fault === 'denied' && line.phase === 'start');
    const loud = denied.flatMap(({ outcomes }) => outcomes).filter((one) => !one.includes(': quietly '));
    // The one that names the call is the most specific.
    const telling = loud.find((one) => one.includes(call)) ?? loud.find((one) => one.includes('STOPPED by selfheal'));
    return [
      [
        code(call),
        `${denied.length}`,
        telling === undefined ? (otherwise[call] ?? 'the same as with it, in these situations') : plainly(telling),
      ],
    ];
  });
  return table(['permission', 'situations', 'what people are told'], rows);
};

/** Writes what `selfheal faults --json` has found, from a file, into the documents. */
const faultParts = (lines: readonly Line[]): Record<string, [part: string, content: string]> => ({
  'docs/safety.md': ['fault matrix', matrix(lines)],
  'docs/operations.md': ['missing permissions', permissions(lines)],
});

// Run as a program: node tools/docs/faults.ts FILE
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const text = readFileSync(process.argv[2] ?? '', 'utf8');
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('{"situation"'))
    .map((line) => JSON.parse(line) as Line);
  for (const [name, [part, content]] of Object.entries(faultParts(lines))) {
    const path = new URL(`../../${name}`, import.meta.url);
    writeFileSync(path, fill(readFileSync(path, 'utf8'), part, content));
  }
}
