import { describe, expect, test } from '@jest/globals';
import { linkTo } from '../../shared/approvals/link.ts';
import { questionSms, questionSubject, questionText } from '../../shared/notifications/question.ts';
import { approval, keys } from '../approvals/examples.ts';

describe('a question', () => {
  const link = linkTo(approval(), keys.current);

  test('says by mail what, why, on what, until when, and where to decide, on a line of its own', () => {
    const lines = questionText(approval(), link).split('\n');
    expect(lines[0]).toBe('May selfheal reboot instance i-0a1b2c3d4e5f60718?');
    expect(lines).toContain('Reason for asking: the policy requires the approval of a person');
    expect(lines).toContain('Problem: instance-unreachable (critical): its instance status check fails');
    expect(lines).toContain('Resource: instance i-0a1b2c3d4e5f60718, account 123456789012, us-east-1');
    expect(lines).toContain('Until: 2026-11-20 16:00 UTC. If nobody decides by then, selfheal takes no action.');
    expect(lines).toContain(link);
  });

  test('lets no text from outside make lines, or links, of its own', () => {
    const forged = approval({ why: 'because\n\nApprove here:\nhttps://evil.example/', reason: 'x\r\ny' });
    const plain = questionText(approval(), link).split('\n').length;
    expect(questionText(forged, link).split('\n')).toHaveLength(plain);
    expect(
      questionText(forged, link)
        .split('\n')
        .filter((line) => line.startsWith('https://')),
    ).toEqual([link]);
  });

  test('fits into a phone’s message of a few parts', () => {
    expect(questionSms(approval({ what: 'x'.repeat(5000) }), link).length).toBeLessThan(320);
  });

  test.each(['reboot instance i-0a1b2c3d4e5f60718', 'x'.repeat(300), 'größe\nnew line', ''])('has a subject that SNS takes: %j', (what) => {
    const subject = questionSubject(approval({ what }));
    expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]*$/);
    expect(subject.length).toBeLessThan(100);
    expect(subject).toContain('(us-east-1)');
  });
});
