import { expect, test } from '@jest/globals';
import { EventuallyConsistent } from '../../src/services/autoscaling/model/describe-view.ts';

test('a change is seen when its time has come, and never before the change that it follows', () => {
  const value = new EventuallyConsistent('pending');
  expect(value.set(30, 'waiting')).toBe(30);
  expect(value.set(20, 'in service')).toBe(30);
  expect(value.set(40, 'gone')).toBe(40);
  expect(value.seen(29)).toBe('pending');
  expect(value.seen(30)).toBe('in service');
  expect(value.seen(40)).toBe('gone');
});
