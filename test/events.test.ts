import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readEvent } from '../shared/failures/read.ts';
import { classificationSchema } from '../shared/model/classification.ts';
import { failureIds } from '../shared/model/failure-id.ts';
import { signalModules } from '../shared/signals/index.ts';

const root = new URL('../events/', import.meta.url).pathname;
const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'scenarios');
const files = folders.flatMap(({ name }) => readdirSync(join(root, name)).map((file) => `${name}/${file}`));
const expectations = files.filter((file) => file.endsWith('.expected.json'));
const samples = files.filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json'));

const json = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));

describe('sample events', () => {
  test('each has its expectation beside it, and each expectation its event', () => {
    expect(samples.length).toBeGreaterThanOrEqual(80);
    expect(expectations.map((file) => file.replace('.expected.json', '.json')).sort()).toEqual(samples.toSorted());
    expect(files.filter((file) => !file.endsWith('.json'))).toEqual([]);
  });

  test('together they show every failure class and every kind of signal', () => {
    const verdicts = samples.flatMap((file) => readEvent(json(file)).verdicts);
    expect([...new Set(verdicts.map(({ failure }) => failure))].filter((id) => id !== null).sort()).toEqual(failureIds.toSorted());
    expect([...new Set(verdicts.map(({ kind }) => kind))].sort()).toEqual([...new Set(signalModules.map(({ kind }) => kind))].sort());
  });

  test.each(samples)('%s is read as expected', (file) => {
    const { why, ...expected } = json(file.replace('.json', '.expected.json'));
    const { verdicts, rejected } = readEvent(json(file));
    expect(why).toMatch(/\S/);
    for (const verdict of verdicts) classificationSchema.parse(verdict);
    expect({
      rejected: rejected.map(({ record, error }) => ({ record, error })),
      signals: verdicts.map(({ failure, disposition, resource, account, region, playbook, reason }) => {
        return { failure, disposition, resource, account, region, playbook, reason };
      }),
    }).toEqual(expected);
  });
});
