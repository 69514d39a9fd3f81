import { describe, expect, test } from '@jest/globals';
import { approvalOf } from '../../shared/approvals/approval.ts';
import { decidedPage, questionPage } from '../../shared/approvals/page.ts';
import { createApprovalRequester } from '../../shared/approvals/request.ts';
import { ingest } from '../../shared/intake/ingest.ts';
import { rulesOf } from '../../shared/model/classification-rules.ts';
import { policySchema } from '../../shared/model/policy.ts';
import { createReporter } from '../../shared/notifications/reporter.ts';
import { keys, page } from '../approvals/examples.ts';
import { recordingClients } from '../aws/recorder.ts';
import { noon } from '../remediation/examples.ts';
import { bytesOf, limits } from './figures.ts';
import { groupName, longestIncident, longestOutcome, longestRequest, quoted, wide } from './longest.ts';

const topicArn = 'arn:aws:sns:us-east-1:123456789012:outcomes';
const texts = { wide: wide(600), quoted: quoted(600), control: '\u0001'.repeat(600) };

/** All that a message is sent with: its text, its subject, its attributes. */
const sent = (make: (clients: ReturnType<typeof recordingClients>['clients']) => Promise<unknown>) => {
  const { clients, calls } = recordingClients(() => ({ output: {} }));
  return make(clients).then(() => calls.map(({ input }) => bytesOf(input)));
};

describe('a message', () => {
  test.each(Object.entries(texts))('of an outcome fits in every channel: %s characters', async (_, text) => {
    const outcome = longestOutcome(text);
    const sizes = await sent(async (clients) => {
      const reporter = createReporter({ ...clients, topicArn, busName: 'default', chatTopicArn: topicArn, log: () => {} });
      for (const channel of reporter.channels) await channel.outcome(outcome);
      const { incident, failure, severity, resource, account, region, reason, endedAt: at } = outcome;
      await reporter.interim({ incident, failure, severity, resource, account, region, reason, at, headline: wide(100) });
    });
    expect(sizes.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...sizes)).toBeLessThan(limits.message);
  });

  test('of metrics fits into a line of the logs', async () => {
    const lines: string[] = [];
    const { clients } = recordingClients(() => ({ output: {} }));
    const { channels } = createReporter({ ...clients, topicArn, busName: 'default', log: (line) => lines.push(line) });
    for (const channel of channels) await channel.outcome(longestOutcome());
    expect(Math.max(...lines.map(bytesOf))).toBeLessThan(limits.message);
  });

  test.each(Object.entries(texts))('that asks a person fits: %s characters', async (_, text) => {
    const store = { add: async () => {}, read: async () => null, decide: async () => false, noteNotified: async () => {} };
    const sizes = await sent((clients) =>
      createApprovalRequester({ sns: clients.sns, topicArn, chatTopicArn: topicArn, page, keys: async () => keys, store })(
        longestRequest(text),
      ),
    );
    expect(Math.max(...sizes)).toBeLessThan(limits.message);
  });
});

describe('a payload', () => {
  test('that starts an execution fits', () => {
    expect(bytesOf(longestIncident)).toBeLessThan(limits.message);
  });

  test.each(Object.entries(texts))('of a page for a decision fits: %s characters', (_, text) => {
    const approval = approvalOf(longestRequest(text), page);
    const decision = { decision: 'approve' as const, name: wide(80), from: '203.0.113.10', at: noon };
    for (const one of [questionPage(approval, 't'.repeat(500), noon), decidedPage(approval, decision)])
      expect(bytesOf(one)).toBeLessThan(limits.response);
  });

  test('that tells what became of the largest batch fits', async () => {
    const detail = (n: number) => ({
      version: '0',
      id: `${n}`,
      'detail-type': 'EC2 Instance Launch Unsuccessful',
      source: 'aws.autoscaling',
      account: '123456789012',
      region: 'us-east-1',
      time: '2026-11-20T12:00:00Z',
      resources: [],
      detail: n % 2 ? { AutoScalingGroupName: `${n}${groupName}`.slice(0, 255), StatusMessage: 'x' } : 'no detail',
    });
    const Records = Array.from({ length: 2000 }, (_, n) => ({
      messageId: `${n}`.padStart(36, '0'),
      eventSource: 'aws:sqs',
      body: JSON.stringify(detail(n)),
    }));
    const rules = rulesOf(policySchema.parse({}));
    const home = { account: '123456789012', region: 'us-east-1' };
    const result = await ingest(
      { Records },
      { home, rules, topics: null, start: async () => 'started', timeLeft: () => 60_000, log: () => {} },
    );
    expect(result.incidents.length + result.rejected.length).toBe(2000);
    // Five times as many come in one batch at most.
    expect(5 * bytesOf(result)).toBeLessThan(limits.response);
  });
});
