import type { Outcome } from '../../shared/model/outcome.ts';
import { eventLine } from '../cli/classify.ts';
import type { Io } from '../cli/command.ts';
import { progressOn } from '../terminal/progress.ts';
import { plain, type Style } from '../terminal/style.ts';
import type { Difference, Expected } from './against.ts';
import type { Reading } from './reading.ts';
import { eventText, traceText } from './tell.ts';
import { type Trace, tracedLine } from './trace.ts';

/** The number of incidents kept for the report and for the final table. */
export const kept = { report: 5000, table: 200 };

/** Collects the results of several sources and prints them. */
export const createTelling = (
  io: Io,
  { json, against, report }: { json: boolean; against?: string | undefined; report?: string | undefined },
  style: Style,
) => {
  const outcomes: Outcome[] = [];
  const lines: Expected[] = [];
  const told: { incidents: number } & Partial<Record<Outcome['status'], number>> = { incidents: 0 };
  const progress = progressOn(io.stderr);
  const say = (text: string): void => {
    progress.clear();
    io.stdout.write(`${text}\n`);
  };
  const complain = (text: string): void => {
    progress.clear();
    io.stderr.write(`selfheal replay: ${plain(text)}\n`);
  };
  return {
    outcomes,
    lines,
    told,
    progress,
    say,
    complain,
    outcome: (outcome: Outcome, trace: Trace): void => {
      const line = tracedLine(outcome, trace);
      told.incidents++;
      told[outcome.status] = (told[outcome.status] ?? 0) + 1;
      if (outcomes.length < (report === undefined ? kept.table : kept.report)) outcomes.push(outcome);
      if (against !== undefined) lines.push({ ...line, trace: { playbook: trace.playbook, events: trace.events.slice(0, 1) } });
      say(json ? JSON.stringify(line) : `${traceText(outcome, trace, style)}\n`);
    },
    event: (reading: Reading): void => {
      if (json) {
        if (reading.incidents.length > 0 && reading.rejected.length === 0) return;
        progress.clear();
        io.stderr.write(eventLine(reading));
        return;
      }
      const text = eventText(reading, style);
      if (text !== null) say(`${text}\n`);
    },
  };
};
export type Telling = ReturnType<typeof createTelling>;

/** Differences as people read them. */
export const tellDifferences = (found: readonly Difference[], write: (text: string) => void, style: Style): void => {
  for (const { incident, lines } of found) {
    write(style.bold(style.wrap(incident, 2)));
    for (const line of lines)
      write(style.wrap(line, 4, '  ').replace(/^ {2}[-+]/, (sign) => (sign.endsWith('+') ? style.good(sign) : style.bad(sign))));
  }
};
