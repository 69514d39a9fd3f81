import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { becauseOf } from '../operate/acts.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { nameOf, resourceOf, resumeResource } from '../operate/pauses.ts';
import { whereOf, whereOptions } from '../operate/where.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal resume RESOURCE [--because TEXT] [--account ID] [--region R] [--stage STAGE] [--json]

Ends the pause of a resource before its time. If it held something, selfheal looks within two minutes, and tells people if it still fails.
Who ended it is recorded first.
${accountHelp}

  RESOURCE        as it was paused: its id, or TYPE/ID
  --because TEXT  why, for those who read the record
  --account ID    only a pause of this account (default: each of the resource)
  --region R      only a pause of this region (default: each of the resource)
${deploymentHelp}

Exit code 0, 1 if it is not paused, 2 if its pause could not be ended.

Examples:
  selfheal resume i-0a1b2c3d4e5f60718
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const options = { ...deploymentOptions, ...whereOptions, because: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const [asked, ...others] = positionals;
  if (asked === undefined || others.length > 0) throw new UsageError('name one resource; selfheal pause lists what is paused');
  const resource = resourceOf(asked);
  const because = becauseOf(values.because);
  const where = whereOf(values);
  return onDeployment(values.stage, io, async (deployment) => {
    const ended = await resumeResource(deployment, resource, because, where);
    if (values.json) io.stdout.write(`${JSON.stringify({ resource, resumed: ended.length })}\n`);
    else if (ended.length === 0) io.stderr.write(`selfheal resume: ${nameOf(resource)} is not paused; selfheal pause lists what is\n`);
    else {
      const held = ended.some((one) => one.held > 0) ? '; what it held is looked at within two minutes' : '';
      io.stdout.write(`${createStyle(io.stdout, io.env).wrap(`${nameOf(resource)} is no longer paused${held}`, 2)}\n`);
    }
    return ended.length === 0 ? 1 : 0;
  });
};

export const resumeCommand: Command = { name: 'resume', help, names: () => [], run };
