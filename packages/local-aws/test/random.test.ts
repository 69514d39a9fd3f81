import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRandom, evened } from '../src/core/random.ts';

const draw = (seed: number, name?: string) => {
  const random = name === undefined ? createRandom(seed) : createRandom(seed).fork(name);
  return Array.from({ length: 20 }, () => random.next());
};

describe('the seeded source of randomness', () => {
  test('gives the same numbers for the same seed, and others for another one', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test('gives the numbers that it has always given', () => {
    // A change here changes the history of every seed that somebody has written down.
    expect(createRandom(1).hex(16)).toMatchInlineSnapshot(`"dae85101e51e7337"`);
  });

  test('forks into sources that depend on their name and seed alone', () => {
    const used = createRandom(7);
    for (let i = 0; i < 100; i++) used.next();
    const fork = used.fork('ec2');
    expect(Array.from({ length: 20 }, () => fork.next())).toEqual(draw(7, 'ec2'));
    expect(draw(7, 'ec2')).not.toEqual(draw(7, 'elb'));
    expect(draw(7, 'ec2')).not.toEqual(draw(8, 'ec2'));
  });

  test('draws alike every time for the same span or chance, where it is even, whatever was drawn before', () => {
    const even = (seed: number) => evened(createRandom(seed));
    const [used, fresh] = [even(7), even(7)];
    const drawn = [used.between(0, 9), used.between(0, 9), used.next(), used.between(5, 9), used.between(0, 9)];
    expect(drawn).toEqual([drawn[0], drawn[0], drawn[2], fresh.between(5, 9), fresh.between(0, 9)]);
    expect(even(8).between(0, 9)).not.toBe(drawn[0]);
    const chances = Array.from({ length: 200 }, (_, seed) => [even(seed).chance(0.8), even(seed).chance(0.8)]);
    expect(chances.filter(([one, other]) => one !== other)).toEqual([]);
    expect(chances.filter(([one]) => one).length).toBeGreaterThan(140);
    expect(chances.filter(([one]) => one).length).toBeLessThan(180);
  });

  test('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 1000 }), (seed, below) => {
        const random = createRandom(seed);
        const whole = random.int(below);
        expect(Number.isInteger(whole) && whole >= 0 && whole < below).toBe(true);
        const between = random.between(-below, below);
        expect(between >= -below && between < below).toBe(true);
        expect(random.chance(0)).toBe(false);
        expect(random.chance(1)).toBe(true);
      }),
    );
  });

  test('is spread evenly', () => {
    const random = createRandom(3);
    const counts = new Map<number, number>();
    for (let i = 0; i < 100_000; i++) {
      const digit = random.int(10);
      counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    expect(counts.size).toBe(10);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('writes hex digits and UUIDs in their form', () => {
    const random = createRandom(5);
    expect(random.hex(17)).toMatch(/^[0-9a-f]{17}$/);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('refuses to pick from nothing', () => {
    expect(() => createRandom(1).pick([])).toThrow('nothing to pick from');
  });
});
