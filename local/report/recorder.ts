import type { InstanceView } from '#local-aws';
import type { Host } from '../testbed/host.ts';
import type { HealthSample } from './input.ts';

const minute = 60_000;

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
 * Looks once a simulated minute at what is true of the world's instances, from now until the world ends: not at status checks, which
 * lag behind. It draws no randomness and makes no call, so a world that is recorded takes the same course as one that isn't.
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
  world.clock.every(minute, sample);
  return { samples };
};
