import { describe, expect, test } from '@jest/globals';
import { releaseIsWell } from '../../shared/health/release.ts';
import type { FunctionFacts } from '../../shared/model/snapshot.ts';
import { containerService, facts, functionFacts, incident, release } from '../remediation/examples.ts';

const health = (change: Partial<FunctionFacts>, before = functionFacts()) =>
  releaseIsWell.check({ facts: functionFacts(change), incident: incident(), before });
const lately = (requests: number, errors: number) => ({ release: release({ lately: { requests, errors } }) });

describe('release-is-well', () => {
  test.each([
    ['hardly any fails', 1000, 10, 'healthy'],
    ['a fifth of what failed before does', 1000, 100, 'healthy'],
    ['more than that fails', 1000, 101, 'unhealthy'],
    ['there is nothing', 0, 0, 'unknown'],
  ] as const)('where %s', (_, requests, errors, state) => {
    expect(health(lately(requests, errors)).state).toBe(state);
  });

  test('allows a fifth of what failed before, and never a tenth of all', () => {
    const failed = (errors: number) => functionFacts({ release: release({ newer: { name: 'version 4', requests: 1000, errors } }) });
    expect([health(lately(1000, 40), failed(200)).state, health(lately(1000, 41), failed(200)).state]).toEqual(['healthy', 'unhealthy']);
    expect([health(lately(1000, 100), failed(900)).state, health(lately(1000, 101), failed(900)).state]).toEqual(['healthy', 'unhealthy']);
  });

  test('allows hardly any where nothing is known of what failed before', () => {
    expect(health(lately(0, 0))).toEqual({ state: 'unknown', because: expect.stringMatching(/ has had no requests lately$/) });
    expect(health(lately(1000, 11), functionFacts({ release: null })).state).toBe('unhealthy');
    expect(health(lately(1000, 10), functionFacts({ release: { unread: 'no metrics' } })).state).toBe('healthy');
  });

  test('leaves it to the alarm where there is no release, and is unknown without evidence', () => {
    expect(health({ release: null })).toMatchObject({ state: 'unknown', abstains: true });
    expect(health({ release: { unread: 'no metrics' } })).toEqual({ state: 'unknown', because: 'no metrics' });
    const tasks = facts({ service: containerService() });
    expect(releaseIsWell.check({ facts: tasks, incident: incident(), before: tasks })).toEqual({
      ...{ state: 'unknown', because: 'prod/checkout is no function', abstains: true },
    });
    const since = { facts: functionFacts(lately(1000, 11)), incident: incident(), before: tasks };
    expect(releaseIsWell.check(since).state).toBe('unhealthy');
    const nothing = { facts: facts({ service: null }), incident: incident(), before: functionFacts() };
    expect(releaseIsWell.check(nothing)).toEqual({ state: 'unknown', because: 'the service was not found' });
  });
});
