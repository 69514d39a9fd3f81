import { describe, expect, test } from '@jest/globals';
import { rollBackAlias } from '../../shared/playbooks/rollback-alias.ts';
import { facts, functionFacts } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

const ids = (checks: readonly { id: string }[]) => checks.map(({ id }) => id);

describe('rollback-alias', () => {
  test('moves the alias back once, where an alarm fires, and ends when that and the version show that it is well', () => {
    expect(stepsFor(rollBackAlias, functionFacts())).toEqual(['rollback-alias']);
    expect(stepsFor(rollBackAlias, facts())).toEqual([]);
    expect(rollBackAlias.ladder).toMatchObject([{ tries: 1 }]);
    expect([ids(rollBackAlias.failing), ids(rollBackAlias.healthy)]).toEqual([['alarm-fires'], ['release-is-well', 'alarm-says-ok']]);
  });
});
