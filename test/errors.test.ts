import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { classifyError } from '../shared/aws/call.ts';
import { CodedError, errorMessage, errorName, isNamed, RefusedError, SelfhealError } from '../shared/model/errors.ts';
import { parseJson } from '../shared/model/json.ts';
import { tagMap } from '../shared/model/tags.ts';

const root = new URL('../', import.meta.url).pathname;
const sources = ['shared', 'functions', 'local', 'tools'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(root, folder, path), 'utf8') })),
);

describe('errors', () => {
  test('are one hierarchy, and their names end in Error', () => {
    const classes = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/class (\w+) extends (\w*Error)\b/g)].map(([, name = '', base = '']) => ({ path, name, base })),
    );
    expect(classes.length).toBeGreaterThan(12);
    const root = new Set(['SelfhealError', 'CodedError', 'RefusedError']);
    expect(classes.filter(({ name, base }) => !name.endsWith('Error') || !(root.has(base) || name === 'SelfhealError'))).toEqual([]);
  });

  test('are asked for their names in one way, and made in one', () => {
    const idiom = /error as \{ name|as Error\)\.(?:name|message)|Object\.assign\(new Error/;
    // What plays a service answers as that service does.
    expect(sources.filter(({ text }) => idiom.test(text)).map(({ path }) => path)).toEqual(['local/testbed/engine/durable.ts']);
  });

  test('tell their name and what they say, whatever was thrown', () => {
    expect([new CodedError('X', 'y'), { name: 'X' }, { name: 7 }, 'X', null, undefined].map(errorName)).toEqual(['X', 'X', '', '', '', '']);
    expect([new CodedError('X', 'y'), 'text', null].map(errorMessage)).toEqual(['y', 'text', 'null']);
    expect(isNamed(new CodedError('X', 'y'), 'Z', 'X')).toBe(true);
    expect(new CodedError('X', 'y')).toBeInstanceOf(SelfhealError);
  });

  test('carry their code into outcomes, and whether another try may mend them', () => {
    expect(classifyError(new CodedError('SwitchedOff', 'x'))).toEqual({ kind: 'uncertain', code: 'SwitchedOff', message: 'x' });
    expect(classifyError(new RefusedError('ClusterNotFound', 'x'))).toEqual({ kind: 'refused', code: 'ClusterNotFound', message: 'x' });
  });
});

test('what is no JSON text has no value, and null has', () => {
  expect(['{"a":[1]}', 'null', '', '{'].map(parseJson)).toEqual([{ a: [1] }, null, undefined, undefined]);
});

test('tags without a key are none, and a value that is left out is empty', () => {
  expect(tagMap([{ Key: 'a', Value: 'b' }, { Key: 'c' }, { Value: 'd' }])).toEqual({ a: 'b', c: '' });
  expect([tagMap(undefined), tagMap(null)]).toEqual([{}, {}]);
});
