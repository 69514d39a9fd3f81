import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import { createFleet } from '../local/testbed/fleet.ts';
import { createHost } from '../local/testbed/host.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;

/** A target group of lone instances, some of which hang; the incident that tells of it is begun. */
const sickTargets = async ({ targets, hang }: { targets: number; hang: number }) => {
  const host = await createHost({ seed: 11, start, account: '111122223333', region: 'us-east-1', listens: false });
  const fleet = createFleet(host);
  const ids: string[] = [];
  for (let i = 0; i < targets; i++) ids.push(await fleet.instance({ name: `target-${i}` }));
  await host.run(() => false, start + 5 * minute);
  const { TargetGroups } = await host.operator.elb.send(
    new CreateTargetGroupCommand({ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-0123456789abcdef0', TargetType: 'instance' }),
  );
  const arn = TargetGroups?.[0]?.TargetGroupArn as string;
  const { LoadBalancers } = await host.operator.elb.send(
    new CreateLoadBalancerCommand({ Name: 'front', Subnets: ['subnet-0a', 'subnet-0b'] }),
  );
  const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: arn }];
  await host.operator.elb.send(
    new CreateListenerCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }),
  );
  await host.operator.elb.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: ids.map((Id) => ({ Id })) }));
  await host.run(() => false, start + 20 * minute);
  for (const target of ids.slice(0, hang)) host.aws.faults.inject({ fault: 'hang-kernel', target });
  await host.run(() => false, start + 30 * minute);
  const incident = {
    key: 'target-unhealthy-web',
    failure: 'target-unhealthy',
    disposition: 'remediate',
    resource: { type: 'target-group', id: arn },
    account: '111122223333',
    region: 'us-east-1',
    partition: 'aws',
    playbook: 'heal-targets',
    reason: 'targets do not answer',
    severity: 'high',
    kind: 'cloudwatch-alarm',
    at: start + 28 * minute,
    alarm: null,
    children: [],
    evidence: {},
  };
  host.remediate(incident.key, JSON.stringify(incident));
  await host.run(() => host.outcomes.length > 0, start + 600 * minute);
  const [outcome] = host.outcomes;
  await host.close();
  return { outcome, ids };
};

describe('unhealthy targets', () => {
  test('have the instance behind each treated, one after the other, and are healed only when all answer', async () => {
    const { outcome } = await sickTargets({ targets: 4, hang: 2 });
    expect(outcome).toMatchObject({ status: 'healed', verified: true, reason: expect.stringContaining('all 4 targets are healthy') });
    expect(outcome?.actions.map(({ action, result }) => [action, result])).toEqual([
      ['reboot-instance', 'done'],
      ['reboot-instance', 'done'],
    ]);
  });

  test('are left to a person where more than half of them are sick, since no restart will cure that', async () => {
    const { outcome } = await sickTargets({ targets: 4, hang: 3 });
    expect(outcome).toMatchObject({ status: 'escalated', actions: [] });
  });
});
