import { describe, expect, test } from '@jest/globals';
import { raiseReservedConcurrency } from '../../shared/playbooks/raise-concurrency.ts';
import { facts, functionFacts } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

const ids = (checks: readonly { id: string }[]) => checks.map(({ id }) => id);

describe('raise-concurrency', () => {
  test('raises it step by step, as long as the alarm fires', () => {
    expect(stepsFor(raiseReservedConcurrency, functionFacts())).toEqual(['raise-concurrency']);
    expect(stepsFor(raiseReservedConcurrency, facts())).toEqual([]);
    expect(raiseReservedConcurrency.ladder).toMatchObject([{ tries: 3 }]);
    expect([ids(raiseReservedConcurrency.failing), ids(raiseReservedConcurrency.healthy)]).toEqual([['alarm-fires'], ['alarm-says-ok']]);
  });
});
