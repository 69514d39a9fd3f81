import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { abstain, assess, type Health, type HealthCheck } from '../../shared/health/health.ts';
import { facts, incident } from '../remediation/examples.ts';

const input = { facts: facts(), incident: incident(), before: facts() };
const saying = (state: Health['state'], because: string = state): HealthCheck => ({ id: because, check: () => ({ state, because }) });

describe('assessing health', () => {
  test('is healthy only where every check is', () => {
    const state = fc.constantFrom<Health['state'][]>('healthy', 'unhealthy', 'unknown');
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 5 }), (states) => {
        const { state: said } = assess(
          states.map((state) => saying(state)),
          input,
        );
        expect(said).toBe(states.includes('unhealthy') ? 'unhealthy' : states.includes('unknown') ? 'unknown' : 'healthy');
      }),
    );
  });

  test('leaves the word to the others where the subject of one is gone, unless it is that of all', () => {
    const gone: HealthCheck = { id: 'gone', check: () => abstain('the alarm is gone') };
    expect(assess([gone, saying('healthy', 'fine')], input)).toEqual({ state: 'healthy', because: 'fine' });
    expect(assess([gone, gone], input)).toMatchObject({ state: 'unknown' });
  });

  test('gives the reasons of the checks that decide, and of no others', () => {
    const checks = [saying('unknown', 'no data'), saying('unhealthy', 'broken'), saying('healthy', 'fine'), saying('unhealthy', 'stopped')];
    expect(assess(checks, input)).toEqual({ state: 'unhealthy', because: 'broken; stopped' });
  });

  test('hands every check the same look', () => {
    const seen: unknown[] = [];
    const spying: HealthCheck = {
      id: 'spy',
      check: (given) => {
        seen.push(given);
        return { state: 'healthy', because: '' };
      },
    };
    assess([spying, spying], input);
    expect(seen).toEqual([input, input]);
  });
});
