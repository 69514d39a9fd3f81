import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decidedPage, overPage, plainPage, questionPage, undeliveredPage } from '../../shared/approvals/page.ts';
import type { Approval, Decision } from '../../shared/model/approval.ts';
import type { Foreseen } from '../../shared/model/foreseen.ts';
import { anyCharacter } from '../characters.ts';
import { noon } from '../remediation/examples.ts';
import { approval } from './examples.ts';

const hostile = `</dd></form><script>alert(1)</script><img src=x onerror="a">'"&amp;<form action=//evil>`;
const decision = (name: string | null): Decision => ({ decision: 'approve', name, from: '203.0.113.7', at: noon });

/** Every page, of a question of which every text is the given one. */
const pagesWith = (text: string): string[] => {
  const question: Approval = approval({
    what: text,
    why: text,
    reason: text,
    failure: text,
    severity: text,
    account: text,
    region: text,
    incident: text,
    target: { type: 'group', id: `${text}!` },
    resource: { type: 'instance', id: text },
    timeline: [{ at: text, phase: 'look', text }],
    foreseen: {
      downtime: { seconds: 60, source: text },
      address: 'changes',
      undo: text,
      tried: [{ at: text, action: text, attempt: 1, result: text }],
    },
  });
  return [
    questionPage(question, text, noon),
    questionPage(question, text, noon, { problem: text, experience: text }),
    decidedPage(question, decision(text)),
    undeliveredPage(question, decision(text), text),
    overPage(question),
    plainPage(text, text),
  ];
};

/** What a page is made of, without what it says: its tags, with their attributes' names. */
const skeleton = (page: string) =>
  [...page.matchAll(/<\/?([a-z0-9!]+)([^>]*)>/g)].map(
    ([, tag, attributes = '']) => `${tag} ${[...attributes.matchAll(/([a-z-]+)(=|\s|$)/g)].map(([, name]) => name)}`,
  );

describe('a page', () => {
  test('shows hostile text as text', () => {
    for (const page of pagesWith(hostile)) {
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page).not.toMatch(/<script|<img|onerror="|<form action=\/\//);
    }
  });

  test('has the same elements and attributes whatever its texts are', () => {
    const plain = pagesWith('x')
      .map((page) => page.replace(/"[^"]*"/g, '""'))
      .map(skeleton);
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: anyCharacter, maxLength: 200 }), fc.string({ unit: fc.constantFrom(...`<>"'&=/ax;#`) })),
        (text) => {
          expect(
            pagesWith(text)
              .map((page) => page.replace(/"[^"]*"/g, '""'))
              .map(skeleton),
          ).toEqual(plain);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  test('escapes what is in an attribute', () => {
    const page = questionPage(approval(), '"><b>', noon);
    expect(page).toContain('name="token" value="&quot;&gt;&lt;b&gt;"');
  });

  test('labels every field, and has one heading and one main part', () => {
    const page = questionPage(approval(), 't', noon);
    for (const [, id] of page.matchAll(/<input id="(\w+)"/g)) expect(page).toContain(`<label for="${id}">`);
    for (const [, id] of page.matchAll(/aria-describedby="(\w+)"/g)) expect(page).toContain(`id="${id}"`);
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page.match(/<main>/g)).toHaveLength(1);
    expect(page).toContain('<html lang="en">');
    expect(page).toContain('width=device-width');
  });

  test('sends its form in the body, to itself', () => {
    for (const page of [questionPage(approval(), 't', noon), undeliveredPage(approval(), decision('Ana'), 't')]) {
      expect(page.match(/<form[^>]*>/g)).toEqual(['<form method="post" action="/" autocomplete="off">']);
    }
  });

  test('names what would be changed where that is not what failed', () => {
    expect(questionPage(approval(), 't', noon)).not.toContain('<dt>To</dt>');
    expect(questionPage(approval({ target: { type: 'group', id: 'web' } }), 't', noon)).toContain('<dt>Target</dt><dd>group web</dd>');
  });

  test('says who decided without a name', () => {
    expect(decidedPage(approval(), decision(null))).toContain('approved by someone at 203.0.113.7');
  });

  test('says what will happen, as far as the question does', () => {
    const foreseen: Foreseen = {
      downtime: { seconds: 300, source: 'assumed' },
      address: 'changes',
      undo: null,
      tried: [{ at: '2026-11-20T11:58:00.000Z', action: 'reboot-instance', attempt: 1, result: 'done' }],
    };
    const said = (change: Partial<Foreseen> = {}) => questionPage(approval({ foreseen: { ...foreseen, ...change } }), 't', noon);
    for (const text of [
      '<dt>Expected downtime</dt><dd>about 5 min 00 s (assumed)</dd>',
      '<dt>Public address</dt><dd>it changes, as it is not an elastic one</dd>',
      '<dt>To undo it</dt><dd>it can not be undone</dd>',
      '<dt>Tried so far</dt><dd>reboot-instance at 11:58 UTC (done, and it has not healed it)</dd>',
    ])
      expect(said()).toContain(text);
    expect(said({ downtime: null, address: null })).toContain('<dd>none: it interrupts nothing</dd>');
    expect(said({ downtime: null, address: null })).not.toContain('Public address');
    expect(said({ downtime: { seconds: 60, source: 'policy' } })).toContain('at most 1 min 00 s (the policy gives it no longer)');
    expect(said({ downtime: { seconds: 60, source: 'https://docs.aws.amazon.com/x' } })).toContain('by AWS’s documentation');
    expect(said({ tried: [] })).toContain('nothing yet');
  });
});
