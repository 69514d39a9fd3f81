import { expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { scaleService } from '../../shared/actions/scale-service.ts';
import { containerService, facts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = (desired: number, max = 10) =>
  facts({ instance: null, service: containerService({ desired, scaling: { max, policies: [], suspended: false } }) });

test.each([
  [1, 10, 2],
  [8, 10, 10],
  [9, 10, 10],
])('scale-service takes %s tasks, of at most %s, to %s', async (desired, max, wanted) => {
  const share = policy({ scaleOut: { share: 0.5 } });
  const [{ call, done }] = scaleService.steps;
  const calls: object[] = [];
  const clients = { of: () => ({ send: async ({ input }: { input: object }) => calls.push(input) }) };
  const target = { type: 'service', id: 'prod/checkout' } as const;
  await call(clients as never, { target, facts: seen(desired, max), policy: share, dryRun: false, reference: 'an-attempt' });
  expect(calls).toEqual([{ cluster: 'prod', service: 'checkout', desiredCount: wanted }]);
  expect(done(seen(desired, max), { before: seen(desired, max), policy: share })).toBe(false);
  expect(done(seen(wanted, max), { before: seen(desired, max), policy: share })).toBe(true);
  expect(toDo(scaleService, { target, facts: seen(desired, max), policy: share })).toBe(
    `scale service prod/checkout out from ${desired} to ${wanted} tasks`,
  );
});

test('scale-service calls nothing in a dry run', async () => {
  expect(await doAll(scaleService, seen(2), { dryRun: true })).toEqual([]);
});
