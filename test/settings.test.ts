import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { readJson } from '../shared/model/json.ts';
import { oneOf, problemsIn, settings, settingsFor } from '../shared/model/settings.ts';

const colour = oneOf(['red', 'green']);
const schema = settings({
  colour: colour.optional(),
  each: settingsFor(['left', 'right'], colour).optional(),
  either: z.union([settings({ colour }), settings({ size: z.number() })]).optional(),
});
const problems = (value: unknown) => {
  const { error } = schema.safeParse(value);
  return error ? problemsIn('it', error) : null;
};

describe('settings', () => {
  test.each([{}, { colour: 'red' }, { each: { left: 'green' } }, { either: { size: 1 } }])('take %j', (value) => {
    expect(problems(value)).toBeNull();
  });

  test.each([
    [{ color: 'red' }, 'it: (root): there is no setting "color"; did you mean colour?'],
    [{ a: 1, b: 2 }, 'it: (root): there is no setting "a", there is no setting "b"'],
    [{ colour: 'gren' }, 'it: colour: "gren" must be one of red, green; did you mean green?'],
    [{ colour: 7 }, 'it: colour: 7 must be one of red, green'],
    [{ each: { lift: 'red' } }, 'it: each: "lift" must be one of left, right; did you mean left?'],
    [{ each: { left: 'rad' } }, 'it: each.left: "rad" must be one of red, green; did you mean red?'],
    [{ either: { colour: 'rad' } }, 'it: either.colour: "rad" must be one of red, green; did you mean red?'],
    [{ colour: 'x', each: { up: 'red' } }, 'it: colour: "x" must be one of red, green; it: each: "up" must be one of left, right'],
  ])('refuse %j', (value, said) => {
    expect(problems(value)).toBe(said);
  });

  test('are read from JSON, in which nothing is an empty object', () => {
    expect([readJson('it', ' '), readJson('it', '{"a":1}')]).toEqual([{}, { a: 1 }]);
    expect(() => readJson('it', '{')).toThrow(/^it: not JSON: /);
  });
});
