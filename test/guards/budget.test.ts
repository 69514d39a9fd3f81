import { describe, expect, test } from '@jest/globals';
import { rebootInstance } from '../../shared/actions/reboot-instance.ts';
import { budget } from '../../shared/guards/budget.ts';
import type { GuardInput } from '../../shared/guards/guard.ts';
import { incident, noon } from '../remediation/examples.ts';
import { effective, guardInput } from './examples.ts';

const minute = 60_000;
const begun = (...minutesAgo: number[]) =>
  minutesAgo.map((ago) => ({ at: noon - ago * minute, action: 'reboot-instance', incident: 'another' }));
const ask = (...minutesAgo: number[]) =>
  budget.check(guardInput({ policy: effective({ budget: { actions: 3, window: 3600 } }), attempts: () => begun(...minutesAgo) }));

describe('budget', () => {
  test.each([
    ['nothing was tried', []],
    ['fewer were tried than the budget allows', [1, 2]],
    ['one that is done whenever it is needed was begun at this moment', [0]],
    ['more were tried, but too long ago', [70, 80, 90, 100, 1]],
    ['one of them was tried a whole window ago', [1, 2, 60]],
  ])('passes where %s', (_, ago) => {
    expect(ask(...ago)).toEqual({ answer: 'pass' });
  });

  test.each([
    ['the budget is used up', [1, 2, 3]],
    ['more than the budget was tried', [1, 2, 3, 4]],
    ['the oldest is just inside the window', [1, 2, 59.99]],
    ['the clock of another has run ahead', [-5, -3, -1]],
  ])('escalates where %s', (_, ago) => {
    expect(ask(...ago)).toMatchObject({ answer: 'escalate' });
  });

  test('counts what other incidents tried', () => {
    expect(budget.check(guardInput({ attempts: () => begun(1, 2, 3, 4, 5, 6) }))).toMatchObject({
      answer: 'escalate',
      reason: expect.stringContaining('6 actions on instance'),
    });
  });

  test('escalates what is done once in a while, and was done by another incident', () => {
    const once = { ...rebootInstance, once: () => 7200 };
    const check = (ago: number, change: Partial<GuardInput> = {}) =>
      budget.check(guardInput({ attempts: () => begun(ago), action: once, ...change }));
    expect(check(119)).toMatchObject({ answer: 'escalate', reason: expect.stringContaining('once in 2 h') });
    expect(check(120)).toEqual({ answer: 'pass' });
    expect(check(1, { attempts: () => [{ at: noon, action: 'scale-out', incident: 'another' }] })).toEqual({ answer: 'pass' });
    expect(check(1, { attempts: () => [{ at: noon, action: 'reboot-instance', incident: incident().key }] })).toEqual({ answer: 'pass' });
  });

  test('counts what is done so many times in a while, whatever the budget is', () => {
    const limited = { ...rebootInstance, limit: { times: 2, within: 7200 } };
    const check = (...ago: number[]) => budget.check(guardInput({ attempts: () => begun(...ago), action: limited }));
    expect(check(1, 119)).toMatchObject({ answer: 'escalate', reason: expect.stringContaining('2 times in 2 h') });
    expect(check(1, 120)).toEqual({ answer: 'pass' });
    expect(check(119)).toEqual({ answer: 'pass' });
  });

  test('holds where nobody knows what was tried', () => {
    expect(budget.check(guardInput({ attempts: () => undefined }))).toMatchObject({ answer: 'hold' });
  });
});
