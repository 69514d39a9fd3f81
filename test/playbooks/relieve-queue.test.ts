import { describe, expect, test } from '@jest/globals';
import { relieveQueue } from '../../shared/playbooks/relieve-queue.ts';
import { facts, group, queue } from '../remediation/examples.ts';
import { stepsFor } from './examples.ts';

const seen = (of: Parameters<typeof queue>[0], more = {}) => facts({ instance: null, status: null, queue: queue(of), ...more });

describe('relieve-queue', () => {
  test('moves dead letters back, and scales out a group that is named for a queue', () => {
    expect(stepsFor(relieveQueue, seen({}))).toEqual(['redrive']);
    expect(stepsFor(relieveQueue, seen({ sources: [], consumer: 'group/shop' }, { group: group() }))).toEqual(['scale-out']);
  });

  test.each([
    ['nothing is named for it', { sources: [] }],
    ['dead letters are not looked for', { sources: null }],
  ])('does nothing where %s', (_, of) => {
    expect(stepsFor(relieveQueue, seen(of, { group: group() }))).toEqual([]);
  });

  test('does nothing where the group that is named does not exist', () => {
    expect(stepsFor(relieveQueue, seen({ sources: [], consumer: 'group/shop' }))).toEqual([]);
  });

  test('moves once, is for what an alarm shows, and ends when that is over and no dead letter is left', () => {
    expect(relieveQueue.ladder[0]).toMatchObject({ tries: 1 });
    expect(relieveQueue.failing.map(({ id }) => id)).toEqual(['alarm-fires']);
    expect(relieveQueue.healthy.map(({ id }) => id)).toEqual(['queue-is-relieved', 'alarm-says-ok']);
  });
});
