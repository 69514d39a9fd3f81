import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetQueueUrlCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from '@jest/globals';
import { readTrail } from '../../shared/aws/change-history.ts';
import type { Clients } from '../../shared/aws/clients.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { trailNameOf } from '../../shared/resources/observe.ts';
import { noon } from '../remediation/examples.ts';
import { createObserved, minute } from './observing.ts';
import { samples } from './samples.ts';

/** Calls of somebody who changes a resource, by the kind of it. */
const changes: Readonly<Record<string, (operator: Clients) => Promise<unknown>>> = {
  'lambda-function': (operator) =>
    operator.of(LambdaClient).send(new UpdateFunctionConfigurationCommand({ FunctionName: 'checkout', Timeout: 5 })),
  'ecs-service': (operator) =>
    operator.of(ECSClient).send(new UpdateServiceCommand({ cluster: 'prod', service: 'checkout', desiredCount: 0 })),
  'sqs-queue': async (operator) => {
    const sqs = operator.of(SQSClient);
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'orders' }));
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '9' } }));
  },
};

test.each(Object.entries(changes))('CloudTrail is asked by the name under which it keeps the changes of %s', async (id, change) => {
  const world = await createObserved();
  const about = samples[id] as Incident;
  await world.place(about);
  await world.aws.advanceTo(noon);
  await change(world.operator);
  await world.aws.advanceTo(noon + 20 * minute);
  const span = { from: noon - minute, to: noon + 20 * minute };
  const { calls } = await readTrail(world.clients.of(CloudTrailClient), trailNameOf(about) ?? '', span);
  expect(calls).toMatchObject([{ who: 'operator', readOnly: false, at: new Date(noon).toISOString() }]);
  await world.close();
});
