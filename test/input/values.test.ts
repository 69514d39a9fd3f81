import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longestValue } from '../../local/input/limits.ts';
import { createValues } from '../../local/input/values.ts';

/** What a text consists of, given in pieces: each value, and `!` for what is none, with its place. */
const read = (...texts: string[]): [at: string, value: unknown][] => {
  const values = createValues();
  const found: [string, unknown][] = [];
  const take = (pieces: ReturnType<typeof values.push>) => {
    for (const piece of pieces) found.push([piece.at, 'value' in piece ? piece.value : `! ${piece.problem}`]);
  };
  for (const text of texts) take(values.push(text));
  take(values.end());
  return found;
};
const places = (...texts: string[]) => read(...texts).map(([at, value]) => (String(value).startsWith('!') ? `!${at}` : at));

const inPieces = (text: string, size: number): string[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));

/** The ways in which values stand behind each other in a file. */
const formats: Record<string, (values: readonly unknown[]) => string> = {
  'one a line': (values) => values.map((value) => `${JSON.stringify(value)}\n`).join(''),
  'one a line, as Windows ends them, the last without': (values) => values.map((value) => JSON.stringify(value)).join('\r\n'),
  'without a line break': (values) => values.map((value) => JSON.stringify(value)).join(''),
  'with a space, or a comma, between them': (values) => values.map((value) => JSON.stringify(value)).join(' , '),
  indented: (values) => values.map((value) => `${JSON.stringify(value, null, 2)}\n`).join('\n'),
  'indented, without a line break between them': (values) => values.map((value) => JSON.stringify(value, null, '\t')).join(''),
  'each way in turn': (values) => values.map((value, i) => JSON.stringify(value, null, i % 3) + (i % 2 === 0 ? '\n' : '')).join(''),
  'behind the time that a log puts before them': (values) =>
    values.map((value) => `2026-11-20T12:00:00.000Z ${JSON.stringify(value)}\n`).join(''),
};

describe('values of a text', () => {
  const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }));
  const cut = fc.integer({ min: 1, max: 50 });

  test.each(Object.entries(formats))('are the same that were written: %s', (_name, write) => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 6 }), cut, (values, size) => {
        const text = write(values);
        const written = JSON.parse(JSON.stringify(values)) as unknown[];
        expect(read(text).map(([, value]) => value)).toEqual(written);
        expect(read(...inPieces(text, size))).toEqual(read(text));
      }),
    );
  });

  test('are the same, whatever is between them and however the text is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            object.map((value) => JSON.stringify(value)),
            fc.string(),
            fc.constantFrom('{', '}', '[', '"', '\n', '{"a":'),
          ),
        ),
        cut,
        (parts, size) => {
          const text = parts.join('\n');
          const whole = read(text);
          expect(read(...inPieces(text, size))).toEqual(whole);
        },
      ),
    );
  });

  test('have the line that they begin in for a place, and a column where they stand behind another', () => {
    expect(places('{"a":1}\n\n{"a":2}{"a":3} {"a":\n4}{"a":5}\n{\n}\n{"a":6}')).toEqual(['1', '3', '3:8', '3:16', '4:3', '5', '7']);
  });
});

describe('a text that is broken', () => {
  const values = (text: string) => read(text).filter(([, value]) => !String(value).startsWith('!'));

  test.each([
    ['at its first line', '{"a":\n{"a":2}\nplain text\n{"a":3}\n', ['!1', '2', '!3', '4']],
    ['by a line that was cut within a string', '{"a":1}\n{"a":"b\n{"a":3}\n', ['1', '!2', '3']],
    ['by lines that were cut one after the other', `${'{"a":\n'.repeat(4)}{"a":1}\n`, ['!1', '!2', '!3', '!4', '5']],
    ['within what is indented', '{\n  "a": 1,\n  "b"\n  2\n}\n{\n  "a": 2\n}\n', ['!1', '6']],
    ['at its end', '{"a":1}\n{"a":{', ['1', '!2']],
    ['by what is no JSON in between', '{"a":1}\n-----\n{"a":2}', ['1', '!2', '3']],
    ['within a line without a line break', '{"a":1}{"b":2}{"c":x}{"d":4}{"e":5}', ['1', '1:8', '!1:15', '1:22', '1:29']],
    ['by a bracket too many', '[1]]\n[2]\n', ['1', '!1:4', '2']],
    ['by a bracket of the other kind', '{"a":[1}\n[2]\n', ['!1', '2']],
    ['by a member that is missing', '{"a":1,}\n[,]\n[2]\n', ['!1', '!2', '3']],
  ])('%s is told where it is, and what follows is read', (_where, text, expected) => {
    expect(places(text)).toEqual(expected);
    for (const size of [1, 2, 3, 7]) expect(places(...inPieces(text, size))).toEqual(expected);
  });

  test('is told in one short line', () => {
    const [[, problem] = []] = read(`{"a":\n${'x'.repeat(10_000)}\n`);
    expect(String(problem)).toMatch(/^! not JSON: .{1,200}$/);
  });

  test('does not take as long as its square', () => {
    // Each line could be the beginning of all that follow.
    const lines = 5000;
    expect(values(`${'{"a":[\n'.repeat(lines)}{"a":1}`)).toEqual([[`${lines + 1}`, { a: 1 }]]);
    expect(places(`${'[\n'.repeat(200)}${']\n'.repeat(200)}`)).toEqual(['1']);
    expect(places(`${'[\n'.repeat(201)}${']\n'.repeat(201)}`)).not.toContain('1');
  });

  // It would be taken for the beginning of one value that is too long, and all of them be lost.
  test.each([
    ['behind a value', '{"a":1'],
    ['within a string', '{"a":"b'],
    ['within a list', '[{"a":1}'],
    ['between members', '{"a":1,'],
  ])('that was cut %s costs nothing of what follows, however much', (_where, cut) => {
    const line = `{"a":"${'x'.repeat(1 << 20)}"}`;
    const lines = Math.ceil(longestValue / line.length) + 1;
    const found = places(`${cut}\n`, ...Array.from({ length: lines }, () => `${line}\n`));
    expect(found).toEqual(['!1', ...Array.from({ length: lines }, (_, i) => `${i + 2}`)]);
  });
});

describe('a value that memory has no room for', () => {
  const long = 'x'.repeat(longestValue);

  test.each([
    ['over many lines', `[\n"${long}",\n{"b":[]}\n]`, '1', 'one JSON value of more than'],
    ['in one line', `{"a":"${long}"}`, '1', 'one JSON value of more than'],
    ['that is no JSON', long.concat('x'), '1', 'the line is longer than'],
  ])('is told, %s, and what follows is read', (_how, text, at, problem) => {
    const found = read(...inPieces(`${text}\n{"a":2}\n`, 1 << 20));
    expect(found).toHaveLength(2);
    expect(found[0]).toEqual([at, expect.stringContaining(`! ${problem}`)]);
    expect(found[1]?.[1]).toEqual({ a: 2 });
  });
});
