import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { rollbackAlias } from '../../shared/actions/rollback-alias.ts';
import { sdkError } from '../aws/recorder.ts';
import { facts, former, functionFacts, policy, release } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = functionFacts();
const [step] = rollbackAlias.steps;
const done = (now: ReturnType<typeof functionFacts>) => step.done(now, { before: seen, policy: policy() });

describe('rollback-alias', () => {
  test('lets the alias that was seen, at the revision that was seen, point to the version before, and to no other', async () => {
    const input = {
      FunctionName: 'checkout',
      Name: 'live',
      FunctionVersion: '3',
      RoutingConfig: { AdditionalVersionWeights: {} },
      RevisionId: 'r-4',
    };
    expect(await doAll(rollbackAlias, seen)).toEqual([{ permission: 'lambda:UpdateAlias', input }]);
  });

  test('calls nothing in a dry run, nor where the version before is not one', async () => {
    expect(await doAll(rollbackAlias, seen, { dryRun: true })).toEqual([]);
    const several = functionFacts({ release: release({ before: [former(), former({ id: '2' })] }) });
    for (const other of [several, functionFacts({ release: null }), functionFacts({ alias: null })])
      expect(await doAll(rollbackAlias, other)).toEqual([]);
  });

  test('throws what Lambda refuses', async () => {
    const answer = sdkError('PreconditionFailedException', 412);
    await expect(doAll(rollbackAlias, seen, { answer })).rejects.toBe(answer);
  });

  test('is done once the alias points there, and nowhere else as well', () => {
    expect(done(seen)).toBe(false);
    expect(done(functionFacts({ alias: { name: 'live', version: '3', revisionId: 'r-5' } }))).toBe(true);
    expect(done(functionFacts({ alias: { name: 'live', version: '3', revisionId: 'r-5' }, shifting: '10 % to version 4' }))).toBe(false);
  });

  test('acts upon the function that the look saw, and says what it does', () => {
    const target = rollbackAlias.target(seen);
    expect(target).toEqual({ type: 'service', id: 'checkout' });
    expect(rollbackAlias.target(facts())).toBeNull();
    expect(target && toDo(rollbackAlias, { target, facts: seen, policy: policy() })).toBe(
      'roll alias live of function checkout back from version 4 to version 3',
    );
  });
});
