import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { restoreValidationRecord } from '../../shared/actions/restore-validation-record.ts';
import { validationRecord } from '../../shared/guards/validation-record.ts';
import { certificate, facts, validation } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const target = { type: 'certificate', id: certificate().id } as const;
const about = { action: restoreValidationRecord, target, policy: effective({ certificates: { zones: ['Z0SHOP'] } }) };
const asked = (seen = certificate(), more: Partial<Parameters<typeof guardInput>[0]> = {}) =>
  validationRecord.check(guardInput({ ...about, facts: facts({ certificate: seen }), ...more }));

describe('validation-record', () => {
  test('passes the record that is gone, and whatever is done to other resources', () => {
    expect(asked()).toEqual({ answer: 'pass' });
    expect(validationRecord.check(guardInput())).toEqual({ answer: 'pass' });
  });

  test.each([
    ['what stands in its place', certificate({ records: [validation({ state: 'other', instead: 'CNAME elsewhere.example.' })] })],
    ['a zone that is not named', certificate({ records: [validation({ zone: null, state: null })] })],
    ['a wrong delegation', certificate({ records: [validation({ misled: 'DNS leads elsewhere' })] })],
    ['a renewal that has failed', certificate({ renewal: { status: 'FAILED', reason: 'CAA_ERROR' } })],
  ])('leaves %s to a person', (_, seen) => {
    expect(asked(seen)).toMatchObject({ answer: 'escalate' });
  });

  test('holds what the policy does not name, what it does not know, and what does not exist', () => {
    expect(asked(certificate(), { policy: effective() })).toMatchObject({ answer: 'hold' });
    expect(asked(certificate(), { action: rebootInstance })).toMatchObject({ answer: 'hold' });
    expect(asked(certificate(), { facts: facts({ certificate: null }) })).toMatchObject({ answer: 'hold' });
  });
});
