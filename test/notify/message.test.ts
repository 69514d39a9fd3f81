import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { statuses } from '../../shared/incident/outcome.ts';
import { subjectOf, textOf } from '../../shared/notify/message.ts';
import { anyCharacter } from '../characters.ts';
import { instanceId, outcome } from '../incident/examples.ts';

/** As SNS documents it. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const allowed = /^[!-~][ -~]{0,98}$/;

describe('subject', () => {
  test('says what happened to what, and where', () => {
    expect(subjectOf(outcome())).toBe(`selfheal: healed: instance-unreachable on ${instanceId} (us-east-1)`);
  });

  test.each([
    ['healed', 'healed'],
    ['healed-itself', 'healed by itself'],
    ['escalated', 'needs you'],
    ['held', 'held back, needs you'],
    ['failed', 'selfheal failed, needs you'],
    ['dry-run', 'dry run'],
  ] as const)('calls %s "%s"', (status, words) => {
    expect(subjectOf(outcome({ status }))).toContain(`selfheal: ${words}: `);
  });

  test('is one that SNS takes, whatever the resource and the region are called', () => {
    const hostile = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 300 }),
      fc.string({ maxLength: 2048 }),
      fc.constant('x'.repeat(2048)),
    );
    fc.assert(
      fc.property(hostile, fc.string({ unit: anyCharacter, maxLength: 30 }), fc.constantFrom(...statuses), (id, region, status) => {
        expect(subjectOf(outcome({ status, region, resource: { type: 'alarm', id } }))).toMatch(allowed);
      }),
      { numRuns: 1000 },
    );
  });

  test('keeps the beginning of a long name and its region, and shows the cut', () => {
    const arn = `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${'x'.repeat(200)}`;
    const subject = subjectOf(outcome({ resource: { type: 'target-group', id: arn } }));
    expect(subject).toMatch(/^selfheal: healed: instance-unreachable on arn:aws:elastic.*\.\.\. \(us-east-1\)$/);
    expect(subject).toHaveLength(99);
  });

  test('lets no line break through', () => {
    expect(subjectOf(outcome({ resource: { type: 'alarm', id: 'cpu\r\nBcc: somebody' } }))).not.toMatch(/[\r\n]/);
  });
});

describe('text', () => {
  test('can be read on a phone: the answer, what was done, the story', () => {
    expect(textOf(outcome()).split('\n')).toEqual([
      `instance ${instanceId}: healed`,
      'both status checks pass; alarm web-status is OK',
      '',
      'What: instance-unreachable (critical)',
      'Where: account 123456789012, us-east-1',
      'Began: 2026-11-20T12:00:00.000Z',
      'Ended: 2026-11-20T12:06:05.000Z',
      'Time to recover: 6 min 05 s, verified on two looks',
      '',
      'Done:',
      '- 12:01:00 reboot-instance, try 1: done',
      '',
      'Story:',
      '12:00:00 signal: instance-unreachable',
      `12:01:00 act: reboot instance ${instanceId}`,
      '',
      `Incident ${outcome().incident}`,
    ]);
  });

  test('says that nothing was done where nothing was, and claims no recovery', () => {
    const text = textOf(outcome({ status: 'held', verified: false, timeToRecoverSeconds: null, actions: [] }));
    expect(text).toContain('Nothing was done.');
    expect(text).not.toContain('recover');
    expect(text).not.toContain('verified');
  });
});
