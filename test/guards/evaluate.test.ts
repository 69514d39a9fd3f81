import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { defineGuard, dryRunOnly, escalate, type Guard, hold, holdForNow, pass, requireApproval } from '../../shared/guards/guard.ts';
import { guards } from '../../shared/guards/index.ts';
import { guardInput } from './examples.ts';

const saying = (id: string, answer: unknown): Guard => ({ id, check: () => answer as never });
const throwing = (error: unknown) =>
  defineGuard({
    id: 'broken',
    check: () => {
      throw error;
    },
  });
const yes = saying('yes', pass);
const error = (name: string, status?: number) =>
  Object.assign(new Error('words'), { name, ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }) });

describe('asking the guards', () => {
  test('passes where all pass, and names them', async () => {
    expect(await evaluateGuards([yes, saying('also', pass)], guardInput())).toEqual({
      answer: 'pass',
      text: 'all pass: yes, also',
      answers: [
        { guard: 'yes', answer: 'pass' },
        { guard: 'also', answer: 'pass' },
      ],
    });
  });

  test('shortens a reason, which may contain what others have written', async () => {
    const long = saying('long', hold('x'.repeat(1001)));
    expect(await evaluateGuards([long], guardInput())).toMatchObject({
      ...{ answer: 'hold', reason: 'x'.repeat(1000) },
      answers: [{ guard: 'long', answer: 'hold', reason: 'x'.repeat(300) }],
    });
  });

  test('hands on that the action may only be rehearsed, with the first reason', async () => {
    const asked = [yes, saying('a', dryRunOnly('a says so')), saying('b', dryRunOnly('b says so')), yes];
    expect(await evaluateGuards(asked, guardInput())).toMatchObject({
      answer: 'pass',
      text: 'all pass: yes, a, b, yes, but only in a dry run: a says so',
      dryRunOnly: 'a says so',
    });
  });

  test('hands that on with the question to a person too, so that nobody is asked about a rehearsal', async () => {
    const asked = [saying('a', dryRunOnly('a says so')), saying('b', requireApproval('may I?'))];
    expect(await evaluateGuards(asked, guardInput())).toMatchObject({ answer: 'ask', reason: 'may I?', dryRunOnly: 'a says so' });
    expect(await evaluateGuards([yes, saying('b', requireApproval('may I?'))], guardInput())).not.toHaveProperty('dryRunOnly');
  });

  test('stops at the first that does not pass, and asks none after it', async () => {
    const asked: string[] = [];
    const listening = (id: string, answer = pass) =>
      defineGuard({
        id,
        check: () => {
          asked.push(id);
          return answer;
        },
      });
    const answer = await evaluateGuards([listening('a'), listening('b', hold('no')), listening('c', escalate('never'))], guardInput());
    expect(answer).toEqual({
      answer: 'hold',
      guard: 'b',
      reason: 'no',
      text: 'b says hold: no (passed: a)',
      answers: [
        { guard: 'a', answer: 'pass' },
        { guard: 'b', answer: 'hold', reason: 'no' },
      ],
    });
    expect(asked).toEqual(['a', 'b']);
  });

  test('hands on that a hold may pass', async () => {
    expect(await evaluateGuards([saying('x', holdForNow('busy'))], guardInput())).toMatchObject({ answer: 'hold', passing: true });
  });

  test.each([
    ['denied', error('UnauthorizedOperation', 403), false],
    ['throttled', error('RequestLimitExceeded', 503), true],
    ['lost on the way', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), true],
    ['broken in itself', new TypeError("can't read properties of undefined"), true],
    ['thrown as text', 'oops', true],
    ['thrown as undefined', undefined, true],
  ])('takes a look-up that is %s for a hold', async (_, thrown, passing) => {
    const answer = await evaluateGuards([yes, throwing(thrown), yes], guardInput());
    expect(answer).toMatchObject({ answer: 'hold', passing, reason: expect.stringContaining('broken could not check') });
  });

  test('takes a promise that is rejected for a hold', async () => {
    const guard = defineGuard({ id: 'late', check: () => Promise.reject(error('AccessDeniedException', 400)) });
    expect(await evaluateGuards([guard], guardInput())).toMatchObject({ answer: 'hold', passing: false });
  });

  test('takes anything that is no answer for a hold', async () => {
    const nonsense = fc
      .anything()
      .filter((value) => !['pass', 'hold', 'skip', 'ask', 'escalate'].includes((value as { answer?: string } | null)?.answer ?? ''));
    await fc.assert(
      fc.asyncProperty(nonsense, async (value) => {
        expect(await evaluateGuards([saying('odd', value)], guardInput())).toMatchObject({ answer: 'hold', reason: 'odd gave no answer' });
      }),
    );
  });

  test('asks the real guards for the opt-in first, for the lease late, and for the budget under it', () => {
    const order = guards.map(({ id }) => id);
    expect(order[0]).toBe('opt-in');
    expect(order.indexOf('lease')).toBeGreaterThan(order.indexOf('still-failing'));
    expect(order.indexOf('budget')).toBeGreaterThan(order.indexOf('lease'));
    expect(new Set(order).size).toBe(order.length);
  });

  test('passes nothing through the real guards while no look-up answers', async () => {
    const lost = () => Promise.reject(error('InternalError', 500));
    const answer = await evaluateGuards(guards, guardInput({ lease: lost, take: lost }));
    expect(answer).toMatchObject({ answer: 'hold', reason: expect.stringContaining('could not check') });
  });

  test('takes no lease for what an earlier guard holds', async () => {
    let taken = 0;
    const lease = async () => {
      taken++;
      return { acquired: true, attempts: [] } as const;
    };
    await evaluateGuards(guards, guardInput({ facts: { ...guardInput().facts, instance: null }, lease: lease as never }));
    expect(taken).toBe(0);
  });
});
