import { describe, expect, test } from '@jest/globals';
import { rollbackAlias } from '../../shared/actions/rollback-alias.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { releaseToBlame } from '../../shared/guards/release-to-blame.ts';
import type { FunctionFacts } from '../../shared/model/snapshot.ts';
import { facts, former, functionFacts, incident, noon, release } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const asked = (change: Partial<FunctionFacts> = {}, more: Partial<GuardInput> = {}) =>
  releaseToBlame.check(
    guardInput({
      action: rollbackAlias,
      target: { type: 'service', id: 'checkout' },
      incident: incident({ resource: { type: 'service', id: 'checkout:live' }, at: noon }),
      facts: functionFacts(change),
      policy: effective({ lambda: { rollback: { alias: 'live' } } }),
      ...more,
    }),
  );
const earlier = [{ at: noon - 3_600_000, action: 'rollback-alias', incident: 'another' }];

describe('release-to-blame', () => {
  test('passes a rollback of what fails since it serves, and whatever is no rollback', async () => {
    expect(await asked()).toEqual({ answer: 'pass' });
    expect(await releaseToBlame.check(guardInput())).toEqual({ answer: 'pass' });
  });

  test.each<[string, Partial<FunctionFacts>]>([
    ['what is being shifted', { shifting: 'alias live is being shifted' }],
    ['what has no release', { unreleased: 'no alias is named' }],
    ['what is not to blame', { release: release({ before: [former({ errors: 3000 })] }) }],
    ['what was already rolled back from a newer one', { release: release({ before: [former({ later: true })] }) }],
  ])('leaves %s to a person', async (_, change) => {
    expect(await asked(change)).toMatchObject({ answer: 'escalate' });
  });

  test.each<[string, Partial<FunctionFacts>]>([
    ['there is no evidence', { release: { unread: 'the metrics show nothing' } }],
    ['it was not looked for', { release: null }],
    ['there is too little of it', { release: release({ before: [] }) }],
  ])('waits where %s', async (_, change) => {
    expect(await asked(change)).toMatchObject({ answer: 'hold', unseen: true });
  });

  test('holds it where the policy does not name it, or nothing is there', async () => {
    expect(await asked({}, { policy: effective() })).toMatchObject({ answer: 'hold' });
    expect(await asked({}, { facts: facts({ instance: null, service: null }) })).toMatchObject({ answer: 'hold' });
  });

  test('never lets it be done twice, and leaves a lease that it does not get to another guard', async () => {
    expect(await asked({}, { attempts: () => earlier })).toMatchObject({ answer: 'escalate', reason: expect.stringContaining('twice') });
    const taken = async () => ({ acquired: false as const, holder: 'another', until: noon });
    expect(await asked({}, { lease: taken, attempts: () => undefined })).toEqual({ answer: 'pass' });
  });
});
