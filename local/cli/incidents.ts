import { parseArgs } from 'node:util';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { blockOf, jsonOf, lineOf, listIncidents, most, type Wanted } from '../operate/incidents.ts';
import { sinceOf } from '../operate/since.ts';
import { watchUntilInterrupted } from '../operate/watch.ts';
import { inWords, whereHelp, whereOf, whereOptions } from '../operate/where.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal incidents [--open] [--since TIME] [--resource R] [--account ID] [--region R] [--all] [--watch]
       [--stage STAGE] [--json]

Lists the incidents of a deployment, newest first: how each ended, or what it waits for. It changes nothing.
${accountHelp}

  --open         only those that have not ended
  --since TIME   how far back they were opened: 90m, 24h, 7d (default: 24h, with --open 14d; they are kept for 90d)
  --resource R   only those of a resource: its id, or a part of TYPE/ID
${whereHelp}
  --watch        look every two seconds until Ctrl-C: drawn anew on a terminal, a line for each change in a pipe
${deploymentHelp}

Exit code 0, 2 if it could not be read, 130 after Ctrl-C.

Examples:
  selfheal incidents --open
  selfheal incidents --since 7d --resource i-0a1b2c3d4e5f60718
  selfheal incidents --stage local --watch
  selfheal incidents --json | jq -r 'select(.status == "escalated") | .reason'
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const { values } = parseArgs({
    args,
    options: {
      ...deploymentOptions,
      open: { type: 'boolean', default: false },
      since: { type: 'string' },
      resource: { type: 'string' },
      ...whereOptions,
      watch: { type: 'boolean', default: false },
    },
  });
  const { open, resource, json } = values;
  const since = values.since ?? (open ? '14d' : '24h');
  const wanted: Wanted = { open, sinceSeconds: sinceOf(since), resource, where: whereOf(values) };
  const style = createStyle(io.stdout, io.env);
  return onDeployment(values.stage, io, async (deployment) => {
    const look = async () => {
      const { now, incidents, isCut } = await listIncidents(deployment, wanted);
      const keys = incidents.map(({ incident }) => incident);
      const lines = new Map(
        incidents.map((one) => [one.incident, json ? JSON.stringify(jsonOf(one)) : lineOf(one, keys, one.outcome ? now : one.openedAt)]),
      );
      const none = `No ${open ? 'open ' : ''}incident in ${since}${resource === undefined ? '' : ` on ${resource}`}${inWords(wanted.where)}, stage ${deployment.stage}.`;
      const blocks = incidents.map((one) => blockOf(one, keys, now, style));
      const screen = [...(blocks.length === 0 ? [style.wrap(none)] : blocks), ...(isCut ? [`The newest ${most} are shown.`] : [])].join(
        '\n',
      );
      return { now, incidents, keys, isCut, lines, screen };
    };
    if (values.watch) return watchUntilInterrupted(io, json, look);
    const { now, incidents, keys, isCut, lines, screen } = await look();
    if (json) io.stdout.write([...lines.values()].map((line) => `${line}\n`).join(''));
    else if (io.stdout.isTTY || incidents.length === 0) io.stdout.write(`${screen}\n`);
    else io.stdout.write(incidents.map((one) => `${lineOf(one, keys, now)}\n`).join(''));
    if (isCut && (json || !io.stdout.isTTY)) io.stderr.write(`selfheal incidents: the newest ${most} are shown\n`);
    return 0;
  });
};

export const incidentsCommand: Command = { name: 'incidents', help, names: () => [], run };
