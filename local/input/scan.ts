/** Follows the text of one JSON object or list to its end, in as many pieces as it comes in. */
export type Scan = {
  /** Takes `text` from `from` on. Where the value ends; where it shows to be none; or `more`, if the text ends before it does. */
  on(text: string, from: number): { end: number } | { broken: number } | 'more';
};

/** Deeper than anything that AWS sends. What never ends is noticed sooner for it. */
const deepest = 200;

const [quote, backslash, comma, colon, openList, closeList, openObject, closeObject] = [...'"\\,:[]{}'].map((one) => one.charCodeAt(0));

/** What numbers, true, false and null consist of. */
const literals = new Set([...'+-.0123456789aeflnrstuE'].map((one) => one.charCodeAt(0)));

type Token = 'open' | 'comma' | 'colon' | 'value' | 'literal';

/**
 * Not a parser: whether the value is JSON is for `JSON.parse` to say. It only has to be strict enough to see soon that a line was cut
 * off, before it has taken all that follows for a part of it.
 */
export const createScan = (): Scan => {
  const closers: number[] = [];
  let token: Token = 'colon';
  let inString = false;
  let escaped = false;

  /** Whether a value, or a member's name, may begin here; a name must be a string. */
  const mayBegin = (string: boolean): boolean => {
    if (token === 'value' || token === 'literal') return false;
    return string || token === 'colon' || closers.at(-1) !== closeObject;
  };

  const on: Scan['on'] = (text, from) => {
    for (let i = from; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (inString) {
        if (escaped) escaped = false;
        else if (code === backslash) escaped = true;
        else if (code === quote) {
          inString = false;
          token = 'value';
        }
      } else if (code === quote) {
        if (!mayBegin(true)) return { broken: i };
        inString = true;
      } else if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
        if (token === 'literal') token = 'value';
      } else if (code === openObject || code === openList) {
        if (!mayBegin(false) || closers.length === deepest) return { broken: i };
        closers.push(code === openObject ? (closeObject as number) : (closeList as number));
        token = 'open';
      } else if (code === closeObject || code === closeList) {
        if (closers.pop() !== code || token === 'comma' || token === 'colon') return { broken: i };
        token = 'value';
        if (closers.length === 0) return { end: i + 1 };
      } else if (code === comma || code === colon) {
        if (token !== 'value' && token !== 'literal') return { broken: i };
        token = code === comma ? 'comma' : 'colon';
      } else {
        if ((token !== 'literal' && !mayBegin(false)) || !literals.has(code)) return { broken: i };
        token = 'literal';
      }
    }
    return 'more';
  };
  return { on };
};
