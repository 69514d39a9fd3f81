import { describe, expect, test } from '@jest/globals';
import { raiseConcurrency } from '../../shared/actions/raise-concurrency.ts';
import { concurrencyRoom } from '../../shared/guards/concurrency-room.ts';
import type { ConcurrencyFacts } from '../../shared/model/snapshot.ts';
import { containerService, facts, functionFacts } from '../remediation/examples.ts';
import { effective, guardInput, kindOf } from './examples.ts';

const policy = effective({ lambda: { concurrency: { max: 40 } } });
const about = { action: raiseConcurrency, target: { type: 'service', id: 'checkout' } as const, policy };
const asked = (change: Partial<ConcurrencyFacts> = {}) =>
  concurrencyRoom.check(
    guardInput({ ...about, facts: functionFacts({ concurrency: { reserved: 10, unreserved: 990, most: 10, throttles: 60, ...change } }) }),
  );

describe('concurrency-room', () => {
  test('passes a raise of what is used up, and whatever raises nothing', () => {
    expect(asked()).toEqual({ answer: 'pass' });
    expect(asked({ most: 9 })).toEqual({ answer: 'pass' });
    expect(concurrencyRoom.check(guardInput())).toEqual({ answer: 'pass' });
  });

  test.each<[string, Partial<ConcurrencyFacts>]>([
    ['has no reserve of its own', { reserved: null }],
    ['is turned off', { reserved: 0 }],
    ['is throttled by something else', { most: 8 }],
    ['has what the policy allows', { reserved: 40, most: 40 }],
    ['has what the account can spare', { unreserved: 100 }],
  ])('leaves a function that %s to a person', (_, change) => {
    expect(asked(change)).toMatchObject({ answer: 'escalate' });
  });

  test('says what is in the way of more', () => {
    expect(asked({ reserved: null })).toMatchObject({ reason: expect.stringMatching(/has no reserved concurrency/) });
    expect(asked({ reserved: 40, most: 40 })).toMatchObject({ reason: expect.stringMatching(/^40 executions .* the policy allows 40$/) });
    expect(asked({ unreserved: 100 })).toMatchObject({ reason: expect.stringMatching(/^more can't be reserved for checkout/) });
  });

  test('waits where nothing shows a throttle, and holds what the policy does not name', async () => {
    expect(asked({ throttles: 0 })).toMatchObject({ answer: 'hold', unseen: true });
    expect(concurrencyRoom.check(guardInput({ ...about, facts: functionFacts({ concurrency: null }) }))).toMatchObject({ unseen: true });
    const unnamed = { ...about, facts: functionFacts(), policy: effective() };
    expect(await kindOf(concurrencyRoom.check(guardInput(unnamed)))).toBe('hold');
    expect(await kindOf(concurrencyRoom.check(guardInput({ ...about, facts: facts({ service: null }) })))).toBe('hold');
    expect(await kindOf(concurrencyRoom.check(guardInput({ ...about, facts: facts({ service: containerService() }) })))).toBe('pass');
  });
});
