import { type Key, keysIn, policyJsonSchema, valuesOf } from '../../local/policy/schema.ts';
import { code, table } from './markdown.ts';

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('.') + 1);

/** Keys beside each other that mean the same, such as one for each failure class, as one row. */
const rowsOf = (keys: readonly Key[]): string[][] => {
  const rows: string[][] = [];
  for (let i = 0; i < keys.length; ) {
    const { path, schema, required } = keys[i] as Key;
    const said = JSON.stringify(schema);
    let like = i + 1;
    while (like < keys.length && parentOf(keys[like]?.path ?? '') === parentOf(path) && JSON.stringify(keys[like]?.schema) === said) like++;
    const more = like - i > 3 ? like - i - 1 : 0;
    const fallback = schema.default === undefined ? (required ? 'required' : '–') : code(JSON.stringify(schema.default));
    rows.push([`${code(path)}${more > 0 ? ` and ${more} more like it` : ''}`, schema.description ?? '', valuesOf(schema), fallback]);
    i += more + 1;
  }
  return rows;
};

/** The generated part of docs/policy.md. */
export const policyParts = (): Record<string, string> => ({
  reference: table(['setting', 'what it sets', 'values', 'default'], rowsOf(keysIn(policyJsonSchema()))),
});
