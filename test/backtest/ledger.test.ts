import { createLedger, leaseKey } from '../../local/backtest/ledger.ts';
import type { Leasable, Place } from '../../shared/model/place.ts';
import { ledgerContract } from '../aws/ledger-contract.ts';

const placeOf = ({ account, region }: Place) => `${account}/${region}`;
const keyOf = (what: Leasable) => leaseKey(placeOf(what), what);

ledgerContract(() => {
  const ledger = createLedger(() => 0);
  return {
    acquire: async (what, incident, now, until) => ledger.acquire(keyOf(what), incident, now, until),
    recordAttempt: async (what, attempt, kept) => ledger.recordAttempt(keyOf(what), attempt, kept),
    release: async (what, incident) => ledger.release(keyOf(what), incident, null),
    noteFailing: async (place, failing, now, window, where) => ledger.noteFailing(placeOf(place), failing, now, window, where),
    noteImpaired: async (place, id, until) => ledger.noteImpaired(placeOf(place), id, until),
    electReporter: async (matter, incident, now, quiet) => ledger.electReporter(matter, incident, now, quiet),
  };
});
