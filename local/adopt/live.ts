import { AutoScalingClient, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { EC2Client, paginateDescribeInstances, paginateDescribeVolumes } from '@aws-sdk/client-ec2';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { paginateDescribeDBInstances, RDSClient } from '@aws-sdk/client-rds';
import { classifyError, explain, isDenied } from '../../shared/aws/call.ts';
import { createClient } from '../../shared/aws/client.ts';
import { UsageError } from '../../shared/model/errors.ts';
import { accountPermissions, accountSources } from '../backtest/account.ts';
import { remedyOf } from '../terminal/aws-remedy.ts';
import type { Collector } from './documents.ts';

/** IAM actions of reading an account; none of them changes anything. */
export const adoptPermissions = [
  ...accountPermissions,
  'autoscaling:DescribeAutoScalingGroups',
  'ec2:DescribeInstances',
  'ec2:DescribeVolumes',
  'kms:DescribeKey',
  'rds:DescribeDBInstances',
] as const;

export type LiveClients = {
  autoScaling: AutoScalingClient;
  cloudTrail: CloudTrailClient;
  cloudWatch: CloudWatchClient;
  ec2: EC2Client;
  kms: KMSClient;
  rds: RDSClient;
};

/** Throttling is normal where everything is read. */
const patient = { maxAttempts: 8, retryMode: 'adaptive' };

/** One client of each service that is read, by this configuration. */
export const liveClients = (config: object): LiveClients => ({
  autoScaling: createClient(AutoScalingClient, config),
  cloudTrail: createClient(CloudTrailClient, config),
  cloudWatch: createClient(CloudWatchClient, config),
  ec2: createClient(EC2Client, config),
  kms: createClient(KMSClient, config),
  rds: createClient(RDSClient, config),
});

/** Clients of the account and region in the environment, as every AWS SDK finds them, or of those that `place` leads to. */
export const connect = (place: object = {}): LiveClients => liveClients({ ...place, ...patient });

type Reading = {
  clients: LiveClients;
  /** The time of the history, in milliseconds since the epoch. */
  from: number;
  to: number;
  sleep: (milliseconds: number) => Promise<void>;
  /** Hears of what is read. */
  onRead: (what: string) => void;
};

/** What is said of a call that is denied. */
export const notAllowed = 'not allowed; what depends on it is left out';

/** So many keys are described; an account has a few. */
const maxKeys = 200;

/**
 * Reads an account and region through calls that change nothing. What is refused is a problem; the rest counts.
 * @throws {UsageError} with the remedy, if AWS can't be asked at all
 */
export const readLive = async (documents: Collector, { clients, from, to, sleep, onRead }: Reading): Promise<void> => {
  const { autoScaling, cloudTrail, cloudWatch, ec2, kms, rds } = clients;

  const pages = async (where: string, what: string, read: () => AsyncIterable<object>): Promise<void> => {
    try {
      let page = 0;
      for await (const value of read()) {
        documents.add({ where: `${where} page ${++page}`, value });
        onRead(what);
      }
    } catch (error) {
      const remedy = remedyOf(error);
      if (remedy !== null) throw new UsageError(remedy);
      const found = classifyError(error);
      const problem = isDenied(found) ? notAllowed : explain(found);
      documents.add({ where, problem });
    }
  };

  const history = async (): Promise<void> => {
    const sources = accountSources({ cloudWatch, cloudTrail, sleep }, { from: new Date(from), to: new Date(to) });
    await Promise.all(
      sources.map(async (source) => {
        for (let item = await source.next(); item !== null; item = await source.next()) {
          documents.add(item);
          onRead('alarms and their history');
        }
      }),
    );
  };

  const describeKeys = async (): Promise<void> => {
    const ids = new Set([...(documents.volumes()?.values() ?? [])].flatMap(({ KmsKeyId }) => KmsKeyId ?? []));
    for (const id of [...ids].slice(0, maxKeys)) {
      try {
        documents.add({ where: 'DescribeKey', value: await kms.send(new DescribeKeyCommand({ KeyId: id })) });
      } catch (error) {
        // As the guard takes it: a key that can't be seen is no AWS managed one.
        if (classifyError(error).kind === 'refused') documents.addKey({ arn: id, manager: null, state: null });
        else documents.add({ where: `DescribeKey ${id}`, problem: explain(classifyError(error)) });
      }
    }
  };

  // First alone: if AWS can't be asked at all, one call finds out.
  await pages('ec2:DescribeInstances', 'instances', () => paginateDescribeInstances({ client: ec2, pageSize: 1000 }, {}));
  await Promise.all([
    history(),
    pages('autoscaling:DescribeAutoScalingGroups', 'groups', () =>
      paginateDescribeAutoScalingGroups({ client: autoScaling, pageSize: 100 }, {}),
    ),
    pages('rds:DescribeDBInstances', 'databases', () => paginateDescribeDBInstances({ client: rds, pageSize: 100 }, {})),
    pages('ec2:DescribeVolumes', 'volumes', () => paginateDescribeVolumes({ client: ec2, pageSize: 500 }, {})).then(describeKeys),
  ]);
};
