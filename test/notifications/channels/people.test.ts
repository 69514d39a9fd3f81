import { describe, expect, test } from '@jest/globals';
import { people } from '../../../shared/notifications/channels/people.ts';
import { sdkError } from '../../aws/recorder.ts';
import { outcome } from '../../remediation/examples.ts';
import { longStory, openChannel, page, topicArn } from './open.ts';

describe('people', () => {
  test('get one message that every protocol can read', async () => {
    const { outcome: tell, calls } = openChannel(people);
    await tell(outcome());
    expect(calls.map(({ permission }) => permission)).toEqual(people.reports.permissions);
    const input = calls[0]?.input ?? {};
    expect(input).toMatchObject({ TopicArn: topicArn, MessageStructure: 'json' });
    const message = JSON.parse(input.Message as string);
    // Machines (sqs, lambda, https, firehose) get the default.
    expect(Object.keys(message).sort()).toEqual(['default', 'email', 'sms']);
    expect(JSON.parse(message.default)).toEqual({ version: '1', ...outcome(), links: [{ to: 'resource', url: page }] });
    expect(message.email).toContain('Time to recover: 6 min 05 s');
    expect(message.sms).toBe(`${input.Subject}: ${outcome().reason}`);
  });

  test('get it on the topic that the policy routes it to', async () => {
    const routes = [{ when: { outcome: 'held' as const }, topicArn: `${topicArn}-held` }];
    const { outcome: tell, calls } = openChannel(people, { routes });
    for (const status of ['healed', 'held'] as const) await tell(outcome({ status }));
    expect(calls.map(({ input }) => input.TopicArn)).toEqual([topicArn, `${topicArn}-held`]);
  });

  test('can filter it by its attributes', async () => {
    const { outcome: tell, calls } = openChannel(people);
    await tell(outcome());
    const text = (StringValue: string) => ({ DataType: 'String', StringValue });
    expect(calls[0]?.input.MessageAttributes).toEqual({
      kind: text('outcome'),
      outcome: text('healed'),
      failure: text('instance-unreachable'),
      severity: text('critical'),
      resource: text('i-0a1b2c3d4e5f60718'),
      account: text('123456789012'),
      region: text('us-east-1'),
    });
  });

  // https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
  test('get attributes that SNS takes, whatever the resource is called and even if a place is unknown', async () => {
    const { outcome: tell, calls } = openChannel(people);
    await tell(outcome({ region: '', resource: { type: 'alarm', id: `\u0007${'ü'.repeat(3000)}` } }));
    const attributes = Object.values(calls[0]?.input.MessageAttributes as Record<string, { StringValue: string }>);
    for (const { StringValue } of attributes) expect(StringValue).toMatch(/^[ -~]{1,256}$/);
  });

  test('get the longest story below what SNS takes', async () => {
    const { outcome: tell, calls } = openChannel(people);
    await tell(longStory);
    expect(Buffer.byteLength(calls[0]?.input.Message as string)).toBeLessThan(256 * 1024);
  });

  test('get a story that is just not shortened below what SNS takes, in every protocol together', async () => {
    const { outcome: tell, calls } = openChannel(people);
    const entry = { at: '2026-11-20T12:00:00.000Z', phase: 'look' as const, text: '"ü"'.repeat(200) };
    let story = outcome({ timeline: [] });
    while (JSON.stringify(story).length < 40_000) story = outcome({ timeline: [...story.timeline, entry] });
    await tell(story);
    expect(Buffer.byteLength(calls[0]?.input.Message as string)).toBeLessThan(256 * 1024);
  });

  test('have not been told what SNS refuses', async () => {
    const { outcome: tell } = openChannel(people, {}, sdkError('AuthorizationErrorException', 403));
    await expect(tell(outcome())).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
  });
});
