import * as z from 'zod';
import { createClients } from '../shared/aws/clients.ts';
import { createLedger } from '../shared/aws/ledger.ts';
import { createReporter } from '../shared/aws/reporter.ts';
import { readEnvironment } from '../shared/environment.ts';
import { createRemediate } from '../shared/handlers/remediate.ts';
import { parsePolicy } from '../shared/policy.ts';

const environment = readEnvironment({
  LEDGER_TABLE: z.string().min(1),
  OUTCOME_TOPIC_ARN: z.string().startsWith('arn:'),
  EVENT_BUS: z.string().min(1).default('default'),
  SELFHEAL_POLICY: z.string().default(''),
  SELFHEAL_MODE: z.enum(['off', 'dry-run', 'enforce']).optional(),
});
const policy = parsePolicy(environment.SELFHEAL_POLICY);
const clients = createClients({});

export const handler = createRemediate({
  clients,
  ledger: createLedger(clients.dynamodb, environment.LEDGER_TABLE),
  policy: { ...policy, mode: environment.SELFHEAL_MODE ?? policy.mode },
  reporter: createReporter(clients, {
    topicArn: environment.OUTCOME_TOPIC_ARN,
    busName: environment.EVENT_BUS,
    // The embedded metric format counts only what stands alone on a line.
    log: (line) => console.log(line),
  }),
  now: () => Date.now(),
  random: () => Math.random(),
});
