import { parseArgs } from 'node:util';
import { becauseOf } from '../operate/acts.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { findIncident } from '../operate/find.ts';
import { stopIncident } from '../operate/stop.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { keyOf } from './show.ts';

const help = `Usage: selfheal stop KEY [--because TEXT] [--stage STAGE] [--json]

Stops an incident before its next action. An action that has begun is completed, and what was taken out of service is put back; then it
ends escalated, by your name. If it waits for an approval, the answer is no. Who stopped it is recorded first.
${accountHelp}

  KEY             the key of the incident, or the beginning of it
  --because TEXT  why, for those who are told
${deploymentHelp}

Exit code 0, 1 if it had ended, 2 if there is no such incident or it could not be stopped.

Examples:
  selfheal stop host-impaired-7498ad8c --because 'the rack is being moved'
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const options = { ...deploymentOptions, because: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const key = keyOf(positionals, 'stop');
  const because = becauseOf(values.because);
  return onDeployment(values.stage, io, async (deployment) => {
    const found = await findIncident(deployment, key);
    const result = await stopIncident(deployment, found, because);
    if (values.json) io.stdout.write(`${JSON.stringify({ incident: found.key, ...result })}\n`);
    if (!result.stopped) {
      if (!values.json) io.stderr.write(`selfheal stop: ${result.because}\n`);
      return 1;
    }
    const said = result.answered > 0 ? 'stopped: what it asked is answered with no' : 'stopped: it ends before its next action';
    if (!values.json) io.stdout.write(`${createStyle(io.stdout, io.env).wrap(`${found.key} is ${said}`, 2)}\n`);
    if (result.problem !== null) {
      io.stderr.write(`selfheal stop: it is stopped, but its question could not be answered: ${result.problem}\n`);
      return 1;
    }
    return 0;
  });
};

export const stopCommand: Command = { name: 'stop', help, names: () => [], run };
