import { describe, expect, test } from '@jest/globals';
import type { CertificateFacts } from '../../shared/model/certificate.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { awaitsAcm, oncePerStage, settleCertificate } from '../../shared/remediation/certificate.ts';
import type { Treatment, TreatmentResult } from '../../shared/remediation/treatment-context.ts';
import { drive } from './drive.ts';
import { certificate, facts, incident, noon, validation } from './examples.ts';

const day = 24 * 3_600_000;
const about = incident({
  failure: 'certificate-expiring',
  resource: { type: 'certificate', id: certificate().id },
  reason: 'it expires soon',
});
const settled = (change: Partial<CertificateFacts>, of = about) =>
  settleCertificate(of, facts({ at: noon, certificate: certificate(change) }));

describe('what the look says of a certificate', () => {
  test('is quiet where it has been renewed, or where nothing uses it', () => {
    const renewed = { renewal: { status: 'SUCCESS', reason: null }, expiresAt: noon + 198 * day };
    expect(settled(renewed)).toMatchObject({ status: 'healed-itself', verified: true, quiet: true });
    expect(settled({ inUse: false })).toMatchObject({ status: 'held', verified: false, quiet: true, severity: 'low' });
    // ACM issues a new one whether something uses it or not.
    expect(settled({ inUse: false, status: 'PENDING_VALIDATION', renewal: null })).toBeNull();
  });

  test.each<[string, Partial<CertificateFacts>, string]>([
    [
      'is imported, with its owner and the days left',
      { kind: 'IMPORTED', owner: 'team payments' },
      '45 days are left, until 2027-01-04; no action: it was imported, so its owner has to import the next one: team payments',
    ],
    ['is imported, and has no owner', { kind: 'IMPORTED' }, 'no tag names its owner'],
    ['tells no end', { kind: 'IMPORTED', expiresAt: null }, 'it expires soon; when it expires is not known; no action'],
    ['is validated by email', { method: 'EMAIL' }, 'by email'],
    ['has expired', { status: 'EXPIRED', expiresAt: noon - day }, 'it expired on 2026-11-19; no action: it is EXPIRED'],
    ['can not be renewed', { renewal: { status: 'FAILED', reason: 'CAA_ERROR' } }, 'renewal FAILED (CAA_ERROR)'],
    [
      'has its records, and is not renewed',
      { records: [validation({ state: 'stands', misled: 'DNS leads elsewhere' })] },
      'has not renewed the certificate yet; DNS leads elsewhere',
    ],
  ])('is for a person where it %s', (_, change, says) => {
    expect(settled(change)).toMatchObject({ status: 'escalated', verified: false, reason: expect.stringContaining(says) });
  });

  test('is left to the playbook where a record may be gone, and to others for other failures', () => {
    expect(settled({})).toBeNull();
    expect(settled({ records: [] })).toBeNull();
    expect(settled({ records: [validation({ state: 'stands' }), validation()] })).toBeNull();
    expect(settled({ kind: 'IMPORTED' }, incident())).toBeNull();
    expect(settleCertificate(about, facts())).toBeNull();
  });

  test('gives ACM its time once nothing but its look is missing', () => {
    const waits = (change: Partial<CertificateFacts>) => awaitsAcm(about, facts({ certificate: certificate(change) }));
    const stands = [validation({ state: 'stands' })];
    expect(waits({ records: stands })).toBe(true);
    expect([
      waits({}),
      waits({ records: [] }),
      waits({ records: [...stands, validation()] }),
      waits({ records: stands, inUse: false }),
      waits({ records: stands, status: 'EXPIRED' }),
    ]).toEqual([false, false, false, false, false]);
  });

  test('is looked at again after six hours, and then no more', async () => {
    const seen = certificate({ records: [validation({ state: 'stands' })] });
    const { outcome, looks, trail } = await drive({
      incident: { failure: 'certificate-expiring', resource: { type: 'certificate', id: seen.id }, alarm: null },
      look: () => ({ instance: null, status: null, alarm: null, certificate: seen }),
    });
    expect(trail.filter((entry) => entry.startsWith('certificate-wait'))).toEqual(['certificate-wait 21600']);
    expect(looks).toBe(2);
    expect(outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('stand in their zone') });
  });

  /** What becomes of a result, where the ledger has what was joined before; `joined` is each matter and for how long it is one. */
  const once = async (
    change: { key?: string; failure?: Incident['failure']; alarm?: Incident['alarm']; evidence?: Incident['evidence'] },
    {
      seen = certificate(),
      did = false,
      result = {},
      openers = new Map<string, string>(),
      broken = () => false,
    }: {
      seen?: CertificateFacts | null;
      did?: boolean;
      result?: Partial<TreatmentResult>;
      openers?: Map<string, string>;
      broken?: (matter: string) => boolean;
    } = {},
  ) => {
    const joined: [string, number][] = [];
    const key = change.key ?? about.key;
    const treatment = {
      incident: () => ({ ...about, alarm: null, ...change }),
      didAct: () => did,
      journal: {
        now: () => noon,
        persist: async (_: string, run: (at: number) => Promise<unknown>) => ({
          value: await run(noon).then(
            (value) => ({ ok: true, value }),
            () => ({ ok: false, error: { kind: 'refused' } }),
          ),
        }),
      },
      observer: { last: () => facts({ certificate: seen }) },
      deps: {
        ledger: {
          joinEpisode: async (_: unknown, matter: string, __: string, ___: number, quietMs: number) => {
            if (broken(matter)) throw new Error('words');
            joined.push([matter, quietMs]);
            if (!openers.has(matter)) openers.set(matter, key);
            return { opener: openers.get(matter) };
          },
        },
      },
    } as unknown as Treatment;
    const given: TreatmentResult = { status: 'escalated', verified: false, reason: 'it is imported', ...result };
    const then = await oncePerStage(treatment, given);
    return { then, joined, untouched: then === given };
  };

  test('is told once for each stage, and whenever something was done', async () => {
    const openers = new Map<string, string>();
    const told = async (key: string, days: number, did = false) => {
      const { then } = await once({ key }, { seen: certificate({ expiresAt: noon + days * day }), did, openers });
      return !then.quiet;
    };
    const days = Array.from({ length: 45 }, (_, i) => 45 - i);
    const loud: number[] = [];
    for (const left of days) if (await told(`day ${left}`, left)) loud.push(left);
    expect(loud).toEqual([45, 30, 14, 7, 3, 1]);
    expect(await told('again', 1)).toBe(false);
    expect(await told('with an action', 1, true)).toBe(true);
  });

  test('is one matter for longer than the day between two of AWS’s words', async () => {
    const { joined } = await once({});
    expect(joined).toEqual([
      [`certificate-expiring of certificate ${about.resource.id}`, 47 * 3_600_000],
      [`certificate-expiring of certificate ${about.resource.id}, weeks left`, 47 * 3_600_000],
    ]);
  });

  test('is told in any case where it is about something else, an alarm tells of it, or it is over or quiet as it is', async () => {
    const ran = [
      await once({ failure: 'host-impaired' }),
      await once({ alarm: incident().alarm }),
      await once({}, { result: { quiet: true } }),
      await once({}, { result: { status: 'healed', verified: true } }),
    ];
    for (const { joined, untouched } of ran) expect([joined, untouched]).toEqual([[], true]);
  });

  test('goes by the days that AWS told of where the look shows none, and without either by nothing', async () => {
    const unseen = (evidence: Incident['evidence']) => once({ evidence }, { seen: null });
    expect((await unseen({ daysToExpiry: '12' })).joined.map(([matter]) => matter)).toEqual([
      expect.stringMatching(/^[^,]*$/),
      expect.stringMatching(/, 14 d left$/),
    ]);
    expect(await unseen({})).toMatchObject({ joined: [], untouched: true });
  });

  test('is told without the ledger, whichever of the two matters can not be kept', async () => {
    const openers = () =>
      new Map([
        [`certificate-expiring of certificate ${about.resource.id}`, 'the first'],
        [`certificate-expiring of certificate ${about.resource.id}, weeks left`, 'the first'],
      ]);
    expect((await once({}, { openers: openers() })).then).toMatchObject({
      quiet: true,
      reason: 'it is imported; it is part of incident the first',
    });
    for (const which of [/left$/, /[^t]$/])
      expect(await once({}, { openers: openers(), broken: (matter) => which.test(matter) })).toMatchObject({ untouched: true });
  });
});
