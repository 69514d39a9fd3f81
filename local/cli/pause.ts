import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { becauseOf } from '../operate/acts.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { minuteOf } from '../operate/minute.ts';
import { forOf, holdsIn, jsonOfPause, listPauses, nameOf, pauseResource, resourceOf, tellPaused } from '../operate/pauses.ts';
import { inWords, whereHelp, whereOf, whereOptions } from '../operate/where.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal pause [RESOURCE --for TIME --because TEXT] [--account ID] [--region R] [--all] [--stage STAGE] [--json]

Keeps selfheal's hands off a resource for a while: meanwhile nothing is done, and each signal is recorded quietly. When the pause is over
and something came, selfheal looks again and tells people once if it still fails. A group's pause covers its members. Without a resource,
lists what is paused. Who paused it is recorded first.
${accountHelp}

  RESOURCE        its id, or TYPE/ID: i-0a1b2c3d4e5f60718, group/web
  --for TIME      from 1m to 30d: 90m, 2h, 1d12h
  --because TEXT  why, for those who wonder
${whereHelp}
${deploymentHelp}

Exit code 0, or 2 if it could not be paused.

Examples:
  selfheal pause i-0a1b2c3d4e5f60718 --for 2h --because 'the kernel is being debugged'
  selfheal pause
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const options = { ...deploymentOptions, ...whereOptions, for: { type: 'string' }, because: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const [asked, ...others] = positionals;
  const where = whereOf(values);
  if (others.length > 0) throw new UsageError(`pause one resource, not ${positionals.length}`);
  const style = createStyle(io.stdout, io.env);
  if (asked === undefined) {
    if ((values.for ?? values.because) !== undefined) throw new UsageError('name the resource to pause');
    return onDeployment(values.stage, io, async (deployment) => {
      const pauses = (await listPauses(deployment)).filter((pause) => holdsIn(pause, where));
      const lines = values.json
        ? pauses.map((pause) => JSON.stringify(jsonOfPause(pause)))
        : pauses.map((pause) => style.wrap(tellPaused(pause), 2));
      if (lines.length === 0 && !values.json) lines.push(`Nothing is paused${inWords(where)}, stage ${deployment.stage}.`);
      io.stdout.write(lines.map((line) => `${line}\n`).join(''));
      return 0;
    });
  }
  const resource = resourceOf(asked);
  const milliseconds = forOf(values.for);
  const because = becauseOf(values.because);
  if (because === null) throw new UsageError('say why: --because TEXT');
  return onDeployment(values.stage, io, async (deployment) => {
    const until = await pauseResource(deployment, resource, milliseconds, because, where);
    const json = { resource, ...where, until: new Date(until).toISOString() };
    io.stdout.write(
      values.json
        ? `${JSON.stringify(json)}\n`
        : `${style.wrap(`${nameOf(resource)}${inWords(where)} is paused until ${minuteOf(until)} UTC`, 2)}\n`,
    );
    return 0;
  });
};

export const pauseCommand: Command = { name: 'pause', help, names: () => [], run };
