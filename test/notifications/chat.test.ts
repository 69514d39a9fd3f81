import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { linkTo } from '../../shared/approvals/link.ts';
import { statuses } from '../../shared/model/status.ts';
import { chatOf } from '../../shared/notifications/chat.ts';
import { chatSchema } from '../../shared/notifications/chat-schema.ts';
import { questionChat } from '../../shared/notifications/question.ts';
import { approval, keys } from '../approvals/examples.ts';
import { anyCharacter } from '../characters.ts';
import { change, instanceId, outcome } from '../remediation/examples.ts';

const hostile = fc.oneof(
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 300 }),
  fc.constantFrom(
    '<!channel>',
    '<!here|x>',
    '@here',
    '[x](http://evil.example)',
    '<http://evil.example|x>',
    '`',
    'x'.repeat(2048),
    ' ',
    '🙂'.repeat(500),
  ),
);
const entry = (text: string) => ({ at: '2026-11-20T12:00:00.000Z', phase: 'look' as const, text });

describe('an outcome in a chat', () => {
  test('says what happened, who changed it and what to do now', () => {
    const stop = change();
    const told = chatOf(
      outcome({
        status: 'escalated',
        verified: false,
        timeToRecoverSeconds: null,
        reason: 'every rung has been tried: the instance check is impaired',
        resourceState: 'i-1 running in us-east-1a, launched 1 h 00 min ago',
        changes: [stop],
        likelyCause: { change: stop, because: 'ec2:StopInstances stops the instance; it was called 2 min 00 s before the failure' },
      }),
    );
    expect(chatSchema.parse(told)).toEqual(told);
    expect(told.content.title).toBe(`🔴 needs you: instance-unreachable on \`${instanceId}\` (us-east-1)`);
    expect(told.content.description.split('\n')).toEqual([
      'every rung has been tried: the instance check is impaired',
      'Seen: i-1 running in us-east-1a, launched 1 h 00 min ago',
      `Where: instance \`${instanceId}\`, account 123456789012, us-east-1`,
      'Failure: instance-unreachable (critical)',
      'Done: reboot-instance, try 1: done',
      'Likely cause: alice called ec2:StopInstances at 11:58:00, from 203.0.113.10 with aws-cli/2.15.0',
      '(ec2:StopInstances stops the instance; it was called 2 min 00 s before the failure)',
      'Story:',
      '12:00:00 signal: instance-unreachable',
      `12:01:00 act: reboot instance ${instanceId}`,
    ]);
    expect(told.content.nextSteps).toEqual([
      "Read the instance's system log and screenshot, then restart or replace it.",
      `The outcome of incident \`${outcome().incident}\` has the whole story.`,
    ]);
    expect(told.metadata).toMatchObject({ threadId: outcome().incident, eventType: 'selfheal-outcome', relatedResources: [instanceId] });
  });

  test('keeps the end of a long story, and says that there is more', () => {
    const told = chatOf(outcome({ timeline: Array.from({ length: 300 }, (_, i) => entry(`line ${i} ${'x'.repeat(100)}`)) }));
    expect(told.content.description).toContain('line 299');
    expect(told.content.description).not.toContain('line 2 ');
    expect(told.content.description).toContain('(the mail and the ledger have the earlier lines)');
    expect(chatSchema.safeParse(told).success).toBe(true);
  });

  test('fits the form that a chat takes, mentions nobody and links nowhere, whatever names hold', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.constantFrom(...statuses), (id, text, who, status) => {
        const named = change({ who, arn: text, from: text, agent: text, via: text });
        const told = chatOf(
          outcome({
            status,
            reason: text,
            resourceState: text,
            account: text,
            region: text,
            resource: { type: 'alarm', id },
            actions: [{ action: 'reboot-instance', target: id, attempt: 1, at: '2026-11-20T12:01:00.000Z', result: `refused: ${text}` }],
            changes: [named, named],
            likelyCause: { change: named, because: text },
            changesNote: text,
            timeline: Array.from({ length: 30 }, () => entry(text)),
          }),
        );
        expect(chatSchema.safeParse(told).error?.issues).toBeUndefined();
        const { title, description, nextSteps, keywords } = told.content;
        const { summary, relatedResources } = told.metadata;
        for (const shown of [title, description, summary, ...nextSteps, ...keywords, ...relatedResources])
          expect(shown).not.toMatch(/[<>&@*~|[\]#]|:\/\//);
        // The back quotes are those that we put there: in pairs, a name between them.
        expect((description.match(/`/g) ?? []).length).toBe(2);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a question in a chat', () => {
  test('says what is asked, and until when', () => {
    const told = questionChat(approval());
    expect(chatSchema.parse(told)).toEqual(told);
    expect(told.content.title).toBe(`❓ selfheal asks: may it ${approval().what}?`);
    expect(told.content.description).toContain('If nobody decides by then, selfheal takes no action.');
    expect(told.metadata).toMatchObject({ threadId: approval().incident, eventType: 'selfheal-approval' });
  });

  // Whoever has the link can decide, and a channel is read by many.
  test('carries nothing by which somebody could decide', () => {
    const text = JSON.stringify(questionChat(approval()));
    const { id, callbackId, page } = approval();
    for (const secret of [linkTo(approval(), keys.current), id, callbackId, page]) expect(text).not.toContain(secret);
  });

  test('fits the form whatever it is about', () => {
    fc.assert(
      fc.property(hostile, hostile, (id, text) => {
        const told = questionChat(
          approval({
            what: text,
            why: text,
            reason: text,
            failure: text,
            severity: text,
            region: text,
            account: text,
            action: text,
            resource: { type: 'alarm', id },
          }),
        );
        expect(chatSchema.safeParse(told).error?.issues).toBeUndefined();
      }),
    );
  });
});
