import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { createLocalAws, inProcess } from '#local-aws';
import { deployedLedger } from '../../local/testbed/deployed.ts';
import { worldOptions } from '../../packages/local-aws/test/harness.ts';
import { createClients } from '../../shared/aws/clients.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';

const aws = createLocalAws({ ...worldOptions, exempt: ['selfheal'] });
const config = {
  ...{ region: worldOptions.region, endpoint: 'http://local', requestHandler: inProcess(aws.handle) },
  credentials: { accessKeyId: 'selfheal', secretAccessKey: 'local' },
} as object;
const { dynamodb: client } = createClients(config);
let tables = 0;

/** A table as it is deployed, in which nothing stands yet. */
export const emptyTable = async () => {
  const { table } = deployedLedger();
  const TableName = `${table.TableName}-${++tables}`;
  await client.send(new CreateTableCommand({ ...table, TableName }));
  return { client, TableName };
};

export const emptyLedger = async (): Promise<Ledger> => {
  const { client, TableName } = await emptyTable();
  return createLedger(client, TableName);
};
