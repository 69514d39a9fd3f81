import { describe, expect, test } from '@jest/globals';
import { playWorld } from '../../local/simulate/run.ts';
import type { WrittenScenario } from '../../local/worlds/schema.ts';

/** Two instances, of which one serves; the `hung` one is rebooted. */
const worldOf = (hung: string, more: Partial<WrittenScenario> = {}): WrittenScenario => ({
  name: 'Users',
  hypothesis: 'They are served.',
  seed: 5,
  watch: '30m',
  fleet: {
    instances: { web: { alarms: ['instance'] }, batch: { alarms: ['instance'] } },
    targetGroups: { shop: { instances: ['web'], alarm: false } },
  },
  timeline: [
    { at: '0s', do: 'send-requests', on: 'shop', perSecond: 10 },
    { at: '1m', do: 'hang-kernel', on: hung },
    { at: '30m', do: 'all-clear' },
  ],
  expect: { promises: 'kept', refused: { atMost: 9 } },
  ...more,
});
const acted = async (...given: Parameters<typeof worldOf>) => {
  const { actions, harm } = await playWorld(worldOf(...given), { harm: true });
  return [actions, harm?.acted];
};

describe('selfheal acts on what users ask', () => {
  test('where it reboots what serves them, and not where it reboots something else', async () => {
    expect([await acted('web'), await acted('batch')]).toEqual([
      [1, true],
      [1, false],
    ]);
  });

  test('where it replaces a member of a group that serves them, also if the call is not answered', async () => {
    const fleet: WrittenScenario['fleet'] = {
      groups: { shop: { desired: 2, max: 3, suspended: ['HealthCheck'], memberAlarms: ['instance'], targetGroup: 'front' } },
      targetGroups: { front: { alarm: false } },
    };
    const operation = 'TerminateInstanceInAutoScalingGroup';
    const timeline: WrittenScenario['timeline'] = [
      { at: '0s', do: 'send-requests', on: 'front', perSecond: 10 },
      { at: '0s', do: 'fail-calls', service: 'autoscaling', operation, when: 'after', count: 1 },
      { at: '1m', do: 'hang-kernel', on: 'shop[0]' },
      { at: '1h', do: 'all-clear' },
    ];
    expect(await acted('', { fleet, timeline, watch: '1h' })).toEqual([1, true]);
  });

  test('but not where its calls are refused, or only rehearsed', async () => {
    const refused = {
      at: '0s',
      do: 'fail-calls',
      service: 'ec2',
      operation: 'RebootInstances',
      code: 'UnauthorizedOperation',
      status: 403,
    } as const;
    expect(await acted('web', { timeline: [refused, ...worldOf('web').timeline] })).toEqual([0, false]);
    expect(await acted('web', { policy: { mode: 'dry-run' } })).toEqual([0, false]);
  });
});
