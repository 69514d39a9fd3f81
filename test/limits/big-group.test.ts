import { SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { expect, test } from '@jest/globals';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost } from '../../local/testbed/host.ts';
import { incident } from '../remediation/examples.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;
const account = '111122223333';
const region = 'us-east-1';

test('a member of a group of 600 is replaced, and what a look keeps of it is small', async () => {
  const size = 600;
  const host = await createHost({ seed: 11, start, account, region, listens: false });
  await createFleet(host).group({ name: 'web', min: size, max: size + 10, desired: size });
  await host.run(() => false, start + 10 * minute);
  const [id = ''] = host.aws.autoScaling.get('web')?.memberIds ?? [];
  // Otherwise its group would find it by itself.
  const ScalingProcesses = ['HealthCheck'];
  await host.operator.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'web', ScalingProcesses }));
  host.aws.faults.inject({ fault: 'hang-kernel', target: id });
  await host.run(() => false, start + 12 * minute);
  const own = incident({ account, region, resource: { type: 'instance', id }, at: start + 12 * minute, alarm: null });
  host.remediate(own.key, JSON.stringify(own));
  await host.run(() => host.outcomes.length > 0, start + 120 * minute);
  await host.close();

  const [outcome] = host.outcomes;
  expect(outcome).toMatchObject({ status: 'healed', verified: true });
  expect(outcome?.actions.map(({ action, target }) => [action, target])).toEqual([['replace-member', id]]);
  expect(outcome?.reason).toContain(`${size} of ${size} members in service`);
  const operations = [...(host.engine.executions.get(own.key)?.operations.values() ?? [])];
  const looks = operations
    .filter(({ Name }) => Name === 'look' || Name?.startsWith('verify'))
    .map(({ StepDetails }) => StepDetails?.Result?.length ?? 0);
  expect(looks.length).toBeGreaterThan(2);
  expect(Math.max(...looks)).toBeLessThan(3000);
});
