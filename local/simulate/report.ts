import { compareRuns, type Ran, ranOf } from '../report/against.ts';
import { type ReportInput, writeReport } from '../report/index.ts';
import type { Comparison, HealthSample, ReportedOutcome } from '../report/input.ts';
import { sumHealth } from '../report/merge.ts';
import { promises, type Violation } from '../worlds/promises.ts';
import type { Summary } from './pool.ts';

/** Gathers what many worlds came to, for one report about all of them. Holds a few kilobytes for each incident. */
export const createSimulationReport = (command: string) => {
  const outcomes: ReportedOutcome[] = [];
  const fleets: HealthSample[][] = [];
  const names = new Map<string, string>();
  const violations: { seed: number; violation: Violation }[] = [];
  let worlds = 0;
  return {
    take: ({ seed, reported, violations: found }: Summary): void => {
      worlds++;
      for (const outcome of reported?.outcomes ?? []) outcomes.push({ ...outcome, world: `seed ${seed}` });
      fleets.push(reported?.health ?? []);
      for (const [id, name] of reported?.names ?? []) names.set(id, name);
      for (const violation of found) violations.push({ seed, violation });
    },
    compare: (before: readonly Ran[]): Comparison => compareRuns(before, ranOf(outcomes, names)),
    write: async (path: string, force: boolean, against: ReportInput['against']): Promise<void> => {
      const input: ReportInput = {
        title: worlds === 1 ? 'A world in which everything goes wrong' : `${worlds} worlds in which everything goes wrong`,
        command,
        // Worlds end in any order; their report is the same every time.
        outcomes: outcomes.sort((a, b) => (a.world ?? '').localeCompare(b.world ?? '', 'en', { numeric: true })),
        health: sumHealth(fleets),
        names,
        ...(against ? { against } : {}),
        notes: [
          'Everything here happened on an embedded AWS, in simulated time, with faults on purpose.',
          ...(worlds > 1
            ? ['The fleets of all worlds are counted as one; a world that ends earlier keeps its last state in the count.']
            : []),
          violations.length === 0 ? 'Every promise was kept.' : `Promises were broken ${violations.length} times.`,
        ],
        tables:
          violations.length === 0
            ? []
            : [
                {
                  title: 'Broken promises',
                  columns: ['World', 'Promise', 'When (UTC)', 'Resource', 'What'],
                  rows: violations
                    .sort((a, b) => a.seed - b.seed || a.violation.at - b.violation.at)
                    .slice(0, 200)
                    .map(({ seed, violation: { promise, at, resource, text } }) => [
                      `seed ${seed}`,
                      promises[promise],
                      new Date(at).toISOString().slice(11, 19),
                      resource,
                      text,
                    ]),
                },
              ],
      };
      await writeReport(path, input, force);
    },
  };
};
