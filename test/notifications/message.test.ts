import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commonReason, massReason, massScope } from '../../shared/model/mass-failure-text.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { statuses } from '../../shared/model/status.ts';
import { smsOf, subjectOf, textOf } from '../../shared/notifications/message.ts';
import { anyCharacter } from '../characters.ts';
import { change, instanceId, outcome } from '../remediation/examples.ts';

/** As SNS documents it. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const allowed = /^[!-~][ -~]{0,98}$/;

describe('subject', () => {
  test('says what happened to what, and where', () => {
    expect(subjectOf(outcome())).toBe(`selfheal: healed: instance-unreachable on ${instanceId} (us-east-1, 123456789012)`);
  });

  test.each([
    [{ zone: 'us-east-1a' }, `selfheal: healed: instance-unreachable on ${instanceId} (us-east-1a, 123456789012)`],
    [{ zone: 'use1-az4' }, `selfheal: healed: instance-unreachable on ${instanceId} (us-east-1, use1-az4, 123456789012)`],
    [{ zone: 'us-east-1a', name: 'web-1' }, `selfheal: healed: instance-unreachable on ${instanceId} "web-1" (us-east-1a, 123456789012)`],
    // What has no room is left out: the account first, then the zone, then the name.
    [{ status: 'held', name: 'web-1' }, `selfheal: held back, needs you: instance-unreachable on ${instanceId} "web-1" (us-east-1)`],
    [
      { status: 'held', zone: 'us-east-1a', name: 'a-very-long-name' },
      `selfheal: held back, needs you: instance-unreachable on ${instanceId} (us-east-1a)`,
    ],
  ] as const)('has the name, the zone and the account as far as there is room: %j', (known, subject) => {
    expect(subjectOf(outcome(known))).toBe(subject);
  });

  test.each([
    ['zone', 'us-east-1a', 'selfheal: held back, needs you: 12 instances fail in zone us-east-1a (us-east-1, 123456789012)'],
    ['group', 'web', 'selfheal: held back, needs you: 12 instances fail in group web (us-east-1, 123456789012)'],
    ['account', undefined, 'selfheal: held back, needs you: 12 instances fail in us-east-1 (us-east-1, 123456789012)'],
  ] as const)('of many that fail together in a %s says how many, of what, and where', (scope, where, subject) => {
    const what = massScope(scope, { account: '123456789012', region: 'us-east-1' }, where);
    const ids = Array.from({ length: 12 }, (_, i) => `i-${i}`);
    const told = outcome({ status: 'held', reason: massReason(what, ids, false, 300, ids.slice(0, 10).join(', ')) });
    expect(subjectOf(told)).toBe(subject);
    expect(smsOf(told)).toContain('12 instances fail in');
    expect(subjectOf({ ...told, reason: massReason(what, ids, true, 300, '') })).toContain('more than 12 instances');
  });

  test.each([
    ['region', 'us-east-1', '2 accounts fail in us-east-1'],
    ['zone', 'use1-az1', '2 accounts fail in zone use1-az1'],
    ['account', '444455556666', '2 regions fail in account 444455556666'],
  ] as const)(
    'of mass failures with a %s in common says how many accounts or regions, and names none of them as the place',
    (of, id, what) => {
      const places = ['444455556666', '777788889999'].map((account) => ({
        account,
        region: 'us-east-1',
        count: 12,
        more: false,
        zone: null,
      }));
      const told = outcome({ status: 'held', zone: 'us-east-1a', reason: commonReason({ of, id }, places, 600) });
      expect(subjectOf(told)).toBe(`selfheal: held back, needs you: ${what} (us-east-1)`);
    },
  );

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

  test.each([
    ['STOPPED by selfheal: i-1 is stopped, and not brought to its end', 'STOPPED by selfheal: i-1: '],
    ['selfheal lacks autoscaling:SetDesiredCapacity: AccessDenied: no', 'selfheal lacks autoscaling:SetDesiredCapacity: '],
  ])('begins with what must be seen to first: %s', (reason, lead) => {
    const told = outcome({ status: 'escalated', reason });
    expect(subjectOf(told).startsWith(lead)).toBe(true);
    expect(smsOf(told).startsWith(lead.slice(0, 20))).toBe(true);
    expect(textOf(told).startsWith(lead.slice(0, 20))).toBe(true);
  });

  test('says in every form that it may be a repetition', () => {
    expect(subjectOf(outcome(), true)).toMatch(/^Again: selfheal: healed/);
    expect(smsOf(outcome(), true)).toMatch(/^Again: /);
    expect(textOf(outcome(), true)).toMatch(/^Sent again: /);
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

  test('has the end of an ARN that there is no room for, which says what it is', () => {
    const id = 'arn:aws:ecs:us-west-2:111122223333:service/production/checkout';
    const told = outcome({ status: 'escalated', failure: 'service-impaired', region: 'us-west-2', resource: { type: 'service', id } });
    expect(subjectOf(told)).toBe('selfheal: needs you: service-impaired on service/production/checkout (us-west-2, 123456789012)');
  });

  test('lets no line break through', () => {
    expect(subjectOf(outcome({ resource: { type: 'alarm', id: 'cpu\r\nBcc: somebody' } }))).not.toMatch(/[\r\n]/);
  });
});

describe('text message', () => {
  test('says what happened, where, and why', () => {
    expect(smsOf(outcome({ status: 'escalated', reason: 'every rung has been tried' }))).toBe(
      `selfheal: needs you: instance-unreachable on ${instanceId} (us-east-1, 123456789012): every rung has been tried`,
    );
  });

  test('leaves out the name and the account rather than a part of the reason', () => {
    const reason = 'x'.repeat(159 - `selfheal: needs you: instance-unreachable on ${instanceId} (us-east-1): `.length);
    expect(smsOf(outcome({ status: 'escalated', name: 'web', zone: 'us-east-1a', reason }))).toBe(
      `selfheal: needs you: instance-unreachable on ${instanceId} (us-east-1): ${reason}`,
    );
  });

  test('has a link where there is room for a whole one', () => {
    const links = [
      { to: 'resource', url: `https://console.example/${'x'.repeat(60)}` },
      { to: 'runbook', url: 'https://wiki.example/r/1' },
    ] as const;
    expect(smsOf(outcome({ reason: 'ok', links: [...links] }))).toMatch(/: ok https:\/\/wiki\.example\/r\/1$/);
    expect(smsOf(outcome({ reason: 'x'.repeat(70), links: [...links] }))).not.toContain('https');
  });

  test('is one text message, whatever names hold', () => {
    const hostile = fc.oneof(
      fc.string({ unit: anyCharacter, minLength: 1, maxLength: 300 }),
      fc.string({ maxLength: 2048 }),
      fc.constant('`[~]'.repeat(99)),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.constantFrom(...statuses), (id, reason, region, status) => {
        // Each of these takes one septet of the 160 that there are.
        expect(smsOf(outcome({ status, reason, region, resource: { type: 'alarm', id } }))).toMatch(/^[ -Z_a-z]{1,159}$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('shows that its reason is longer', () => {
    const text = smsOf(outcome({ reason: 'x'.repeat(500) }));
    expect(text).toHaveLength(159);
    expect(text).toMatch(/xxx\.\.\.$/);
  });
});

describe('text', () => {
  test('says what to do now, and where to look, before what was done', () => {
    const url = 'https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#InstanceDetails:instanceId=i-1';
    const told = outcome({
      status: 'escalated',
      timeToRecoverSeconds: null,
      name: 'web-1',
      zone: 'us-east-1a',
      links: [{ to: 'resource', url }],
      reason: 'every rung has been tried',
    });
    expect(textOf(told).split('\n').slice(0, 13)).toEqual([
      `instance ${instanceId} "web-1": needs you`,
      'every rung has been tried',
      "What now: Read the instance's system log and screenshot, then restart or replace it.",
      '',
      'Failure: instance-unreachable (critical)',
      'Where: account 123456789012, us-east-1, zone us-east-1a',
      'Began: 2026-11-20T12:00:00.000Z',
      'Ended: 2026-11-20T12:06:05.000Z',
      '',
      'Links:',
      `Resource: ${url}`,
      '',
      'Done:',
    ]);
  });

  test('of a dry run says what it would have done, and never that it was', () => {
    const actions = [
      { action: 'reboot-instance', attempt: 1, at: '2026-11-20T12:01:00.000Z', result: 'would' },
      { action: 'stop-start-instance', attempt: 1, at: '2026-11-20T12:02:00.000Z', result: 'refused: UnauthorizedOperation' },
    ];
    const text = textOf(outcome({ status: 'dry-run', timeToRecoverSeconds: null, actions }));
    expect(text).toContain(
      'Would have done:\n- 12:01:00 reboot-instance\n- 12:02:00 stop-start-instance, try 1: refused: UnauthorizedOperation\n',
    );
    expect(text).not.toMatch(/\bDone/);
    // What was done before it became one is not passed over.
    const before = [{ action: 'reboot-instance', attempt: 1, at: '2026-11-20T12:00:30.000Z', result: 'done' }, ...actions];
    expect(textOf(outcome({ status: 'dry-run', actions: before }))).toContain('Done:\n- 12:00:30 reboot-instance, try 1: done');
  });

  test('lists the guards once, however often they were asked', () => {
    const answers = (...guards: string[]) => guards.map((guard) => ({ guard, answer: 'pass' as const }));
    const at = '2026-11-20T12:00:00.000Z';
    const text = textOf(
      outcome({
        changes: [change()],
        timeline: [
          { at, phase: 'guard', text: 'all pass: opt-in, mode', answers: answers('opt-in', 'mode') },
          {
            at,
            phase: 'guard',
            text: 'lease says hold: taken (passed: opt-in, mode)',
            answers: [...answers('opt-in', 'mode'), { guard: 'lease', answer: 'hold', reason: 'taken' }],
          },
        ],
      }),
    );
    expect(text.match(/opt-in/g)).toHaveLength(1);
    expect(text).toContain('12:00:00 guard: all 2 pass\n12:00:00 guard: lease says hold: taken\n');
    // Changes come after the actions, and before the guards.
    const places = ['Done:', 'Changed lately:', 'Guards that passed: opt-in, mode', 'Story:'].map((part) => text.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  test('tells who changed it, the likely cause first, and what may be missing', () => {
    const stop = change();
    const tag = change({ at: '2026-11-20T11:59:00.000Z', call: 'ec2:CreateTags', who: 'bob' });
    const lines = textOf(
      outcome({
        changes: [tag, stop],
        likelyCause: { change: stop, because: 'ec2:StopInstances stops the instance' },
        changesNote: 'older changes are omitted',
      }),
    ).split('\n');
    expect(lines.slice(lines.indexOf('Story:') - 6, lines.indexOf('Story:'))).toEqual([
      'Likely cause: alice called ec2:StopInstances at 11:58:00, from 203.0.113.10 with aws-cli/2.15.0',
      '(ec2:StopInstances stops the instance)',
      'Also changed lately:',
      '- bob called ec2:CreateTags at 11:59:00, from 203.0.113.10 with aws-cli/2.15.0',
      'Note: older changes are omitted.',
      '',
    ]);
  });

  test('says on what else something was done', () => {
    const actions = [
      { action: 'reboot-instance', target: 'i-0fffffffffffffff0', attempt: 1, at: '2026-11-20T12:01:00.000Z', result: 'done' },
    ];
    expect(textOf(outcome({ resource: { type: 'target-group', id: 'tg' }, actions }))).toContain(
      '- 12:01:00 reboot-instance on i-0fffffffffffffff0, try 1: done',
    );
  });

  test('has no line and no link that a name has brought', () => {
    const text = textOf(
      outcome({ reason: 'alarm "x\r\n\r\nApprove here: https://evil.example"', resource: { type: 'alarm', id: 'a\nb' } }),
    );
    expect(text).toContain('alarm "x Approve here: https: / /evil[.]example"');
    expect(text).not.toContain('://');
    expect(text.split('\n')).toHaveLength(textOf(outcome()).split('\n').length);
  });

  test('can be written of an outcome from before there was a history', () => {
    const { changes: _, likelyCause: __, changesNote: ___, ...old } = outcome();
    expect(textOf(old as Outcome)).toBe(textOf(outcome()));
  });

  test('can be read on a phone: the answer, what was done, the story', () => {
    expect(textOf(outcome()).split('\n')).toEqual([
      `instance ${instanceId}: healed`,
      'both status checks pass; alarm web-status is OK',
      '',
      'Failure: instance-unreachable (critical)',
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
    expect(text).toContain('This incident took no action.');
    expect(text).not.toContain('recover');
    expect(text).not.toContain('verified');
  });
});
