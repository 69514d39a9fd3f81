import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../', import.meta.url);

/** Words that the field has another one for, by what says the same. */
const words: Record<string, RegExp> = {
  'notified, reported, said or known': /\b(told|Told[A-Z]\w*|told[A-Z]\w*)\b/,
  'a person, someone or others': /\bsomebody\b/i,
  'correlated failures': /\bneighbours?\b/i,
  observer: /\b(sight|createSight)\b/i,
  'step or pass': /\bclimb\w*/i,
  classify: /\bsortError\b/,
  ingest: /\btakeIn\b/,
  reconciled: /\bseenTo\b/i,
  'max…': /\bmost[A-Z]\w*/,
  'min…': /\bleast[A-Z]\w*/,
};

/** Where a former name has to stand: what is stored, what a policy or an outcome of before may say, and a metric. */
const former: Record<string, readonly string[]> = {
  'shared/aws/stored-names.ts': ['told', 'seenTo', 'told', 'told', 'told'],
  'shared/model/guard-id.ts': ['somebody'],
  'shared/notifications/metrics.ts': ['SeenTo', 'SeenTo', 'SeenTo'],
};

const found = (text: string): string[] =>
  Object.values(words)
    .flatMap((word) => [...text.matchAll(new RegExp(word, `g${word.flags}`))])
    .sort((a, b) => a.index - b.index)
    .map(([hit]) => hit);

const files = ['shared', 'functions'].flatMap((folder) =>
  readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${folder}/${path}`),
);

describe('what is deployed', () => {
  test('says what the field says, in each file', () => {
    expect(files.length).toBeGreaterThan(300);
    const hits = files.map((path) => [path, found(readFileSync(new URL(path, root), 'utf8'))] as const);
    expect(Object.fromEntries(hits.filter(([, one]) => one.length > 0))).toEqual(former);
  });

  test.each([
    ['const told = await attempt(send);', ['told']],
    ['throw new Error(`it was told by somebody`)', ['told', 'somebody']],
    ['const toldLooks = 1, mostLines = 2, leastWait = 3;', ['toldLooks', 'mostLines', 'leastWait']],
    ['// Neighbours climb at its sight.', ['Neighbours', 'climb', 'sight']],
    ['the most of them, at least; untold; insight', []],
  ])('is searched for such words: %s', (text, hits) => {
    expect(found(text)).toEqual(hits);
  });
});
