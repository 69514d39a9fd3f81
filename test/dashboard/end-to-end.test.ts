import { expect, test } from '@jest/globals';
import { createFleet } from '../../local/testbed/fleet.ts';
import { createHost } from '../../local/testbed/host.ts';
import { createIncidents } from '../../shared/aws/incident-archive.ts';
import { createWidget } from '../../shared/dashboard/index.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const hour = 3_600_000;

test('the widget shows an incident while it is open, and its story when it has ended', async () => {
  const host = await createHost({ seed: 5, start, account: '111122223333', region: 'us-east-1' });
  try {
    const fleet = createFleet(host);
    const target = await fleet.instance({ name: 'lone' });
    await fleet.statusAlarm(target, 'Instance');
    await host.run(() => false, start + 0.2 * hour);
    host.aws.faults.inject({ fault: 'hang-kernel', target });
    await host.run(() => host.engine.busy(), start + 2 * hour);

    const now = () => host.aws.world.clock.now();
    const handler = createWidget({ incidents: createIncidents(host.operator.dynamodb, 'selfheal-local-ledger'), now, log: () => {} });
    const invokedFunctionArn = 'arn:aws:lambda:us-east-1:111122223333:function:widget';
    const show = (event: object = {}) => handler(event as never, { invokedFunctionArn } as never) as Promise<string>;
    expect(await show()).toMatch(/<span class="what">instance-unreachable<\/span><span class="state warn">open/);

    await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 3 * hour);
    const page = await show();
    expect(page).toContain(`instance-unreachable on instance ${target}</span><span class="state good">healed`);
    expect(page).toContain(`<b>act</b><span>reboot instance ${target}</span>`);
    const before = { widgetContext: { timeRange: { start, end: start + 0.2 * hour } } };
    expect(await show(before)).toContain('No such incident from 2026-03-02 09:00 to 2026-03-02 09:12.');
  } finally {
    await host.close();
  }
});
