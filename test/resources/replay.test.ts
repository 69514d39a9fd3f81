import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { replayEvent } from '../../local/replay/index.ts';
import { outcomeSchema } from '../../shared/model/outcome-schema.ts';

/** What people read of each kind of resource, out of an event as AWS sends it and a world that matches it. */
test.each([
  ['acm/approaching-expiration', /^certificate arn:\S+: ISSUED since .*; for shop\.example\.com; expires /],
  ['cloudwatch-alarm/disk-full-database', /^database instance orders: available; created /],
  ['rds/cluster-failover-failed', /^database cluster orders: available; .* writer orders-1/],
  ['rds/proxy-failed', /^database proxy carts-proxy: available; created .*; for POSTGRESQL, TLS required$/],
  ['cloudwatch-alarm/errors-of-an-alias', /^Lambda function invoice:live: Active; version 1 published at .*; alias live is version 1/],
  ['lambda/destination-failure', /^Lambda function checkout: Active; code or settings changed at /],
  ['cloudwatch-alarm/error-ratio', /^load balancer app\/web\/fedcba9876543210: active; created /],
  ['cloudwatch-alarm/errors-of-targets', /^target group \S+: 3 of 3 targets healthy; AWS doesn't say since when/],
  ['cloudwatch-alarm/load-of-a-service', /^ECS service prod\/checkout: ACTIVE; deployment of checkout:1 began at /],
  ['ecs/essential-task-exited', /^ECS task arn:\S+: STOPPED since .* ago; EssentialContainerExited: /],
  ['cloudwatch-alarm/queue-age', /^SQS queue orders: 0 messages waiting; created /],
  ['cloudwatch-alarm/stalled-volume', /^EBS volume vol-0123456789abcdef0: available; created .*; status ok/],
  ['synthetics/failed', /^canary checkout-canary: RUNNING since .*; last run FAILED at /],
  ['ebs/snapshot-failed', /^EBS snapshot snap-0123456789abcdef0: error; created .*; of vol-/],
  ['ec2-fleet/fleet-error', /^EC2 Fleet fleet-\S+: active; created .*; activity error; capacity 0 of 4; type maintain$/],
  ['health/zone-issue', /^Availability Zone us-west-2b: available; AWS doesn't say since when; zone id usw2-az2$/],
  ['zonal-shift/autoshift', /^Availability Zone usw2-az2: available; .*; here us-west-2b$/],
  ['health/region-issue', /^region eu-west-1 was not looked for: selfheal doesn't read regions$/],
  ['cloudwatch-alarm/disk-full', /^i-[0-9a-f]+ running in us-west-2a, launched 1 h 00 min ago; /],
  ['autoscaling/launch-failed-quota', /^group \S+ 2\/2 \(max 6\), created 1 h 00 min ago/],
])('an outcome says what was seen of %s', async (sample, line) => {
  const event = JSON.parse(readFileSync(new URL(`../../events/${sample}.json`, import.meta.url), 'utf8'));
  const { outcomes } = await replayEvent(event, { seed: 1 });
  const [outcome] = outcomes.map((one) => outcomeSchema.parse(one));
  expect(outcome?.resourceState).toMatch(line);
  expect(JSON.stringify(outcome)).not.toMatch(/no such/);
});
