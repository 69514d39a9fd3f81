import { describe, expect, test } from '@jest/globals';
import type { Host } from '../local/testbed/host.ts';
import { treatedInstance } from './hung-instance.ts';

const calls = (host: Host, operation: string) => host.aws.world.calls.filter((call) => call.operation === operation && call.error === null);

/** Checkpoints of the undisturbed course. */
const checkpoints = async (): Promise<number> => {
  let last = 0;
  const host = await treatedInstance({
    dies: ({ checkpoint }) => {
      last = Math.max(last, checkpoint + 1);
      return false;
    },
  });
  expect(host.outcomes.map(({ status }) => status)).toEqual(['healed']);
  expect(calls(host, 'RebootInstances')).toHaveLength(1);
  await host.close();
  return last;
};

describe('a process that dies between any two checkpoints of the reboot playbook', () => {
  test('never reboots twice, and still ends in one outcome', async () => {
    const count = await checkpoints();
    expect(count).toBeGreaterThan(10);
    const deaths = Array.from({ length: count }, (_, checkpoint) =>
      (['before', 'after'] as const).map((when) => ({ checkpoint, when })),
    ).flat();
    const seen = new Set<string>();
    const play = async (death: (typeof deaths)[number]): Promise<void> => {
      let died = 0;
      const host = await treatedInstance({
        dies: ({ checkpoint, when }) => checkpoint === death.checkpoint && when === death.when && died++ === 0,
      });
      const story = `died ${death.when} checkpoint ${death.checkpoint}`;
      expect({ story, died: died > 0 }).toEqual({ story, died: true });
      expect({ story, reboots: calls(host, 'RebootInstances').length <= 1 }).toEqual({ story, reboots: true });
      expect({ story, left: [...host.engine.executions.values()].filter(({ status }) => status !== 'SUCCEEDED') }).toEqual({
        story,
        left: [],
      });
      // A stop of our own comes back as an event; what becomes of that is nobody's business.
      const told = new Map(
        host.outcomes.filter(({ quiet }) => !quiet).map(({ incident, failure, status }) => [incident, `${failure} ${status}`]),
      );
      expect({ story, told: [...told.values()] }).toEqual({ story, told: ['instance-unreachable healed'] });
      expect({ story, messages: new Set(host.messages.map((message) => JSON.parse(message).incident)) }).toEqual({
        story,
        messages: new Set(told.keys()),
      });
      seen.add(host.outcomes[0]?.actions.map(({ result }) => result).join() ?? '');
      await host.close();
    };
    // A world is mostly idle, waiting for the durable SDK to suspend: several of them share the time.
    let played = 0;
    const playOn = async (): Promise<void> => {
      for (let death = deaths.pop(); death; death = deaths.pop()) {
        await play(death);
        played++;
      }
    };
    await Promise.all(Array.from({ length: 8 }, playOn));
    expect(played).toBe(2 * count);
    // Both kinds of course must have come up, or the deaths were nowhere near the action.
    expect([...seen].some((results) => results.startsWith('uncertain: Interrupted'))).toBe(true);
    expect([...seen].some((results) => results === 'done')).toBe(true);
  });
});
