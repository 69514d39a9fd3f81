import { restoreValidationRecord } from '../actions/restore-validation-record.ts';
import { validationRecordStands } from '../health/certificate.ts';
import { isCertificate } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const renewCertificate = definePlaybook({
  id: 'renew-certificate',
  summary: 'A certificate that ACM can not renew because the record that validates it is gone: restore exactly that record.',
  failing: [validationRecordStands],
  healthy: [validationRecordStands],
  ladder: [rung(restoreValidationRecord, { when: [isCertificate] })],
});
