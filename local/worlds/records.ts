import type { ChangeBatch } from '@aws-sdk/client-route-53';
import type { Call, LocalAws } from '#local-aws';
import type { PromiseId } from './promises.ts';

const changesOf = ({ input }: Call) =>
  (((input.ChangeBatch ?? {}) as ChangeBatch).Changes ?? []).map(({ Action, ResourceRecordSet: set }) => ({
    verb: Action,
    type: set?.Type,
    name: set?.Name ?? '',
    values: (set?.ResourceRecords ?? []).map(({ Value }) => Value).join(),
  }));

/** What selfheal writes into zones: only what validates a certificate, only where that helps, and over nothing else. */
export const createRecords = (
  the: () => LocalAws,
  named: ReadonlySet<string>,
  object: (promise: PromiseId, resource: string, text: string) => void,
) => {
  const validatedBy = (name: string, values: string) =>
    the()
      .acm.list()
      .filter(({ records }) => records.some((one) => one.Name === name && one.Value === values));

  return {
    /** A call as it is asked for, before Route 53 may refuse it. */
    before: (call: Call): void => {
      const { route53 } = the();
      const zone = String(call.input.HostedZoneId);
      const wrong = (name: string, text: string) => object('right-record', name, text);
      if (!named.has(zone)) wrong(zone, 'is written to, and the policy does not name it');
      for (const { verb, type, name, values } of changesOf(call)) {
        if (verb !== 'UPSERT' || type !== 'CNAME' || validatedBy(name, values).length === 0)
          wrong(name, `${verb} ${type} ${values} validates no certificate`);
        if (route53.answering(name) !== zone) wrong(name, `is written to ${zone}, and DNS does not ask that zone for it`);
        const others = (route53.records(zone, name) ?? []).flatMap(({ Type, ResourceRecords = [] }) =>
          ResourceRecords.flatMap(({ Value }) => (Type === 'CNAME' && Value === values ? [] : [`${Type} ${Value}`])),
        );
        if (others.length > 0) wrong(name, `is written over ${others.join(', ')}`);
      }
    },
    /** The ARNs of the certificates that a call is for. */
    certificatesOf: (call: Call): string[] => [
      ...new Set(changesOf(call).flatMap(({ name, values }) => validatedBy(name, values).map(({ arn }) => arn))),
    ],
    isOptedIn: (certificate: string): boolean =>
      the()
        .acm.list()
        .some(({ arn, tags }) => arn === certificate && tags.get('selfheal') === 'on'),
  };
};
