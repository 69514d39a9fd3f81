import { CreateAliasCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { nameOf } from './deployed.ts';
import type { Host } from './host.ts';

const functions = ['intake', 'remediate', 'watch', 'approve', 'beat', 'dashboard-widget'] as const;
const deadLetters = ['intake', 'remediate', 'watch', 'alarm', 'event'] as const;
const keyId = '5e1f4ea1-0000-4000-8000-000000000001';

/**
 * Makes what the deployment has for people to look at, and what no incident needs: functions that can be described, the queues of dead letters,
 * the topic of alarms on selfheal, and the key of the topics.
 */
export const placeAround = async ({ aws, operator }: Pick<Host, 'aws' | 'operator'>): Promise<void> => {
  const { account, partition, clock } = aws.world;
  const now = clock.now();
  for (const part of functions) {
    const versions = part === 'remediate' ? { published: [now], aliases: { durable: '1' } } : {};
    aws.lambda.place({ name: nameOf(part), modifiedAt: now, ...versions });
  }
  const sqs = operator.of(SQSClient);
  for (const part of deadLetters) await sqs.send(new CreateQueueCommand({ QueueName: nameOf(`${part}-dead-letters`) }));
  await operator.sns.send(new CreateTopicCommand({ Name: nameOf('operations') }));
  aws.kms.place(keyId, 'Encrypts the topics of selfheal that CloudWatch publishes to.');
  await operator.kms.send(new CreateAliasCommand({ AliasName: `alias/${nameOf('topics')}`, TargetKeyId: keyId }));
  const statements = [
    { Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
    {
      Sid: 'AlarmsOfThisAccount',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  await operator.kms.send(new PutKeyPolicyCommand({ KeyId: keyId, PolicyName: 'default', Policy }));
};
