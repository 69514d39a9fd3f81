import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { noon } from '../remediation/examples.ts';
import { alarmOn, createObserved, minute, type Observed } from './observing.ts';

const arn = 'arn:aws:acm:us-east-1:123456789012:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b';
const about = alarmOn('', { type: 'certificate', id: arn }, { kind: 'acm', failure: 'certificate-expiring', evidence: {} });
const day = 24 * 60 * minute;

let world: Observed;
beforeEach(async () => {
  world = await createObserved();
});
afterEach(() => world.close());

describe('a look at a certificate', () => {
  test('tells that its renewal waits for a record in DNS, and what uses it', async () => {
    const inUseBy = ['a', 'b'].map((name) => `arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/${name}/1`);
    const renewal = { status: 'PENDING_VALIDATION', updatedAt: noon - 20 * day } as const;
    world.aws.acm.place({ arn, domain: 'shop.example.com', issuedAt: noon - 380 * day, notAfter: noon + 15 * day, inUseBy, renewal });
    const { line } = await world.look(about);
    expect(line).toContain(': ISSUED since 2025-11-05 12:00 UTC, 380 d ago; for shop.example.com; expires 2026-12-05; ');
    expect(line).toContain(`in use by ${inUseBy[0]} and 1 more; renewal PENDING_VALIDATION since 2026-10-31; `);
    expect(line).toMatch(/validation of shop\.example\.com PENDING_VALIDATION, record _[0-9a-f]{32}\.shop\.example\.com\.$/);
  });

  test('tells that an imported one is never renewed, and that nothing uses it', async () => {
    world.aws.acm.place({ arn, domain: 'shop.example.com', issuedAt: noon - 90 * day, notAfter: noon - day, type: 'IMPORTED' });
    expect((await world.look(about)).line).toMatch(
      /: EXPIRED since 2026-11-19 12:00 UTC, 1 d ago; for shop\.example\.com; expired 2026-11-19; not in use; imported, so AWS never renews it$/,
    );
  });
});
