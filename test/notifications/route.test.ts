import { describe, expect, test } from '@jest/globals';
import { topicOf } from '../../shared/notifications/route.ts';
import { outcome, policy } from '../remediation/examples.ts';

const arn = (name: string) => `arn:aws:sns:us-east-1:123456789012:selfheal-prod-route-${name}`;
const { routes } = policy({
  routes: [
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
    expect(topicOf(routes, outcome({ status, severity }), 'usual')).toBe(expected);
  });

  test('is the usual one where the policy has none', () => {
    expect(topicOf(policy().routes, outcome(), 'usual')).toBe('usual');
  });
});
