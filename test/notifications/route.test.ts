import { describe, expect, test } from '@jest/globals';
import { topicOf, topicOfDigest } from '../../shared/notifications/route.ts';
import { outcome, policy } from '../remediation/examples.ts';

const arn = (name: string) => `arn:aws:sns:us-east-1:123456789012:selfheal-prod-route-${name}`;
const { routes, organization } = policy({
  organization: { units: { bank: ['210987654321'] } },
  routes: [
    { when: { unit: 'bank', region: 'eu-west-1' }, topicArn: arn('bank') },
    { when: { account: '111122223333', severity: 'low' }, topicArn: arn('other') },
    { when: { outcome: 'escalated', severity: 'critical' }, topicArn: arn('pager') },
    { when: { outcome: 'escalated' }, topicArn: arn('team') },
    { when: { severity: 'low' }, topicArn: arn('low') },
  ],
});

describe('the route of an outcome', () => {
  test.each([
    ['escalated', 'critical', arn('pager')],
    ['escalated', 'high', arn('team')],
    ['escalated', 'low', arn('team')],
    ['healed', 'low', arn('low')],
    ['healed', 'critical', 'usual'],
  ] as const)('that is %s and %s is the first that matches', (status, severity, expected) => {
    expect(topicOf(routes, outcome({ status, severity }), 'usual', organization)).toBe(expected);
  });

  test.each([
    ['210987654321', 'eu-west-1', arn('bank')],
    ['210987654321', 'us-east-1', arn('low')],
    ['111122223333', 'eu-west-1', arn('other')],
    ['999999999999', 'eu-west-1', arn('low')],
  ])('of account %s in %s is that of its account, unit and region', (account, region, expected) => {
    expect(topicOf(routes, outcome({ status: 'healed', severity: 'low', account, region }), 'usual', organization)).toBe(expected);
  });

  test('by a unit that nobody has named is none', () => {
    expect(topicOf(routes, outcome({ account: '210987654321', region: 'eu-west-1' }), 'usual', { units: {} })).toBe('usual');
  });

  test('is the usual one where the policy has none', () => {
    expect(topicOf(policy().routes, outcome(), 'usual', organization)).toBe('usual');
  });
});

describe('the route of a digest', () => {
  test('is the one for all that is of low severity, and none of an account', () => {
    expect(topicOfDigest(routes, 'usual')).toBe(arn('low'));
    expect(topicOfDigest(routes.slice(0, 4), 'usual')).toBe('usual');
  });
});
