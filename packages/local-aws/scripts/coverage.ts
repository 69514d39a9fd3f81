import { createRequire } from 'node:module';
import { code, table } from '../../../tools/docs/markdown.ts';
import { createLocalAws } from '../src/local-aws.ts';

const require = createRequire(import.meta.url);

/** Each service by what its requests are signed for, with its name and the SDK's client of it; null where there is none to ask. */
const services: Readonly<Record<string, { name: string; client: string | null }>> = {
  ec2: { name: 'EC2', client: 'ec2' },
  autoscaling: { name: 'Auto Scaling', client: 'auto-scaling' },
  monitoring: { name: 'CloudWatch', client: 'cloudwatch' },
  elasticloadbalancing: { name: 'Elastic Load Balancing v2', client: 'elastic-load-balancing-v2' },
  events: { name: 'EventBridge', client: 'eventbridge' },
  cloudtrail: { name: 'CloudTrail', client: 'cloudtrail' },
  ssm: { name: 'Systems Manager', client: 'ssm' },
  kms: { name: 'KMS', client: 'kms' },
  lambda: { name: 'Lambda', client: 'lambda' },
  sts: { name: 'STS', client: 'sts' },
  dynamodb: { name: 'DynamoDB', client: 'dynamodb' },
  sns: { name: 'SNS', client: 'sns' },
  sqs: { name: 'SQS', client: 'sqs' },
  rds: { name: 'RDS', client: 'rds' },
  ecs: { name: 'ECS', client: 'ecs' },
  acm: { name: 'Certificate Manager', client: 'acm' },
  synthetics: { name: 'CloudWatch Synthetics', client: null },
};

/** All of a service's operations: a schema is an array that says what it is first, and 9 says an operation. */
const operationsOf = (client: string): string[] =>
  Object.values(require(`@aws-sdk/client-${client}`) as object).flatMap((exported: unknown) =>
    Array.isArray(exported) && exported[0] === 9 ? [String(exported[2])] : [],
  );

/** `whole`: all of its operations are known here. */
type Coverage = { name: string; served: string[]; unserved: string[]; whole: boolean };

const coverage = (): Coverage[] => {
  const { served: all } = createLocalAws({ seed: 1, start: 0, account: '000000000000', region: 'us-east-1' });
  return [...all].map(([signingName, served]) => {
    const { name, client } = services[signingName] ?? { name: signingName, client: signingName };
    return {
      name,
      served: served.toSorted(),
      whole: client !== null,
      unserved: (client === null ? [] : operationsOf(client)).filter((operation) => !served.includes(operation)).sort(),
    };
  });
};

/** The generated parts of docs/local-aws.md, by their names. */
export const coverageParts = (): Record<string, string> => {
  const all = coverage();
  return {
    served: table(
      ['service', 'served', 'of', 'actions'],
      all.map(({ name, served, unserved, whole }) => [
        name,
        String(served.length),
        whole ? String(served.length + unserved.length) : '–',
        served.map(code).join(', '),
      ]),
    ),
    unserved: all
      .filter(({ unserved }) => unserved.length > 0)
      .map(
        ({ name, unserved }) => `<details><summary>${name}: ${unserved.length}</summary>\n\n${unserved.map(code).join(', ')}\n\n</details>`,
      )
      .join('\n\n'),
  };
};
