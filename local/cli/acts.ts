import { parseArgs } from 'node:util';
import { jsonOfAct, tellAct } from '../operate/acts.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { sinceOf } from '../operate/since.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal acts [--since TIME] [--stage STAGE] [--json]

Lists what people did to a deployment by this command line, newest first: who, when, what and why. It changes nothing.
${accountHelp}

  --since TIME   how far back: 90m, 24h, 7d (default: 7d; they are kept for 90d)
${deploymentHelp}

Exit code 0, or 2 if it could not be read.

Examples:
  selfheal acts --since 30d
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const { values } = parseArgs({ args, options: { ...deploymentOptions, since: { type: 'string', default: '7d' } } });
  const seconds = sinceOf(values.since);
  return onDeployment(values.stage, io, async (deployment) => {
    const now = await deployment.now();
    const acts = await deployment.acts.list(now - seconds * 1000, now);
    const style = createStyle(io.stdout, io.env);
    const lines = values.json ? acts.map((act) => JSON.stringify(jsonOfAct(act))) : acts.map((act) => style.wrap(tellAct(act), 2));
    if (lines.length === 0 && !values.json) lines.push(`Nobody did anything in ${values.since}, stage ${deployment.stage}.`);
    io.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return 0;
  });
};

export const actsCommand: Command = { name: 'acts', help, names: () => [], run };
