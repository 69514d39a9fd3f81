import { parseArgs } from 'node:util';
import { policySchema } from '../../shared/model/policy.ts';
import { event } from '../doctor/checks/event.ts';
import { type Examined, examine, requireDeployment } from '../doctor/examine.ts';
import { checks } from '../doctor/index.ts';
import { createSubject } from '../doctor/subject.ts';
import { blockOf, lineOf, sumOf } from '../doctor/tell.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { policyFrom } from './options.ts';

const help = `Usage: selfheal doctor [--no-event] [--policy FILE] [--stage STAGE] [--json]

Looks whether a deployment is as it should be, and names the one command that repairs what isn't. It changes nothing: it reads, and puts an
event on the bus that intake leaves alone: that an invocation succeeded, of a function that doesn't exist.
${accountHelp}

  --no-event     leave that event out
  --policy FILE  the policy of the deployment, of YAML or JSON: which tag is the opt-in tag (default: selfheal=on)
${deploymentHelp}

Exit code 0, 1 if something is broken, 2 if it could not look. What may not be looked at is unknown, and not broken.

Examples:
  selfheal doctor
  selfheal doctor --stage dev --no-event
  selfheal doctor --json | jq -r 'select(.verdict == "broken") | .repair'
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const { values } = parseArgs({
    args,
    options: { ...deploymentOptions, 'no-event': { type: 'boolean', default: false }, policy: { type: 'string' } },
  });
  const { optIn } = (await policyFrom(values.policy)) ?? policySchema.parse({});
  const style = createStyle(io.stdout, io.env);
  return onDeployment(values.stage, io, async (deployment) => {
    const subject = await createSubject(deployment, { optIn });
    const found: Examined[] = [];
    for (const check of checks) found.push(...(await examine(check, subject)));
    requireDeployment(found, subject);
    // Only where there is somebody to hear of it.
    if (!values['no-event']) found.push(...(await examine(event, subject)));
    if (values.json) io.stdout.write(found.map((one) => `${JSON.stringify(one)}\n`).join(''));
    else if (!io.stdout.isTTY) io.stdout.write(found.map((one) => `${lineOf(one)}\n`).join(''));
    else io.stdout.write(`${[...found.map((one) => blockOf(one, style)), sumOf(found)].join('\n')}\n`);
    return found.some(({ verdict }) => verdict === 'broken') ? 1 : 0;
  });
};

export const doctorCommand: Command = { name: 'doctor', help, names: () => [], run };
