import fc from 'fast-check';

const surrogates = { from: 0xd800, count: 0x800 };

/**
 * Any code point but lone surrogates, for `fc.string({ unit: anyCharacter })`: what fast-check's own unit `binary` gives, without the
 * table of all 1.1 million of them, which costs every test file a second and 85 MB.
 */
export const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - surrogates.count }).map(
  (index) => String.fromCodePoint(index < surrogates.from ? index : index + surrogates.count),
  (character) => {
    const point = typeof character === 'string' ? character.codePointAt(0) : undefined;
    if (point === undefined || character !== String.fromCodePoint(point)) throw new Error('not one character');
    if (point >= surrogates.from && point < surrogates.from + surrogates.count) throw new Error('a lone surrogate');
    return point < surrogates.from ? point : point - surrogates.count;
  },
);
