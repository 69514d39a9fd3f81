import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import type { Pause } from '../../shared/model/pause.ts';
import { becauseOf } from '../operate/acts.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { nameOf, resourceOf, resumeResource, whatIsPaused } from '../operate/pauses.ts';
import { inWords, whereOf, whereOptions } from '../operate/where.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal resume [RESOURCE] [--because TEXT] [--account ID] [--region R] [--all] [--stage STAGE] [--json]

Ends the pause of a resource before its time, or with --all and no resource every pause, and lists each that it ends.
If it held something, selfheal looks within two minutes, and tells people if it still fails. Who ended it is recorded first.
${accountHelp}

  RESOURCE        as it was paused: its id, or TYPE/ID
  --because TEXT  why, for those who read the record
  --account ID    only a pause of this account (default: each of the resource)
  --region R      only a pause of this region (default: each of the resource)
  --all           its pauses of all accounts and regions; without a resource: every pause there is, which needs --because
${deploymentHelp}

Exit code 0, 1 if nothing is paused, 2 if its pause could not be ended.

Examples:
  selfheal resume i-0a1b2c3d4e5f60718
  selfheal resume --all --because 'the migration is done'
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const options = { ...deploymentOptions, ...whereOptions, because: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const [asked, ...others] = positionals;
  if (others.length > 0 || (asked === undefined && !values.all))
    throw new UsageError('name one resource, or --all; selfheal pause lists what is paused');
  const resource = asked === undefined ? 'all' : resourceOf(asked);
  const because = becauseOf(values.because);
  if (resource === 'all' && because === null) throw new UsageError('say why everything is resumed: --because TEXT');
  const where = whereOf(values);
  return onDeployment(values.stage, io, async (deployment) => {
    const ended = await resumeResource(deployment, resource, because, where);
    const name = resource === 'all' ? 'anything' : nameOf(resource);
    if (values.json && resource !== 'all') io.stdout.write(`${JSON.stringify({ resource, resumed: ended.length })}\n`);
    else if (values.json) io.stdout.write(ended.map((one) => `${JSON.stringify({ ...whatIsPaused(one), resumed: 1 })}\n`).join(''));
    else if (ended.length === 0)
      io.stderr.write(
        `selfheal resume: ${resource === 'all' ? 'nothing is paused' : `${name} is not paused; selfheal pause lists what is`}\n`,
      );
    else {
      const style = createStyle(io.stdout, io.env);
      const told = (one: Pause) => `${nameOf(one.resource)}${inWords(one)}`;
      const looked = (held: boolean) => (held ? '; what it held is looked at within two minutes' : '');
      const lines = values.all
        ? ended.map((one) => `${told(one)} is no longer paused${looked(one.held > 0)}`)
        : [`${name} is no longer paused${looked(ended.some((one) => one.held > 0))}`];
      io.stdout.write(lines.map((line) => `${style.wrap(line, 2)}\n`).join(''));
    }
    return ended.length === 0 ? 1 : 0;
  });
};

export const resumeCommand: Command = { name: 'resume', help, names: () => [], run };
