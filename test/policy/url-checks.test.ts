import { describe, expect, test } from '@jest/globals';
import { policyFor } from '../../shared/policy/effective-policy.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { urlChecksFor } from '../../shared/policy/url-checks.ts';
import { facts, incident, instance } from '../remediation/examples.ts';

const url = 'https://shop.example.com/health';
const read = (checks: unknown) => parsePolicy(JSON.stringify({ checks }));
const tagged = (tags: Record<string, string>) => facts({ instance: instance({ tags: { selfheal: 'on', ...tags } }) });
const own = incident();
const usual = { url, expect: { status: 200 }, within: '60s', times: 1 };

describe('URLs that must answer', () => {
  test('are those of the failure, those of a tag, and none besides', () => {
    const policy = read([
      { when: { failure: own.failure }, url, times: 3 },
      { when: { failure: 'disk-full' }, url: `${url}/1` },
      { when: { tag: { key: 'team', value: 'shop' } }, url: `${url}/2`, expect: { status: 204, body: 'ok' } },
      { when: { failure: own.failure, tag: { key: 'team', value: 'pay' } }, url: `${url}/3` },
    ]);
    expect(urlChecksFor(policy, own, tagged({ team: 'shop' }))).toEqual([
      { ...usual, times: 3 },
      { ...usual, url: `${url}/2`, expect: { status: 204, body: 'ok' } },
    ]);
    expect(urlChecksFor(read(undefined), own, tagged({}))).toEqual([]);
  });

  test('are named by a tag on one of the hosts, and answer as the policy says', () => {
    const policy = read({ hosts: ['shop.example.com'], within: '5m', times: 2 });
    const seen = tagged({ 'selfheal:health-url': url });
    expect(urlChecksFor(policy, own, seen)).toEqual([{ ...usual, within: '5m', times: 2 }]);
    expect(policyFor(policy, { incident: own, facts: seen }).problems).toEqual([]);
  });

  test.each([
    ['https://evil.example.com/', 'names the host evil.example.com, which is not in checks.hosts of the policy'],
    ['https://shop.example.com@evil.example.com/', 'must be a URL that begins with https://'],
    ['http://shop.example.com/', 'must be a URL that begins with https://'],
    ['https://169.254.169.254/', 'names the host 169.254.169.254, which is not in checks.hosts of the policy'],
    ['shop', 'must be a URL that begins with https://'],
  ])('can not be %s by a tag: nothing is done then', (value, why) => {
    const seen = tagged({ 'selfheal:health-url': value });
    const { problems } = policyFor(read({ hosts: ['shop.example.com'] }), { incident: own, facts: seen });
    expect(problems).toEqual([`tag selfheal:health-url=${value.slice(0, 64)} ${why}`]);
    expect(urlChecksFor(read({ hosts: ['shop.example.com'] }), own, seen)).toEqual([]);
  });

  test('are named by no tag where the policy has no hosts', () => {
    const seen = tagged({ 'selfheal:health-url': url });
    for (const policy of [read(undefined), read([])]) {
      expect(urlChecksFor(policy, own, seen)).toEqual([]);
      expect(policyFor(policy, { incident: own, facts: seen }).problems).toHaveLength(1);
    }
  });

  test.each([
    [[{ when: {}, url }], 'must name a failure or a tag'],
    [[{ when: { failure: 'disk-full' }, url: 'http://shop.example.com/' }], 'must be a URL that begins with https://'],
    [[{ when: { failure: 'disk-full' }, url: 'https://me:word@shop.example.com/' }], 'must be a URL that begins with https://'],
    [[{ when: { failure: 'disk-full' }, url, within: 60 }], 'must be a duration'],
    [[{ when: { failure: 'disk-full' }, url, timse: 3 }], 'did you mean times'],
    [{ hosts: ['https://shop.example.com'] }, 'must be the name of a host'],
    [{ host: ['shop.example.com'] }, 'did you mean hosts'],
  ])('are refused as %j', (checks, why) => {
    expect(() => read(checks)).toThrow(why);
  });
});
