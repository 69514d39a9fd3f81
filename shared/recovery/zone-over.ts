import type { Senders } from '../model/senders.ts';
import type { Ledger } from '../ports/ledger.ts';
import { decode } from '../signals/decode.ts';

/**
 * Clears the impairment of a zone or region once AWS has closed its issue; ignores any other event. Returns the cleared places.
 * @throws whatever the SDK throws, so that it is retried
 */
export const liftZoneHold = async (
  event: unknown,
  ledger: Pick<Ledger, 'clearImpaired'>,
  home: { account: string; region: string },
  scope: Senders,
): Promise<string[]> => {
  const lifted: string[] = [];
  for (const signal of decode(event, { ...scope, home: home.account, topics: null }).signals) {
    if (signal.kind !== 'aws-health' || !('fact' in signal) || signal.fact !== 'zone-impaired' || signal.quiet === null) continue;
    const id = signal.subject?.id;
    if (id === undefined) continue;
    await ledger.clearImpaired({ account: signal.account ?? home.account, region: signal.region ?? home.region }, id);
    lifted.push(id);
  }
  return lifted;
};
