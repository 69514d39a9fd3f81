import { describe, expect, test } from '@jest/globals';
import { toDo } from '../../shared/actions/action.ts';
import { restoreValidationRecord } from '../../shared/actions/restore-validation-record.ts';
import type { CertificateFacts } from '../../shared/model/certificate.ts';
import { recordingClients } from '../aws/recorder.ts';
import { certificate, facts, policy, validation, wanted } from '../remediation/examples.ts';

const [step] = restoreValidationRecord.steps;
const naming = policy({ certificates: { zones: ['Z0SHOP'] } });
const input = (seen: CertificateFacts, of = naming) => ({
  target: { type: 'certificate', id: seen.id } as const,
  facts: facts({ certificate: seen }),
  policy: of,
});
const call = async (seen = certificate(), { dryRun = false, of = naming } = {}) => {
  const { clients, calls } = recordingClients(() => ({ output: {} }));
  await step.call(clients, { ...input(seen, of), dryRun, reference: 'an-attempt' });
  return calls;
};

describe('restore-validation-record', () => {
  test('writes exactly the record that ACM names, in the zone that the policy names', async () => {
    const ResourceRecordSet = { Name: wanted.name, Type: 'CNAME', TTL: 300, ResourceRecords: [{ Value: wanted.value }] };
    const Changes = [{ Action: 'UPSERT', ResourceRecordSet }];
    expect(await call()).toEqual([
      {
        permission: 'route53:ChangeResourceRecordSets',
        input: { HostedZoneId: 'Z0SHOP', ChangeBatch: { Changes, Comment: 'restored by selfheal' } },
      },
    ]);
  });

  test('writes nothing in a dry run, where the policy names no zone, nor what may not be written', async () => {
    expect(await call(certificate(), { dryRun: true })).toEqual([]);
    expect(await call(certificate(), { of: policy() })).toEqual([]);
    expect(await call(certificate({ records: [validation({ state: 'other' })] }))).toEqual([]);
    expect(await call(certificate({ records: [validation({ name: 'www.shop.example.' })] }))).toEqual([]);
  });

  test('is done once all of its records stand', () => {
    const isDone = (...states: ('stands' | 'absent')[]) =>
      step.done?.(facts({ certificate: certificate({ records: states.map((state) => validation({ state })) }) }));
    expect([isDone('stands'), isDone('stands', 'stands'), isDone('stands', 'absent'), isDone()]).toEqual([true, true, false, false]);
  });

  test('acts upon the certificate, and does nothing where the look saw none', async () => {
    const none = facts({ certificate: null });
    expect(restoreValidationRecord.target(facts({ certificate: certificate() }))).toEqual({ type: 'certificate', id: certificate().id });
    expect([restoreValidationRecord.target(none), step.done?.(none)]).toEqual([null, false]);
    const { clients, calls } = recordingClients(() => ({ output: {} }));
    await step.call(clients, { ...input(certificate()), facts: none, dryRun: false, reference: 'an-attempt' });
    expect(calls).toEqual([]);
    const unknown = { ...input(certificate()), facts: none };
    expect(toDo(restoreValidationRecord, unknown)).toBe(`restore the record that validates ${certificate().id}: ?`);
    expect(toDo(restoreValidationRecord, input(certificate(), policy()))).toBe('restore the record that validates shop.example: ?');
  });

  test('says what it writes, and where', () => {
    expect(toDo(restoreValidationRecord, input(certificate()))).toBe(
      'restore the record that validates shop.example: _393b550374a051ba7cd4d95ec5860517.shop.example in zone shop.example',
    );
  });
});
