import { describe, expect, test } from '@jest/globals';
import { placedAt } from '../../shared/model/place.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import { createHeldLeases } from '../../shared/remediation/held-leases.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { simpleEngine } from './engine.ts';
import { incident, noon } from './examples.ts';

const own = incident();
const place = placedAt(own, { type: 'group-place', id: 'web/0' });
const ownLease = placedAt(own, own.resource);
const lasts = 900;

const holding = async (meddle: Partial<Ledger> = {}, seconds = lasts) => {
  const engine = simpleEngine({ start: noon });
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  const real = await emptyLedger();
  await real.open(own, noon);
  await journal.persist('open', async () => null);
  const heldLeases = createHeldLeases(own, { ...real, ...meddle }, journal, seconds);
  for (const what of [ownLease, place]) await real.acquire(what, own.key, noon, noon + lasts * 1000);
  const free = async (what: typeof place) => (await real.acquire(what, 'another', engine.now(), engine.now() + 1000)).acquired;
  return { heldLeases, ledger: real, wait: (seconds: number) => journal.wait('a while', seconds), free, trail: engine.trail };
};

describe('what an incident holds', () => {
  test('is renewed once half of its time is over, and not before', async () => {
    const { heldLeases, wait, trail } = await holding();
    await heldLeases.keep([ownLease, place]);
    await wait(449);
    await heldLeases.renew();
    expect(trail).not.toContain('renew');
    await wait(1);
    await heldLeases.renew();
    expect(trail.filter((name) => name === 'renew')).toHaveLength(2);
    await wait(449);
    await heldLeases.renew();
    expect(trail.filter((name) => name === 'renew')).toHaveLength(2);
  });

  test('is renewed for its whole time, each of it', async () => {
    const { heldLeases, wait, free } = await holding();
    await heldLeases.keep([ownLease, place]);
    await wait(600);
    await heldLeases.renew();
    await wait(899);
    expect([await free(ownLease), await free(place)]).toEqual([false, false]);
    await wait(1);
    expect([await free(ownLease), await free(place)]).toEqual([true, true]);
  });

  test('is renewed early enough where it is short: two of the longest pauses before it runs out', async () => {
    const { heldLeases, wait, trail } = await holding({}, 300);
    await heldLeases.keep([ownLease]);
    expect(heldLeases.renewedBy()).toBe(noon + 100_000);
    await wait(99);
    await heldLeases.renew();
    expect(trail).not.toContain('renew');
    await wait(1);
    await heldLeases.renew();
    expect(trail).toContain('renew');
  });

  test('is nothing that was not taken', async () => {
    const { heldLeases, wait, trail } = await holding();
    await wait(5000);
    await heldLeases.renew();
    expect(await heldLeases.keep([])).toBe(true);
    expect(heldLeases.all()).toEqual([]);
    expect(trail.slice(1)).toEqual(['a while 5000']);
  });

  test('is noted in the ledger once, its own resource left out, which that knows', async () => {
    const { heldLeases, ledger, trail } = await holding();
    expect(await heldLeases.keep([ownLease])).toBe(true);
    expect(await heldLeases.keep([ownLease, place])).toBe(true);
    expect(await heldLeases.keep([ownLease, place])).toBe(true);
    expect(heldLeases.all()).toEqual([ownLease, place]);
    expect((await ledger.read(own.key))?.leases).toEqual([place]);
    expect(trail.filter((name) => name === 'note-leases')).toHaveLength(1);
  });

  test('counts its time anew when it is taken again', async () => {
    const { heldLeases, wait, trail } = await holding();
    await heldLeases.keep([ownLease]);
    await wait(449);
    await heldLeases.keep([ownLease]);
    await wait(2);
    await heldLeases.renew();
    expect(trail).not.toContain('renew');
  });

  test('says so where the ledger can not be told, and is held all the same, to be given back', async () => {
    const { heldLeases } = await holding({ noteLeases: async () => Promise.reject(sdkError('AccessDeniedException', 400)) });
    expect(await heldLeases.keep([ownLease, place])).toBe(false);
    expect(heldLeases.all()).toEqual([ownLease, place]);
  });
});
