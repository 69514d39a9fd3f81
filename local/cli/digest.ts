import { parseArgs } from 'node:util';
import { attempt } from '../../shared/aws/call.ts';
import { digestOf } from '../../shared/digest/digest.ts';
import { readLearned } from '../../shared/digest/lessons.ts';
import { sectionsOf } from '../../shared/digest/tell.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { sinceOf } from '../operate/since.ts';
import { tellSections } from '../operate/told.ts';
import { isThere, whereHelp, whereOf, whereOptions } from '../operate/where.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal digest [--since TIME] [--account ID] [--region R] [--all] [--stage STAGE] [--json]

Counts the incidents of a deployment, beside those of as long before: how they ended, the healed share, pages avoided, how long
recovery took by class, what fails again and again, the guards that held most and what governs them, what has helped so far, and
what it cost. It changes nothing.
${accountHelp}

  --since TIME   how far back they were opened: 24h, 7d, 30d (default: 7d; they are kept for 90d)
${whereHelp}
${deploymentHelp}

Exit code 0, or 2 if it could not be read.

Examples:
  selfheal digest --since 7d
  selfheal digest --json | jq '.now.recovery'
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const { values } = parseArgs({ args, options: { ...deploymentOptions, ...whereOptions, since: { type: 'string', default: '7d' } } });
  const seconds = sinceOf(values.since);
  const where = whereOf(values);
  return onDeployment(values.stage, io, async (deployment) => {
    const { past, digests, now } = deployment;
    const learned = await attempt(() => readLearned(digests));
    const digest = await digestOf(past, await now(), seconds * 1000, learned.ok ? learned.value : null, (at) => isThere(where, at));
    io.stdout.write(`${values.json ? JSON.stringify(digest) : tellSections(sectionsOf(digest), createStyle(io.stdout, io.env))}\n`);
    return 0;
  });
};

export const digestCommand: Command = { name: 'digest', help, names: () => [], run };
