import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runbookOf, runbookOfTag, runbookTag, runbookUrl } from '../shared/model/runbook.ts';
import { policyFor } from '../shared/policy/effective-policy.ts';
import { parsePolicy } from '../shared/policy/read-policy.ts';
import { particularsOf } from '../shared/remediation/particulars.ts';
import { facts, group, incident, instance, memberFacts, outcome, policy } from './remediation/examples.ts';

const hosts = ['wiki.example.com'];

describe('a runbook that a tag names', () => {
  test('is a link if its host is one of those that the policy trusts', () => {
    expect(runbookOfTag('https://wiki.example.com/ops?page=1#restart', { hosts })).toBe('https://wiki.example.com/ops?page=1#restart');
    expect(runbookOfTag('https://wiki.example.com/a_b(c)*~|d', { hosts: [] })).toBeNull();
  });

  test.each([
    'https://evil.example/ops',
    'https://wiki.example.com.evil.example/ops',
    'https://evil.example/?https://wiki.example.com/',
    'https://wiki.example.com@evil.example/ops',
    'https://wiki.example.com:pw@wiki.example.com/ops',
    'https://login@wiki.example.com/ops',
    'https://wiki.example.com:8443/ops',
    'https://wiki.example.com\\@evil.example/ops',
    'https:\\\\wiki.example.com/ops',
    'http://wiki.example.com/ops',
    'https://wiki。example。com/ops',
    'https://wiki.example.com/ops and https://evil.example',
    'https://wiki.example.com/\u202eops',
    'https://wiki.example.com/<!channel>',
    'https://wiki.example.com/ops\nhttps://evil.example',
    'javascript:alert(1)',
    '//wiki.example.com/ops',
    'wiki.example.com/ops',
    `https://wiki.example.com/${'x'.repeat(600)}`,
    '',
  ])('is none: %j', (text) => {
    expect(runbookOfTag(text, { hosts })).toBeNull();
  });

  test('never leads to another host, and means nothing to a chat', () => {
    const text = fc.array(
      fc.constantFrom(
        'https://',
        'wiki.example.com',
        'evil.example',
        '@',
        ':',
        '/',
        '\\',
        '?',
        '#',
        '.',
        '%',
        '&',
        '*',
        "'",
        ')',
        '|',
        '`',
      ),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(text, (parts) => {
        const found = runbookOfTag(`https://${parts.join('')}`, { hosts });
        if (found === null) return;
        expect(new URL(found)).toMatchObject({ protocol: 'https:', host: 'wiki.example.com', username: '', password: '' });
        expect(found).toMatch(/^[A-Za-z0-9./?=#:%$&+[\]-]+$/);
        expect(runbookUrl(found)).toBe(found);
      }),
      { numRuns: 1000 },
    );
  });

  test("of the resource comes before its group's, and asks nothing of the policy", () => {
    const given = policy({ runbooks: { hosts } });
    const named = (text: string) => ({ selfheal: 'on', [runbookTag]: text });
    const seen = memberFacts({
      instance: instance({ tags: named('https://wiki.example.com/own') }),
      group: group({ tags: named('https://wiki.example.com/group') }),
    });
    expect(particularsOf(incident(), seen, given).runbook).toBe('https://wiki.example.com/own');
    const other = { ...seen, instance: instance({ tags: named('https://evil.example') }) };
    expect(particularsOf(incident(), other, given).runbook).toBe('https://wiki.example.com/group');
    expect(policyFor(given, { incident: incident(), facts: other }).problems).toEqual([]);
    expect(particularsOf(incident(), facts({ instance: instance({ tags: named('https://evil.example') }) }), given)).not.toHaveProperty(
      'runbook',
    );
  });
});

describe('a runbook of the policy', () => {
  const { runbooks } = parsePolicy(
    JSON.stringify({
      runbooks: {
        rules: [{ when: { failure: 'disk-full', severity: 'critical' }, url: 'https://wiki.example.com/now' }],
        'disk-full': 'https://wiki.example.com/disk',
      },
    }),
  );
  const about = (change: Parameters<typeof outcome>[0]) => runbookOf(outcome(change), runbooks);

  test('is that of the first rule that matches, then that of the class', () => {
    expect(about({ failure: 'disk-full', severity: 'critical' })).toBe('https://wiki.example.com/now');
    expect(about({ failure: 'disk-full', severity: 'low' })).toBe('https://wiki.example.com/disk');
    expect(about({ failure: 'host-impaired' })).toBeNull();
  });

  test.each([
    [{ 'disk-full': 'http://wiki.example.com' }, /runbooks\.disk-full: must be an https address/],
    [{ 'disk-ful': 'https://wiki.example.com' }, /did you mean disk-full/],
    [{ hosts: ['https://wiki.example.com'] }, /runbooks\.hosts\.0: must be the name of a host/],
    [{ rules: [{ when: {}, url: 'https://wiki.example.com' }] }, /must name a failure, severity, account or region/],
    [{ rules: [{ when: { severity: 'low' }, url: 'x' }] }, /runbooks\.rules\.0\.url/],
  ])('is refused if it can be no link: %j', (given, problem) => {
    expect(() => parsePolicy(JSON.stringify({ runbooks: given }))).toThrow(problem);
  });
});
