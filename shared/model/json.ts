import { errorMessage } from './errors.ts';

/** The value of a JSON text; undefined where it is none, which no JSON text says. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A value from JSON text; an empty text is an object without anything in it. Throws an Error that names what it was to be. */
export const readJson = (what: string, text: string): unknown => {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new Error(`${what}: not JSON: ${errorMessage(error)}`);
  }
};
