import { brief } from '../model/backoff.ts';
import { afterPauseKey, pauseOf, stillFails, tellPause } from '../model/pause.ts';
import type { Treatment, TreatmentResult } from './treatment-context.ts';

/** What no action is known for is held by a pause as well, before anybody is notified; null if it isn't, or if that can't be found out. */
export const heldByPause = async ({ incident, journal, observer, deps: { ledger } }: Treatment): Promise<TreatmentResult | null> => {
  const { key, resource, account, region } = incident();
  const group = observer.last()?.group?.name ?? null;
  const { value } = await journal.persist(
    'pauses',
    async (at) => {
      const pause = pauseOf(await ledger.pauses(), [resource], group, { account, region }, at);
      if (pause) await ledger.noteHeldByPause(pause, key);
      return pause ? tellPause(pause) : null;
    },
    brief,
  );
  return value.ok && value.value !== null ? { status: 'held', verified: false, reason: value.value, quiet: true } : null;
};

/** The end of an incident that looks at what is left of a pause: only what still fails is news. */
export const afterItsPause = ({ incident, observer, didAct }: Treatment, verdict: TreatmentResult): TreatmentResult => {
  const over = incident().evidence[afterPauseKey];
  if (over === undefined || didAct()) return verdict;
  if (verdict.status === 'healed-itself' || observer.last()?.alarm?.state === 'OK') return { ...verdict, quiet: true };
  const headline = stillFails(over);
  return verdict.quiet || verdict.reason.startsWith(headline) ? verdict : { ...verdict, reason: `${headline}: ${verdict.reason}` };
};
