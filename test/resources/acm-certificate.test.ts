import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeCertificate } from '../../shared/resources/acm-certificate.ts';
import { incident, noon, policy } from '../remediation/examples.ts';
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

  describe('that may be acted upon', () => {
    const treated = { ...about, disposition: 'remediate' } as const;
    const zone = (records: Parameters<typeof world.aws.route53.place>[0]['records'] = []) =>
      world.aws.route53.place({ name: 'example.com', id: 'Z0SHOP', records });
    const look = async (zones: string[] = ['Z0SHOP']) => {
      const { lambda, consumers, ecs, databases, certificates, commands } = policy({ certificates: { zones } });
      const seen = {
        incident: { ...incident(), ...treated },
        now: noon,
        known: undefined,
        policy: { lambda, consumers, ecs, databases, certificates, commands },
      };
      return (await describeCertificate(world.operator, seen)).certificate;
    };
    beforeEach(() => {
      const renewal = { status: 'PENDING_VALIDATION', updatedAt: noon - 20 * day } as const;
      const tags = { selfheal: 'on', Team: 'payments' };
      world.aws.acm.place({ arn, domain: 'shop.example.com', issuedAt: noon - 380 * day, notAfter: noon + 15 * day, renewal, tags });
    });

    test('finds the record that it is validated by, in the longest zone that is named', async () => {
      zone();
      world.aws.route53.place({ name: 'shop.example.com', id: 'Z0LONG' });
      const { Name: name, Value: value } = world.aws.acm.validationRecord('shop.example.com');
      expect(await look(['Z0SHOP', 'Z0LONG'])).toEqual({
        id: arn,
        tags: { selfheal: 'on', Team: 'payments' },
        owner: 'Team payments',
        domain: 'shop.example.com',
        status: 'ISSUED',
        kind: 'AMAZON_ISSUED',
        method: 'DNS',
        renewal: { status: 'PENDING_VALIDATION', reason: null },
        expiresAt: noon + 15 * day,
        inUse: false,
        records: [
          {
            ...{ domain: 'shop.example.com', name, value, state: 'absent', instead: null },
            zone: { id: 'Z0LONG', name: 'shop.example.com', servers: expect.any(Array) },
          },
        ],
      });
      expect((await look([]))?.records).toMatchObject([{ zone: null, state: null }]);
    });

    test.each([
      ['stands', 'CNAME', null, 'stands'],
      ['is another one', 'CNAME', 'elsewhere.example.', 'other'],
      ['is of another type', 'TXT', '"mine"', 'other'],
    ] as const)('sees what %s there', async (_, type, other, state) => {
      const { Name: name, Value } = world.aws.acm.validationRecord('shop.example.com');
      zone([{ name, type, value: other ?? Value }]);
      const [record] = (await look())?.records ?? [];
      expect(record?.state).toBe(state);
      expect(record?.instead === null).toBe(other === null);
    });

    test('finds none where ACM has none, and fails where a zone can not be read', async () => {
      await expect(look(['Z0GONE'])).rejects.toMatchObject({ name: 'NoSuchHostedZone' });
      const [other] = [{ type: 'certificate', id: arn.replace('61f50cd4', '71f50cd4') } as const];
      const { lambda, consumers, ecs, databases, certificates, commands } = policy();
      const input = { now: noon, known: undefined, policy: { lambda, consumers, ecs, databases, certificates, commands } };
      expect(await describeCertificate(world.operator, { ...input, incident: { ...incident(), ...treated, resource: other } })).toEqual({
        certificate: null,
      });
    });
  });
});
