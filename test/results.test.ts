import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  type ActionResult,
  formatResult,
  hadNoEffect,
  mayHaveActed,
  resultOf,
  wasDone,
  wasNotBegun,
  wouldBeDone,
} from '../shared/model/action-result.ts';
import { failureIds } from '../shared/model/failure-id.ts';
import { failureInKey, incidentKey, successorOf } from '../shared/model/incident.ts';
import { isGapNote, notAsked } from '../shared/model/outcome.ts';

describe('the result of an action', () => {
  test.each<[string, ActionResult, string]>([
    ['done', { status: 'done' }, 'done acted'],
    ['would', { status: 'would' }, 'would no-effect not-begun'],
    ['not begun', { status: 'not-begun' }, 'no-effect not-begun'],
    ['throttled: RequestLimitExceeded', { status: 'throttled', code: 'RequestLimitExceeded' }, 'no-effect'],
    ['refused: Client.A: b', { status: 'refused', code: 'Client.A: b' }, 'no-effect'],
    ['uncertain: Interrupted', { status: 'uncertain', code: 'Interrupted' }, 'acted'],
    ['of another version', { status: 'unknown', text: 'of another version' }, ''],
  ])('%s is read as it was written', (result, read, means) => {
    expect(resultOf({ result })).toEqual(read);
    expect(formatResult(read)).toBe(result);
    const predicates = { done: wasDone, would: wouldBeDone, acted: mayHaveActed, 'no-effect': hadNoEffect, 'not-begun': wasNotBegun };
    const found = Object.entries(predicates).flatMap(([name, holds]) => (holds({ result }) ? [name] : []));
    expect(found.join(' ')).toBe(means);
  });

  test('is known as text in one file', () => {
    const root = new URL('../', import.meta.url).pathname;
    const texts = /\bresult [!=]== '(?:done|would|not begun)'|startsWith\('(?:uncertain|refused|throttled|not (?:asked|begun))/;
    const found = ['shared', 'local', 'functions'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts') && texts.test(readFileSync(join(root, folder, path), 'utf8')))
        .map((path) => join(folder, path)),
    );
    expect(found).toEqual([]);
  });
});

test.each(failureIds)('the key of an incident of %s names its failure class, and so does its successor’s', (failure) => {
  const resource = { type: 'instance', id: 'i-0a1b2c3d4e5f60718' } as const;
  const key = incidentKey({ failure, resource, account: '111122223333', region: 'us-west-2', at: 0, alarm: null });
  expect([failureInKey(key), failureInKey(successorOf(key))]).toEqual([failure, failure]);
});

test('the key of anything else names none', () => {
  expect(['', 'unknown-0a1b', 'host-impaired', 'host-impaired-too-0a1b'].map(failureInKey)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('that nobody asked what has changed is no gap in what is told', () => {
  expect([notAsked(), notAsked('it healed by itself')]).toEqual(['not asked', 'not asked: it healed by itself']);
  expect([null, 'not asked', 'not asked: x', 'CloudTrail was throttled'].map(isGapNote)).toEqual([false, false, false, true]);
});
