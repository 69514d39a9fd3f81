import { createClients } from '../shared/aws/clients.ts';
import { createLogger } from '../shared/aws/log.ts';
import { approvalVariables, composeApprovals } from '../shared/compose/approvals.ts';
import { readEnvironment } from '../shared/compose/environment.ts';
import { composeRemediate, remediateVariables } from '../shared/compose/remediate.ts';

const environment = readEnvironment({ ...remediateVariables, ...approvalVariables });
const clients = createClients({});

export const handler = composeRemediate(environment, {
  clients,
  asking: composeApprovals(environment, clients),
  logger: createLogger(),
  write: (line) => console.log(line),
  now: () => Date.now(),
  timer: (milliseconds) => AbortSignal.timeout(milliseconds),
  random: () => Math.random(),
});
