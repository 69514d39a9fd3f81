import { parseArgs } from 'node:util';
import { errorMessage } from '../../shared/model/errors.ts';
import { explore } from './explore.ts';
import { createScenarios, start } from './programs.ts';
import type { Bound } from './state.ts';
import { createTable } from './table.ts';

/** Where it writes. */
type Io = { out: (text: string) => unknown; err: (text: string) => unknown };

const help = `Usage: npm run model -- [--faults N] [--only TEXT] [--json]

Runs every order in which two incidents' calls to the ledger can come, against the ledger's own code, with a fault in every place: a death, a
lost answer, an execution that comes back only when its lease has run out or days later, one that is stopped from outside. Exit code 1 means
that a promise was broken; the shortest way to it is printed.

  --faults N    so many faults in one schedule, of any kinds (default 1, a minute of work; 2 is some fifty times that)
  --only TEXT   only scenarios whose name contains this
  --json        one line a scenario, and the sum: {"states":…,"schedules":…,"violations":…,"bound":{…}}
`;

const boundOf = (faults: number): Bound => ({ deaths: faults, lost: faults, late: faults, stops: Math.min(1, faults), faults });
/** Delays in two places besides: a lease can only run out between a record and its call if the execution came late to the record. */
const twiceLate: Bound = { deaths: 0, lost: 0, late: 2, stops: 0, faults: 2 };

/**
 * The command: checks the scenarios, and writes what came of each and of all.
 * @returns the exit code
 */
export const checkModel = async (args: string[], { out, err }: Io): Promise<number> => {
  try {
    return await check(args, out);
  } catch (error) {
    err(`model: ${errorMessage(error)}\n`);
    return 2;
  }
};

const check = async (args: string[], out: Io['out']): Promise<number> => {
  const options = { faults: { type: 'string', default: '1' }, only: { type: 'string', default: '' } } as const;
  const { values } = parseArgs({ args, options: { ...options, json: { type: 'boolean', default: false }, help: { type: 'boolean' } } });
  if (values.help) {
    out(help);
    return 0;
  }
  const faults = Number(values.faults);
  if (!/^[0-3]$/.test(values.faults)) throw new Error('--faults is a number from 0 to 3');
  const bounds = faults === 1 ? [boundOf(1), twiceLate] : [boundOf(faults)];
  const table = await createTable(start);
  const scenarios = createScenarios(table).filter(({ name }) => name.includes(values.only));
  if (scenarios.length === 0) throw new Error(`no scenario has ${values.only} in its name`);
  const sum = { states: 0, schedules: 0, violations: 0 };
  for (const bound of bounds) {
    for (const scenario of scenarios) {
      const { states, schedules, violation } = await explore(table, scenario, bound);
      sum.states += states;
      sum.schedules += schedules;
      sum.violations += violation ? 1 : 0;
      if (values.json) out(`${JSON.stringify({ scenario: scenario.name, states, schedules, violation, bound })}\n`);
      else {
        const late = bound === twiceLate ? ', two delays' : '';
        out(`${scenario.name}${late}: ${states} states, ${schedules} schedules, ${violation?.objection ?? 'no violation'}\n`);
        for (const line of violation?.schedule ?? []) out(`  ${line}\n`);
      }
    }
  }
  out(`${JSON.stringify({ ...sum, bound: { processes: 2, faults, ...(faults === 1 ? { delays: 2 } : {}) } })}\n`);
  return sum.violations > 0 ? 1 : 0;
};
