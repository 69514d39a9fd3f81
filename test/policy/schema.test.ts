import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readPolicyText } from '../../local/policy/read.ts';
import { keysIn, policyJsonSchema } from '../../local/policy/schema.ts';
import { policySchema } from '../../shared/model/policy.ts';

const schema = policyJsonSchema();
const keys = keysIn(schema);
const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');

describe('the schema of a policy', () => {
  test('is JSON Schema 2020-12, and knows every setting', () => {
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', additionalProperties: false });
    const { shape } = policySchema.def.innerType as unknown as { shape: object };
    expect(Object.keys(schema.properties ?? {})).toEqual(Object.keys(shape));
    expect(keys.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['modes[].when.tag.key', 'classification.alarms[].subject.dimension', 'classification.alarms[].subject.id']),
    );
  });

  test('says of every setting what it is for', () => {
    expect(
      keys.filter(({ schema: { description } }) => description === undefined || description.length < 3).map(({ path }) => path),
    ).toEqual([]);
  });

  test('has nothing that an editor would refuse and the check would not', () => {
    expect(keys.filter(({ required, schema: { default: fallback } }) => required && fallback !== undefined)).toEqual([]);
  });
});

test('the page on the policy has every setting, or one like it', () => {
  const rows = new Set([...page.matchAll(/^\| `([^`]+)`/gm)].map(([, path]) => path));
  const missing = keys.map(({ path }) => path).filter((path) => !rows.has(path));
  expect(missing.filter((path) => !path.startsWith('runbooks.'))).toEqual([]);
});

test('the example of the page can be used', () => {
  const text = readFileSync(new URL('../../docs/policy.example.yml', import.meta.url), 'utf8');
  expect(readPolicyText(text, 'policy.example.yml')).toHaveProperty('policy.mode', 'dry-run');
});
