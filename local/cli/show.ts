import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { findIncident } from '../operate/find.ts';
import { jsonOfFound, tellFound } from '../operate/show.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal show KEY [--stage STAGE] [--json]

Shows an incident: what was seen, decided, done and verified, or, while it is open, what is recorded so far and what it waits for.
It changes nothing.
${accountHelp}

  KEY            the key of the incident, or the beginning of it
${deploymentHelp}

Exit code 0, or 2 if there is no such incident or it could not be read.

Examples:
  selfheal show host-impaired-7498ad8c
  selfheal show host-impaired-7498ad8c --json | jq -r .reason
`;

/** The one argument of a command that is about an incident. */
export const keyOf = (positionals: readonly string[], command: string): string => {
  const [key, ...others] = positionals;
  if (key === undefined || key === '' || others.length > 0) throw new UsageError(`name one incident; selfheal ${command} --help says how`);
  return key;
};

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: deploymentOptions });
  const key = keyOf(positionals, 'show');
  return onDeployment(values.stage, io, async (deployment) => {
    const found = await findIncident(deployment, key);
    const text = values.json
      ? JSON.stringify(await jsonOfFound(deployment, found))
      : await tellFound(deployment, found, createStyle(io.stdout, io.env));
    io.stdout.write(`${text}\n`);
    return 0;
  });
};

export const showCommand: Command = { name: 'show', help, names: () => [], run };
