import { awaitsRecords, toRestore } from '../model/certificate.ts';
import { type Check, defineGuard, escalate, hold, none, pass } from './guard.ts';

const mayRestore: Check = ({ facts: { certificate }, policy }) => {
  const { zones } = policy.certificates;
  if (zones.length === 0) return hold('certificates.zones in the policy names no zone');
  if (!certificate) return hold('the certificate does not exist');
  if (!awaitsRecords(certificate)) return escalate(`ACM does not wait for a record of ${certificate.domain}`);
  const found = toRestore(certificate, zones);
  return 'zone' in found ? pass : escalate(found.why);
};

const unknown: Check = ({ action, target }) => hold(`can't tell what ${action.id} does to ${target.type} ${target.id}`);

/**
 * A record is only written where nothing else stands, exactly as ACM names it, in the zone that the policy names and that DNS leads to:
 * anywhere else it would validate nothing, or belong to others.
 */
export const validationRecord = defineGuard({
  id: 'validation-record',
  live: true,
  check: {
    of: {
      instance: none,
      group: none,
      database: none,
      service: none,
      queue: none,
      task: none,
      certificate: {
        changesSoftware: mayRestore,
        starts: unknown,
        interrupts: unknown,
        removesFromService: unknown,
        destroys: unknown,
        addsCapacity: unknown,
        changesAddress: unknown,
        repeatsWork: unknown,
        growsStorage: unknown,
      },
    },
  },
});
