import type { InstanceView } from '#local-aws';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Host } from '../testbed/host.ts';
import type { HealthSample } from './input.ts';

const stateOf = (instance: InstanceView): Exclude<keyof HealthSample, 'at'> | null => {
  switch (instance.state) {
    case 'running':
      return instance.reachable ? 'healthy' : 'impaired';
    case 'pending':
      return 'impaired';
    case 'stopping':
    case 'stopped':
      return 'stopped';
    default:
      return null;
  }
};

/**
 * Records the true state of the world's instances every simulated minute until the world ends, not their status checks, which lag behind.
 * It draws no randomness and makes no calls, so it doesn't change the world's course.
 */
export const createHealthRecorder = (host: Pick<Host, 'aws'>): { readonly samples: HealthSample[] } => {
  const { ec2, world } = host.aws;
  const samples: HealthSample[] = [];
  const sample = () => {
    const counts = { healthy: 0, impaired: 0, stopped: 0 };
    for (const instance of ec2.list()) {
      const state = stateOf(instance);
      if (state) counts[state]++;
    }
    samples.push({ at: world.clock.now(), ...counts });
  };
  sample();
  world.clock.every(minuteMs, sample);
  return { samples };
};
