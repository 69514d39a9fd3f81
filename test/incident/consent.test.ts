import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { stopStartInstance } from '../../shared/actions/stop-start-instance.ts';
import { createConsent } from '../../shared/incident/consent.ts';
import type { Asked } from '../../shared/incident/durable.ts';
import { createJournal } from '../../shared/incident/journal.ts';
import type { ApprovalRequest, Reporter } from '../../shared/incident/reporter.ts';
import { simpleEngine } from './engine.ts';
import { incident, noon } from './examples.ts';

const own = incident();
const other = { type: 'instance', id: 'i-0ffffffffffffffff' } as const;

const asking = async (answer: Asked) => {
  const engine = simpleEngine({ start: noon, answers: () => answer });
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  await journal.persist('open', async () => null);
  const asked: ApprovalRequest[] = [];
  const reporter = { ask: async (request: ApprovalRequest) => void asked.push(request) } as unknown as Reporter;
  const consent = createConsent(engine.durable, journal, reporter, 600);
  const said = await consent.ask(own, rebootInstance, own.resource, 'reboot it', 'the policy says so');
  return { consent, said, asked, timeline: journal.timeline.map(({ text }) => text), has: () => consent.has(rebootInstance, own.resource) };
};
const answered = (answer: unknown): Asked => ({ answer: typeof answer === 'string' ? answer : JSON.stringify(answer) });

describe('asking a person', () => {
  test('says what would be done to what and why, and until when there is time', async () => {
    const { asked } = await asking(answered({ decision: 'approve' }));
    expect(asked).toMatchObject([
      {
        incident: own,
        action: 'reboot-instance',
        target: own.resource,
        what: 'reboot it',
        why: 'the policy says so',
        callbackId: 'callback',
        expiresAt: noon + 600_000,
      },
    ]);
  });

  test('takes a yes for one action on one thing, and for no other', async () => {
    const { said, consent, timeline } = await asking(answered({ decision: 'approve', by: 'alice' }));
    expect(said).toBeNull();
    expect(consent.has(rebootInstance, own.resource)).toBe(true);
    expect(consent.has(stopStartInstance, own.resource)).toBe(false);
    expect(consent.has(rebootInstance, other)).toBe(false);
    expect(consent.has(rebootInstance, { ...own.resource, type: 'group' })).toBe(false);
    expect(timeline.at(-1)).toBe('alice said approve');
  });

  test.each<[string, Asked, string]>([
    ['a no', answered({ decision: 'reject', by: 'alice' }), 'alice decided not to reboot it'],
    ['silence', 'silence', 'nobody decided within 10 min 00 s whether to reboot it'],
    ['another word', answered({ decision: 'approved' }), 'could not be read'],
    ['no JSON', answered('approve'), 'could not be read'],
    ['an empty answer', answered(''), 'could not be read'],
    ['null', answered(null), 'could not be read'],
    ['a name that is too long', answered({ decision: 'approve', by: 'x'.repeat(201) }), 'could not be read'],
  ])('takes %s for no yes', async (_, answer, reason) => {
    const { said, has } = await asking(answer);
    expect(said).toEqual({ status: 'held', reason: expect.stringContaining(reason) });
    expect(has()).toBe(false);
  });

  test('has a person told where nobody can be asked', async () => {
    const { said, has } = await asking({ unreachable: 'nobody subscribes' });
    expect(said).toEqual({
      status: 'escalated',
      reason: 'the policy says so; nobody could be asked whether to reboot it: nobody subscribes',
    });
    expect(has()).toBe(false);
  });

  test('is left out where a yes is assumed, which counts for that action alone', async () => {
    const { consent } = await asking('silence');
    consent.assume(stopStartInstance, other);
    expect(consent.has(stopStartInstance, other)).toBe(true);
    expect(consent.has(stopStartInstance, own.resource)).toBe(false);
  });
});
