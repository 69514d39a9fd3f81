import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { bareName, toRestore } from '../model/certificate.ts';
import { defineAction } from './action.ts';

/** In seconds, as the console of ACM writes it: assumed. */
const timeToLive = 300;

export const restoreValidationRecord = defineAction({
  id: 'restore-validation-record',
  permissions: ['route53:ChangeResourceRecordSets'],
  effects: ['changesSoftware'],
  downtime: null,
  undo: 'delete the record, which nothing but the validation uses',
  target: ({ certificate }) => (certificate ? { type: 'certificate', id: certificate.id } : null),
  verb: { base: 'restore', past: 'restored' },
  object: ({ facts: { certificate }, target, policy }) => {
    const found = certificate ? toRestore(certificate, policy.certificates.zones) : null;
    const named =
      found && 'zone' in found ? `${found.records.map(({ name }) => bareName(name)).join(', ')} in zone ${found.zone.name}` : '?';
    return `the record that validates ${certificate?.domain ?? target.id}: ${named}`;
  },
  steps: [
    {
      name: 'upsert-record',
      done: ({ certificate }) =>
        (certificate?.records.length ?? 0) > 0 && (certificate?.records.every(({ state }) => state === 'stands') ?? false),
      // The same records again change nothing.
      call: async (clients, { facts: { certificate }, policy, dryRun }) => {
        const found = certificate ? toRestore(certificate, policy.certificates.zones) : null;
        if (dryRun || !found || !('zone' in found)) return;
        const Changes = found.records.map(({ name, value }) => ({
          Action: 'UPSERT' as const,
          ResourceRecordSet: { Name: name, Type: 'CNAME' as const, TTL: timeToLive, ResourceRecords: [{ Value: value }] },
        }));
        await clients
          .of(Route53Client)
          .send(
            new ChangeResourceRecordSetsCommand({ HostedZoneId: found.zone.id, ChangeBatch: { Changes, Comment: 'restored by selfheal' } }),
          );
      },
    },
  ],
});
