import * as z from 'zod';
import { attempt, explain } from '../aws/call.ts';
import { digestOf } from '../digest/digest.ts';
import { learn } from '../digest/learn.ts';
import { readLearned } from '../digest/lessons.ts';
import type { Learned } from '../digest/schema.ts';
import { headlineOf, sectionsOf } from '../digest/tell.ts';
import { regionForm } from '../model/arn.ts';
import { dayMs } from '../model/duration.ts';
import { parseJson } from '../model/json.ts';
import type { Place } from '../model/place.ts';
import { isDue, type Weekly } from '../model/weekly.ts';
import type { Digests } from '../ports/digests.ts';
import type { Log } from '../ports/log.ts';
import type { Past } from '../ports/past.ts';
import type { Reporter } from '../ports/reporter.ts';

/** After so long the ledger is counted again, in milliseconds. */
const learnedFor = dayMs;
const weekMs = 7 * dayMs;
/** Two digests are at least so far apart, in milliseconds: a week, less what clocks and schedules differ. */
const minApart = 6 * dayMs;

/** What counting past incidents needs. */
export type DigestDeps = {
  past: Past;
  digests: Digests;
  reporter: Pick<Reporter, 'digest'>;
  /** When the policy wants it sent; never, if it doesn't say. */
  weekly?: Weekly | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Whether there is time for another page of incidents. */
  mayGoOn?: () => boolean;
  log?: Log;
};

/** The same past, which ends with an error where no time is left: whoever is killed meanwhile could not even take the digest back. */
const within = (past: Past, mayGoOn: () => boolean): Past => ({
  pages: async function* (range) {
    for await (const page of past.pages(range)) {
      if (!mayGoOn()) throw new Error('there are more incidents than can be counted in the time of the function');
      yield page;
    }
  },
});

/** More accounts and regions than one item of the ledger should name. */
const maxPlaces = 2000;

/** What an incident says of where it is. */
const whereSchema = z.object({ account: z.string().regex(/^\d{12}$/), region: z.string().max(32).regex(regionForm) });

/** The same past, of which is noted in which accounts and regions it was. */
const noting = (past: Past, places: Map<string, Place>): Past => ({
  pages: async function* (range) {
    for await (const page of past.pages(range)) {
      for (const { opened } of page.items) {
        const { data } = whereSchema.safeParse(parseJson(opened ?? ''));
        if (data && places.size < maxPlaces) places.set(`${data.account}/${data.region}`, data);
      }
      yield page;
    }
  },
});

/** What was learned, counted anew once a day. */
const freshLearned = async ({ past, digests, now }: Pick<DigestDeps, 'past' | 'digests' | 'now'>): Promise<Learned | null> => {
  const known = await readLearned(digests);
  if (known && Date.parse(known.at) > now() - learnedFor) return known;
  const places = new Map<string, Place>();
  const learned = await learn(noting(past, places), now());
  await digests.notePlaces([...places.values()], now());
  await digests.noteLearned(JSON.stringify(learned), now());
  return learned;
};

/**
 * Counts what past incidents teach, once a day, and tells people of the last week where the policy names this hour. Whoever begins a digest
 * is alone with it: where it dies, there is none that week. One that certainly nobody got is tried again.
 * @throws whatever keeps it from being sent
 */
export const tellWeek = async (deps: DigestDeps): Promise<{ learned: number | null; sent: boolean }> => {
  const { digests, reporter, weekly, now, mayGoOn = () => true, log = () => {} } = deps;
  const past = within(deps.past, mayGoOn);
  const fresh = await attempt(() => freshLearned({ past, digests, now }));
  if (!fresh.ok) log({ level: 'WARN', message: 'past incidents not counted', error: explain(fresh.error) });
  const learned = fresh.ok ? fresh.value : null;
  const result = { learned: learned?.incidents ?? null, sent: false };
  const begun = now();
  if (!weekly || !isDue(weekly, begun) || !(await digests.begin(begun, minApart))) return result;
  const counted = await attempt(() => digestOf(past, begun, weekMs, learned));
  const came = counted.ok
    ? await attempt(() => {
        const data = counted.value;
        return reporter.digest({ headline: headlineOf(data), sections: sectionsOf(data), data });
      })
    : counted;
  if (came.ok) return { ...result, sent: true };
  // What may have arrived is not sent again.
  if (!counted.ok || came.error.kind !== 'uncertain') await digests.abandon(begun);
  throw new Error(`the digest of the week could not be sent: ${explain(came.error)}`);
};
