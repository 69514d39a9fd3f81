import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchAdopt } from './adopt.ts';
import { benchBackoff } from './backoff.ts';
import { benchClassify } from './classify.ts';
import { benchColdStart } from './cold-start.ts';
import { benchCommand } from './command.ts';
import { assumptions, costs, prices } from './cost.ts';
import { benchFailover } from './failover.ts';
import { benchFleets, failTogether } from './fleets.ts';
import { benchGrowth } from './growth.ts';
import { benchHub } from './hub.ts';
import { benchLocalAws } from './local-aws.ts';
import { asTable } from './markdown.ts';
import type { Measurement } from './measurement.ts';
import { retryCost, runTrials, timesToRecover } from './recover.ts';
import { benchRollback } from './rollback.ts';
import { benchSimulation } from './simulation.ts';
import { benchStorm } from './storm.ts';
import { benchWorstRecord } from './worst-record.ts';

const help = `Usage: npm run bench -- [--quick] [--json] [--only PART]… [--markdown FILE]

Measures selfheal on this machine and in simulated time; see docs/performance.md for what the figures mean.

  --quick          a fraction of the work: rougher figures in less than a minute
  --json           one figure a line: {"name":"classify.per_second","value":…,"unit":"1/s"}
  --only PART      only this part: cold-start, classify, worst-record, incidents,
                   hub, storm, fleets, backoff, command, failover, rollback,
                   simulation, local-aws, growth, adopt; fleet-3000 and
                   fleet-10000 only run if they are named: they take minutes
                   and half an hour, and 2 and 7 GB
  --markdown FILE  also write the figures as Markdown tables
`;

const incidents = async (quick: boolean): Promise<Measurement[]> => {
  const trials = await runTrials(quick ? 8 : 200);
  return [...timesToRecover(trials), ...costs(trials), await retryCost(quick ? 2 : 20)];
};

/** The load of functions is measured first, before this process has made the machine busy. */
const parts: Record<string, (quick: boolean) => Measurement[] | Promise<Measurement[]>> = {
  'cold-start': benchColdStart,
  classify: benchClassify,
  'worst-record': benchWorstRecord,
  incidents,
  hub: benchHub,
  storm: benchStorm,
  fleets: benchFleets,
  backoff: benchBackoff,
  command: benchCommand,
  failover: benchFailover,
  rollback: benchRollback,
  simulation: benchSimulation,
  'local-aws': benchLocalAws,
  growth: benchGrowth,
  adopt: benchAdopt,
};

/** With those that take so long, or so much memory, that they run only if they are named. */
const allParts: typeof parts = {
  ...parts,
  'fleet-3000': () => failTogether(3000),
  'fleet-10000': () => failTogether(10_000),
};

const options = {
  help: { type: 'boolean', short: 'h', default: false },
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  only: { type: 'string', multiple: true },
  markdown: { type: 'string' },
} as const;

const read = () => {
  try {
    const { values } = parseArgs({ options });
    const names = Object.keys(allParts);
    const unknown = values.only?.find((part) => !names.includes(part));
    if (unknown !== undefined) throw new Error(`there is no part ${unknown}; there are ${names.join(', ')}`);
    return values;
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exit(2);
  }
};

const values = read();
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}`;
const say = (line: string) => process.stdout.write(`${line}\n`);
if (!values.json) {
  say(machine);
  say(`prices in USD: ${JSON.stringify(prices)}`);
  say(`assumed: ${JSON.stringify(assumptions)}`);
}

const results: [string, Measurement[]][] = [];
for (const [name, run] of Object.entries(values.only ? allParts : parts)) {
  if (values.only && !values.only.includes(name)) continue;
  const start = performance.now();
  const figures = await run(values.quick);
  results.push([name, figures]);
  if (!values.json) say(`\n${name} (${Math.round((performance.now() - start) / 1000)} s)`);
  for (const figure of figures) {
    say(values.json ? JSON.stringify(figure) : `  ${figure.name.padEnd(72)} ${String(figure.value).padStart(12)} ${figure.unit}`);
  }
}
if (values.markdown !== undefined) writeFileSync(values.markdown, asTable(machine, results));
process.exit(0);
