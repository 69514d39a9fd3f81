import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '#local-aws';
import { sumHealth } from '../../local/report/merge.ts';
import { createHealthRecorder } from '../../local/report/recorder.ts';
import { createWitness } from '../../local/report/witness.ts';
import { worldOptions } from '../../packages/local-aws/test/harness.ts';
import { treated } from './examples.ts';

const minute = 60_000;

describe('the health recorder', () => {
  test('looks once a minute at what is true, not at what the checks say', async () => {
    const aws = createLocalAws(worldOptions);
    try {
      const launch = { imageId: 'ami-0123456789abcdef0', instanceType: 'm7i.large', availabilityZone: 'us-east-1a', tags: [] };
      const [one, two] = [aws.ec2.launch(launch), aws.ec2.launch(launch), aws.ec2.launch(launch)];
      const { samples } = createHealthRecorder({ aws });
      await aws.advanceTo(worldOptions.start + 10 * minute);
      aws.faults.inject({ fault: 'hang-kernel', target: one?.id ?? '' });
      aws.ec2.shutDown(two?.id ?? '', 'guest');
      await aws.advanceTo(worldOptions.start + 12 * minute);
      expect(samples.map(({ at }) => (at - worldOptions.start) / minute)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(samples[0]).toMatchObject({ healthy: 0, impaired: 3, stopped: 0 });
      expect(samples[10]).toMatchObject({ healthy: 3, impaired: 0, stopped: 0 });
      expect(samples[11]).toMatchObject({ healthy: 1, impaired: 1, stopped: 1 });
      aws.ec2.terminate(one?.id ?? '', 'user');
      await aws.advanceTo(worldOptions.start + 20 * minute);
      expect(samples.at(-1)).toMatchObject({ healthy: 1, impaired: 0, stopped: 1 });
    } finally {
      await aws.close();
    }
  });
});

describe('the health of several fleets', () => {
  const sample = (at: number, healthy: number, impaired = 0) => ({ at, healthy, impaired, stopped: 0 });

  test('is their sum, from when all of them stand, and those that are over count on', () => {
    const one = [sample(0, 2), sample(1, 1, 1)];
    const two = [sample(1, 5), sample(2, 4), sample(3, 5)];
    expect(sumHealth([one, two])).toEqual([sample(1, 6, 1), sample(2, 5, 1), sample(3, 6, 1)]);
  });

  test('of one is its own, and of none is none', () => {
    const one = [sample(0, 2), sample(1, 1, 1)];
    expect(sumHealth([one])).toEqual(one);
    expect(sumHealth([[], one])).toEqual(one);
    expect(sumHealth([])).toEqual([]);
  });
});

describe('the witness', () => {
  test('keeps what selfheal puts on the bus, once for each incident, and nothing that others do', () => {
    const { interceptor, outcomes } = createWitness();
    const put = (incident: string, accessKey = 'selfheal', Source = 'selfheal') =>
      interceptor.after?.({
        service: 'events',
        operation: 'PutEvents',
        input: { Entries: [{ Source, Detail: JSON.stringify(treated({ incident })) }] },
        context: { accessKey } as never,
      });
    put('a');
    put('a');
    put('b', 'operator');
    put('c', 'selfheal', 'somebody.else');
    put('d');
    expect(outcomes().map(({ incident }) => incident)).toEqual(['a', 'd']);
  });
});
