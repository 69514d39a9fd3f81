import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { raiseConcurrency, raisedTo } from '../../shared/actions/raise-concurrency.ts';
import type { ConcurrencyFacts } from '../../shared/model/snapshot.ts';
import { recordingClients } from '../aws/recorder.ts';
import { containerService, facts, functionFacts, policy } from '../remediation/examples.ts';

const raising = policy({ lambda: { concurrency: { max: 40, step: 0.5 } } });
const to = (change: Partial<ConcurrencyFacts>, of = raising) =>
  raisedTo({ reserved: 10, unreserved: 990, most: 10, throttles: 1, ...change }, of);
const [step] = raiseConcurrency.steps;
const target = { type: 'service', id: 'checkout' } as const;
const call = async (dryRun: boolean, seen = functionFacts()) => {
  const { clients, calls } = recordingClients(() => ({ output: {} }));
  await step.call(clients, { target, facts: seen, policy: raising, dryRun, reference: 'an-attempt' });
  return calls;
};

describe('raise-concurrency', () => {
  test.each<[Partial<ConcurrencyFacts>, number | null]>([
    [{}, 15],
    [{ reserved: 1 }, 2],
    [{ reserved: 30 }, 40],
    [{ reserved: 40 }, 40],
    [{ reserved: 60 }, 60],
    [{ unreserved: 103 }, 13],
    [{ unreserved: 100 }, 10],
    [{ reserved: null }, null],
  ])('raises %j to %j', (change, expected) => {
    expect(to(change)).toBe(expected);
  });

  test('raises nothing where the policy does not name it', () => {
    expect(to({}, policy())).toBeNull();
  });

  test('is to be taken back to what was reserved, where it raises anything', () => {
    const raises = (seen: ReturnType<typeof facts>, of = raising) => raiseConcurrency.raises({ facts: seen, policy: of });
    const open = functionFacts({ concurrency: { reserved: null, unreserved: 990, most: 10, throttles: 1 } });
    expect(raises(functionFacts())).toEqual({ from: 10, to: 15 });
    expect([raises(functionFacts(), policy()), raises(open), raises(facts()), raises(facts({ service: containerService() }))]).toEqual([
      ...[null, null, null, null],
    ]);
  });

  test('reserves an absolute number, and nothing in a dry run', async () => {
    const input = { FunctionName: 'checkout', ReservedConcurrentExecutions: 15 };
    expect(await call(false)).toEqual([{ permission: 'lambda:PutFunctionConcurrency', input }]);
    expect(await call(true)).toEqual([]);
    expect(await call(false, functionFacts({ concurrency: null }))).toEqual([]);
  });

  test('is done once so much is reserved', () => {
    const at = (reserved: number) => functionFacts({ concurrency: { reserved, unreserved: 985, most: 10, throttles: 1 } });
    expect([10, 14, 15, 20].map((one) => step.done(at(one), { before: functionFacts(), policy: raising }))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test('acts upon the function that the look saw, and says what it does', () => {
    expect(raiseConcurrency.target(functionFacts())).toEqual(target);
    expect(raiseConcurrency.target(facts())).toBeNull();
    expect(toDo(raiseConcurrency, { target, facts: functionFacts(), policy: raising })).toBe(
      'raise the reserved concurrency of function checkout from 10 to 15',
    );
  });
});
