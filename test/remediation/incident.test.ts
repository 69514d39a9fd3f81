import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Classification } from '../../shared/model/classification.ts';
import { failureIds } from '../../shared/model/failure-id.ts';
import { incidentKey, incidentSchema, openIncident } from '../../shared/model/incident.ts';
import { resourceTypes } from '../../shared/model/resource.ts';
import { incident, noon } from './examples.ts';

const home = { account: '210987654321', region: 'eu-west-1' };
const verdict = (change: Partial<Classification> = {}): Classification => {
  const { key: _, ...rest } = incident();
  return { ...rest, ...change };
};

const episode = fc.record({
  failure: fc.constantFrom(...failureIds),
  resource: fc.record({ type: fc.constantFrom(...resourceTypes), id: fc.string({ minLength: 1, maxLength: 2048 }) }),
  account: fc.string({ maxLength: 12 }),
  region: fc.string({ maxLength: 20 }),
  at: fc.integer({ min: 0 }),
  alarm: fc.constantFrom(null, { name: 'web-status', arn: null }),
});

describe('incident key', () => {
  test('is a name that Lambda takes for an execution, whatever the resource is called', () => {
    fc.assert(
      fc.property(episode, (given) => {
        expect(incidentKey(given)).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
        expect(incidentSchema.shape.key.safeParse(incidentKey(given)).success).toBe(true);
      }),
    );
  });

  test('begins with the failure class, so that a person can read it', () => {
    expect(incidentKey(incident())).toMatch(/^instance-unreachable-[0-9a-f]{32}$/);
  });

  test('is another where another alarm tells of it, at whatever moment', () => {
    const keys = [incident().alarm, { name: 'web-status-2', arn: null }, null].map((alarm) => incidentKey({ ...incident(), alarm }));
    expect(new Set(keys).size).toBe(3);
  });

  test('is the same however the same episode is told', () => {
    const told: Partial<Classification>[] = [
      {},
      { reason: 'in other words' },
      { kind: 'another-envelope' },
      { severity: 'low', playbook: null, disposition: 'escalate' },
      {
        alarm: { name: 'web-status', arn: null },
        children: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:child'],
        evidence: { metric: 'CPUUtilization' },
      },
    ];
    expect(new Set(told.map((change) => openIncident(verdict(change), home)?.key)).size).toBe(1);
  });

  test.each<[string, Partial<Classification>]>([
    ['failure', { failure: 'host-impaired' }],
    ['resource', { resource: { type: 'instance', id: 'i-0ffffffffffffffff' } }],
    ['kind of resource', { resource: { type: 'group', id: 'i-0a1b2c3d4e5f60718' } }],
    ['account', { account: '999999999999' }],
    ['region', { region: 'us-west-2' }],
    ['time', { at: noon + 1 }],
  ])('is another for another %s', (_, change) => {
    expect(openIncident(verdict(change), home)?.key).not.toBe(openIncident(verdict(), home)?.key);
  });

  test('does not confuse fields that run into one another', () => {
    const keys = [
      incidentKey(incident({ account: '12', region: '3' })),
      incidentKey(incident({ account: '1', region: '23' })),
      incidentKey(incident({ account: '12","3', region: '' })),
    ];
    expect(new Set(keys).size).toBe(3);
  });
});

describe('opening an incident', () => {
  test('gives a payload that its schema takes', () => {
    const opened = openIncident(verdict(), home);
    expect(incidentSchema.parse(opened)).toEqual(opened);
  });

  test('takes a missing account and region from where we run', () => {
    expect(openIncident(verdict({ account: null, region: null }), home)).toMatchObject(home);
  });

  test('keeps the account and region of the event', () => {
    expect(openIncident(verdict(), home)).toMatchObject({ account: '123456789012', region: 'us-east-1' });
  });

  test('gives the same key whether the event names the place where we run or leaves it out', () => {
    const named = openIncident(verdict(home), home);
    expect(openIncident(verdict({ account: null, region: null }), home)?.key).toBe(named?.key);
  });

  test.each<[string, Partial<Classification>]>([
    ['is to be ignored', { disposition: 'ignore' }],
    ['names no failure', { failure: null }],
    ['names no resource', { resource: null }],
  ])('opens none for a verdict that %s', (_, change) => {
    expect(openIncident(verdict(change), home)).toBeNull();
  });

  test.each<[string, Record<string, unknown>]>([
    ['an ignored incident', { disposition: 'ignore' }],
    ['a key with other characters', { key: 'a/b' }],
    ['a key that is too long', { key: 'a'.repeat(65) }],
    ['a playbook that does not exist', { playbook: 'rm -rf' }],
    ['a failure that does not exist', { failure: 'everything' }],
    ['no resource', { resource: null }],
  ])('refuses a payload with %s', (_, change) => {
    expect(incidentSchema.safeParse({ ...incident(), ...change }).success).toBe(false);
  });
});
