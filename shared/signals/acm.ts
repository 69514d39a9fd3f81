import * as z from 'zod';
import { once } from '../model/once.ts';
import { resourceOf } from '../model/resource-id.ts';
import { anything, defineSignal, eventSignal, read } from './module.ts';

const schema = once(() => z.object({ DaysToExpiry: anything, CommonName: anything, InUse: anything }));

const says: Record<string, string> = {
  'ACM Certificate Approaching Expiration': 'it expires soon',
  'ACM Certificate Expired': 'it has expired',
  'ACM Certificate Renewal Action Required': 'its renewal needs a person',
  'ACM Certificate Revoked': 'it was revoked',
};

/** https://docs.aws.amazon.com/acm/latest/userguide/supported-events.html */
export const acm = defineSignal({
  kind: 'acm',
  facts: ['expiring', 'activity'],
  events: {
    source: 'aws.acm',
    detailTypes: [...Object.keys(says), 'ACM Certificate Available'],
    decode: (detail, envelope) => {
      const { DaysToExpiry: days, CommonName: name } = read(schema, detail, 'detail');
      const what = says[envelope.detailType];
      const [arn] = envelope.resources;
      return [
        eventSignal(envelope, {
          kind: 'acm',
          fact: what === undefined ? 'activity' : 'expiring',
          subject: what === undefined && arn === undefined ? null : resourceOf('certificate', arn, 'resources'),
          quiet: what === undefined ? 'the certificate is available' : null,
          evidence: { daysToExpiry: days, commonName: name, what },
        }),
      ];
    },
  },
});
