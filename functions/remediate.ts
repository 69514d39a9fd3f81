import { LambdaClient } from '@aws-sdk/client-lambda';
import { STSClient } from '@aws-sdk/client-sts';
import { createClient } from '../shared/aws/client.ts';
import { createClients } from '../shared/aws/clients.ts';
import { createLogger } from '../shared/aws/log.ts';
import { approvalVariables, composeApprovals } from '../shared/compose/approvals.ts';
import { readEnvironment } from '../shared/compose/environment.ts';
import { composeRemediate, publicNameServers, remediateVariables } from '../shared/compose/remediate.ts';

const environment = readEnvironment({ ...remediateVariables, ...approvalVariables });
const clients = createClients({});
const timer = (milliseconds: number) => AbortSignal.timeout(milliseconds);

export const handler = composeRemediate(environment, {
  clients,
  connect: createClients,
  sts: () => clients.of(STSClient),
  // The probe gives up after ten seconds.
  lambda: () =>
    createClient(LambdaClient, { requestHandler: { connectionTimeout: 3000, requestTimeout: 15_000, throwOnRequestTimeout: true } }),
  asking: composeApprovals(environment, clients, timer),
  logger: createLogger(),
  write: (line) => console.log(line),
  now: () => Date.now(),
  timer,
  random: () => Math.random(),
  nameServers: publicNameServers(),
});
