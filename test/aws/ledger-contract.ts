import { describe, expect, test } from '@jest/globals';
import type { Incident } from '../../shared/model/incident.ts';
import type { Failing } from '../../shared/ports/failure-correlation.ts';
import { LeaseLostError, type Ledger } from '../../shared/ports/ledger.ts';
import { incident, noon } from '../remediation/examples.ts';

/** The methods that decisions rest on: a back-test has them in memory. */
export type Contracted = Pick<Ledger, 'acquire' | 'recordAttempt' | 'release' | 'noteFailing' | 'noteImpaired' | 'electReporter'>;

const minute = 60_000;
const window = 5 * minute;
const later = (seconds: number) => noon + seconds * 1000;
const attemptBy = ({ key }: Incident, at = noon, action = 'reboot-instance') => ({ at, action, incident: key });
const instance = (id: string, change: Partial<Failing> = {}): Failing => ({ id, zone: 'us-east-1a', group: null, ...change });
const idsOf = ({ failing }: { failing: readonly Failing[] }) => failing.map(({ id }) => id).sort();

/** What every ledger does, whatever it keeps its memory in. */
export const ledgerContract = (make: () => Contracted): void => {
  const ledger = make();
  let made = 0;
  /** A resource and an incident that no other test has. */
  const setUp = () => {
    const id = `i-c${String(++made).padStart(16, '0')}`;
    const resource = { account: '123456789012', region: 'us-east-1', type: 'instance', id } as const;
    const about = { resource: { type: 'instance' as const, id } };
    return { ledger, resource, mine: incident(about), yours: incident({ ...about, at: noon + 1 }) };
  };
  /** A region that no other test has. */
  const newPlace = () => ({ account: '123456789012', region: `eu-west-${++made}` });
  const newMatter = () => `contracted ${++made}`;

  describe('a lease', () => {
    test('is given to the first who asks', async () => {
      const { ledger, resource, mine } = setUp();
      expect(await ledger.acquire(resource, mine.key, noon, later(60))).toEqual({ acquired: true, attempts: [] });
    });

    test('is denied to everybody else while it runs, naming its holder', async () => {
      const { ledger, resource, mine, yours } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      expect(await ledger.acquire(resource, yours.key, later(59), later(119))).toEqual({
        acquired: false,
        holder: mine.key,
        until: later(60),
      });
    });

    test('is renewed by its holder, and runs as long as it was renewed', async () => {
      const { ledger, resource, mine, yours } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      expect(await ledger.acquire(resource, mine.key, later(50), later(110))).toMatchObject({ acquired: true });
      expect(await ledger.acquire(resource, yours.key, later(100), later(160))).toMatchObject({ acquired: false, until: later(110) });
    });

    test('of a dead one is anybody’s once it has run out', async () => {
      const { ledger, resource, mine, yours } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      expect(await ledger.acquire(resource, yours.key, later(60), later(120))).toMatchObject({ acquired: true });
      expect(await ledger.acquire(resource, mine.key, later(61), later(121))).toMatchObject({ acquired: false, holder: yours.key });
    });

    test('is free once it was given back', async () => {
      const { ledger, resource, mine, yours } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      await ledger.release(resource, mine.key);
      expect(await ledger.acquire(resource, yours.key, later(1), later(61))).toMatchObject({ acquired: true });
    });

    test('is not given back by anybody but its holder', async () => {
      const { ledger, resource, mine, yours } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      await ledger.release(resource, yours.key);
      expect(await ledger.acquire(resource, yours.key, later(1), later(61))).toMatchObject({ acquired: false });
    });

    test('may be given back by one who never had it, without effect', async () => {
      const { ledger, resource, mine } = setUp();
      await expect(ledger.release(resource, mine.key)).resolves.toBeUndefined();
    });

    test('goes to exactly one of fifty who ask at once', async () => {
      const { ledger, resource } = setUp();
      const keys = Array.from({ length: 50 }, (_, index) => incident({ resource, at: noon + index }).key);
      const leases = await Promise.all(keys.map((key) => ledger.acquire(resource, key, noon, later(60))));
      const winner = keys.find((_, index) => leases[index]?.acquired);
      expect(leases.filter(({ acquired }) => acquired)).toHaveLength(1);
      for (const lease of leases) if (!lease.acquired) expect(lease.holder).toBe(winner);
    });

    test('that ran out goes to exactly one of fifty who wait for it', async () => {
      const { ledger, resource, mine } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      const keys = Array.from({ length: 50 }, (_, index) => incident({ resource, at: noon + 1 + index }).key);
      const leases = await Promise.all(keys.map((key) => ledger.acquire(resource, key, later(61), later(121))));
      expect(leases.filter(({ acquired }) => acquired)).toHaveLength(1);
    });

    test('on one resource says nothing of another', async () => {
      const [one, two] = [setUp(), setUp()];
      await one.ledger.acquire(one.resource, one.mine.key, noon, later(60));
      expect(await two.ledger.acquire(two.resource, two.mine.key, noon, later(60))).toMatchObject({ acquired: true });
    });
  });

  describe('attempts', () => {
    test('are remembered across incidents', async () => {
      const { ledger, resource, mine, yours } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      await ledger.recordAttempt(resource, attemptBy(mine), []);
      await ledger.release(resource, mine.key);
      expect(await ledger.acquire(resource, yours.key, later(1), later(61))).toEqual({ acquired: true, attempts: [attemptBy(mine)] });
    });

    test('are kept as the caller says, and the new one comes last', async () => {
      const { ledger, resource, mine } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      const first = attemptBy(mine, noon, 'reboot-instance');
      const second = attemptBy(mine, later(5), 'stop-start-instance');
      await ledger.recordAttempt(resource, first, []);
      await ledger.recordAttempt(resource, second, [first]);
      expect(await ledger.acquire(resource, mine.key, later(6), later(66))).toEqual({ acquired: true, attempts: [first, second] });
    });

    test('are refused to one who does not hold the resource', async () => {
      const { ledger, resource, mine, yours } = setUp();
      await expect(ledger.recordAttempt(resource, attemptBy(mine), [])).rejects.toThrow(LeaseLostError);
      await ledger.acquire(resource, mine.key, noon, later(60));
      await expect(ledger.recordAttempt(resource, attemptBy(yours), [])).rejects.toThrow(LeaseLostError);
    });

    test('are refused to one whose lease has run out, whether or not somebody else has it', async () => {
      const { ledger, resource, mine, yours } = setUp();
      await ledger.acquire(resource, mine.key, noon, later(60));
      await expect(ledger.recordAttempt(resource, attemptBy(mine, later(60)), [])).rejects.toThrow(LeaseLostError);
      await ledger.acquire(resource, yours.key, later(61), later(121));
      await expect(ledger.recordAttempt(resource, attemptBy(mine, later(62)), [])).rejects.toThrow(LeaseLostError);
      expect(await ledger.acquire(resource, yours.key, later(63), later(123))).toMatchObject({ attempts: [] });
    });
  });

  describe('what fails together', () => {
    test('is the resource alone at first', async () => {
      expect(await ledger.noteFailing(newPlace(), instance('a'), noon, window)).toEqual({
        failing: [instance('a')],
        full: false,
        impaired: [],
      });
    });

    test('is all that failed within the window, each once, with where it is', async () => {
      const place = newPlace();
      await ledger.noteFailing(place, instance('a', { group: 'web' }), noon, window);
      await ledger.noteFailing(place, instance('b', { zone: null }), noon + 2 * minute, window);
      await ledger.noteFailing(place, instance('b', { zone: null }), noon + 3 * minute, window);
      const { failing } = await ledger.noteFailing(place, instance('c'), noon + 4 * minute, window);
      expect([...failing].sort((x, y) => x.id.localeCompare(y.id))).toEqual([
        instance('a', { group: 'web' }),
        instance('b', { zone: null }),
        instance('c'),
      ]);
    });

    test('is nothing that failed before', async () => {
      const place = newPlace();
      await ledger.noteFailing(place, instance('a'), noon, window);
      expect(idsOf(await ledger.noteFailing(place, instance('b'), noon + 8 * minute, window))).toEqual(['b']);
    });

    test('is nothing that failed in another account or region', async () => {
      await ledger.noteFailing(newPlace(), instance('a'), noon, window);
      expect(idsOf(await ledger.noteFailing(newPlace(), instance('b'), noon, window))).toEqual(['b']);
    });

    test('is counted when all come at once', async () => {
      const place = newPlace();
      const ids = Array.from({ length: 20 }, (_, i) => `i-${i}`);
      const seen = await Promise.all(ids.map((id) => ledger.noteFailing(place, instance(id), noon, window)));
      expect(Math.max(...seen.map(({ failing }) => failing.length))).toBe(20);
      expect(idsOf(await ledger.noteFailing(place, instance('i-0'), noon, window))).toEqual([...ids].sort());
    });

    test('loses nothing to clocks that are two minutes apart, whichever is ahead', async () => {
      for (const window of [minute, 5 * minute, 60 * minute]) {
        for (const ahead of [-2 * minute, 2 * minute]) {
          const place = newPlace();
          // By a right clock the first fails at noon, and the others until just before the window is over.
          await ledger.noteFailing(place, instance('a'), noon + ahead, window);
          await ledger.noteFailing(place, instance('b'), noon + 0.7 * window, window);
          expect(idsOf(await ledger.noteFailing(place, instance('c'), noon + 0.79 * window, window))).toEqual(['a', 'b', 'c']);
        }
      }
    });

    test('is full where more fail than are told apart', async () => {
      const place = newPlace();
      for (let i = 0; i < 200; i++) await ledger.noteFailing(place, instance(`i-${i}`), noon, window);
      const seen = await ledger.noteFailing(place, instance('one-more'), noon, window);
      expect(seen.full).toBe(true);
      expect(idsOf(seen)).toContain('one-more');
    });
  });

  test('an impaired zone is known until its time is over, and only where it is', async () => {
    const place = newPlace();
    await ledger.noteImpaired(place, 'use1-az1', noon + 60 * minute);
    const at = async (minutes: number, zone = 'use1-az1') =>
      (await ledger.noteFailing(place, instance('a'), noon + minutes * minute, window, ['us-east-1a', zone])).impaired;
    expect([await at(0), await at(0, 'use1-az2'), await at(59), await at(60)]).toEqual([['use1-az1'], [], ['use1-az1'], []]);
    expect((await ledger.noteFailing(newPlace(), instance('a'), noon, window, ['use1-az1'])).impaired).toEqual([]);
  });

  describe('what many have in common', () => {
    test('is told by the first who asks, who stays the one who tells', async () => {
      const matter = newMatter();
      expect(await ledger.electReporter(matter, 'a', noon, window)).toBe(true);
      expect(await ledger.electReporter(matter, 'b', noon, window)).toBe(false);
      expect(await ledger.electReporter(matter, 'a', noon + minute, window)).toBe(true);
    });

    test('is told by one of those who ask at once', async () => {
      const matter = newMatter();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ledger.electReporter(matter, `i-${i}`, noon, window)));
      expect(answers.filter(Boolean)).toHaveLength(1);
    });

    test('goes on as long as somebody asks, and is told anew once it was over', async () => {
      const matter = newMatter();
      await ledger.electReporter(matter, 'a', noon, window);
      expect(await ledger.electReporter(matter, 'b', noon + 4 * minute, window)).toBe(false);
      expect(await ledger.electReporter(matter, 'c', noon + 8 * minute, window)).toBe(false);
      expect(await ledger.electReporter(matter, 'd', noon + 14 * minute, window)).toBe(true);
      expect(await ledger.electReporter(matter, 'e', noon + 14 * minute, window)).toBe(false);
    });

    test('is not what others have in common', async () => {
      expect(await ledger.electReporter(newMatter(), 'a', noon, window)).toBe(true);
      expect(await ledger.electReporter(newMatter(), 'b', noon, window)).toBe(true);
    });
  });
};
