import { parseArgs } from 'node:util';
import { becauseOf } from '../operate/acts.ts';
import { answerIncident } from '../operate/approve.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { findIncident } from '../operate/find.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command } from './command.ts';
import { keyOf } from './show.ts';

const does = {
  approve: 'Approves what an incident asks: the action is done at once, if all guards still say yes.',
  reject: 'Rejects what an incident asks: it ends without the action.',
} as const;

const helpOf = (
  name: 'approve' | 'reject',
): string => `Usage: selfheal ${name} KEY [--question ID] [--because TEXT] [--stage STAGE] [--json]

${does[name]} selfheal show KEY says what it asks, and why. The first answer counts,
here or on the page of the link. The answer is yours by the ARN of your credentials, and is recorded first.
${accountHelp}

  KEY             the key of the incident, or the beginning of it
  --question ID   which question, or the beginning of its id, where it asks more than one
  --because TEXT  why, for those who read the record
${deploymentHelp}

Exit code 0, 1 if another answer stands or it is too late, 2 if nothing is asked or it could not be answered.

Examples:
  selfheal ${name} instance-unreachable-59b1ec4d
`;

const createAnswer = (name: 'approve' | 'reject'): Command => ({
  name,
  help: helpOf(name),
  names: () => [],
  run: async (args, io) => {
    const options = { ...deploymentOptions, question: { type: 'string' }, because: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
    const key = keyOf(positionals, name);
    const because = becauseOf(values.because);
    return onDeployment(values.stage, io, async (deployment) => {
      const found = await findIncident(deployment, key);
      const { question, says, isBad } = await answerIncident(deployment, found, name, { question: values.question, because });
      if (values.json) io.stdout.write(`${JSON.stringify({ incident: found.key, question: question.id, done: !isBad, says })}\n`);
      else if (isBad) io.stderr.write(`selfheal ${name}: ${says}\n`);
      else io.stdout.write(`${createStyle(io.stdout, io.env).wrap(says, 2)}\n`);
      return isBad ? 1 : 0;
    });
  },
});

export const approveCommand = createAnswer('approve');
export const rejectCommand = createAnswer('reject');
