/** What an expression may refer to. What it does refer to is removed from `unused…`. */
export type Context = {
  attrNames?: Record<string, string> | undefined;
  attrVals?: Record<string, object> | undefined;
  unusedAttrNames: Record<string, true>;
  unusedAttrVals: Record<string, true>;
  isKeyCondition?: boolean;
};
export type Parse = (expression: string, options: { context: Context }) => unknown;

/** A value in a tree that is kept, by the name that a request gives it. */
class Placeholder {
  readonly of: string;
  constructor(of: string) {
    this.of = of;
  }
}

/** Enough for all expressions of a program; one that writes its values into its expressions would fill the memory otherwise. */
const most = 1000;

/** What these say depends on what a value is, and not only on its type. */
const readsValues = /between|attribute_type/i;

/** An attribute's name in a tree that is kept. No attribute is called that. */
const standIn = (name: string): string => `\0${name}`;

const all = (things: object): Record<string, true> => Object.fromEntries(Object.keys(things).map((name) => [name, true]));

const used = (things: object, unused: object): string[] => Object.keys(things).filter((name) => !(name in unused));

/** A copy of a tree, with other values and other names. */
const copied = (node: unknown, leafOf: (node: object) => unknown, textOf: (text: string) => string): unknown => {
  if (typeof node === 'string') return textOf(node);
  if (typeof node !== 'object' || node === null) return node;
  const value = leafOf(node);
  if (value !== undefined) return value;
  if (Array.isArray(node)) return node.map((child) => copied(child, leafOf, textOf));
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [property, child] of Object.entries(node)) copy[textOf(property)] = copied(child, leafOf, textOf);
  return copy;
};

/**
 * dynalite's parser of conditions, which takes longer than the rest of an operation, asked once per expression: of other attributes, and with other
 * values of the same types, the same expression means the same.
 */
export const remembering = (parse: Parse): Parse => {
  const known = new Map<string, { tree: unknown; names: string[]; values: string[] }>();
  const ask = (expression: string, context: Context) => {
    const { attrNames = {}, attrVals = {} } = context;
    const unused = { unusedAttrNames: all(attrNames), unusedAttrVals: all(attrVals) };
    const standIns = Object.fromEntries(Object.keys(attrNames).map((name) => [name, standIn(name)]));
    const tree = parse(expression, { context: { ...context, ...unused, attrNames: standIns } });
    const placeholders = new Map(Object.entries(attrVals).map(([name, value]) => [value, new Placeholder(name)]));
    return {
      tree: copied(
        tree,
        (node) => placeholders.get(node),
        (text) => text,
      ),
      names: used(attrNames, unused.unusedAttrNames),
      values: used(attrVals, unused.unusedAttrVals),
    };
  };
  return (expression, options) => {
    const { attrNames = {}, attrVals = {}, isKeyCondition, unusedAttrNames, unusedAttrVals } = options.context;
    const named = Object.values(attrNames);
    // Whether two paths are the same one depends on the names.
    const literal = expression.replaceAll(/#\w+/g, '');
    const alike = new Set(named).size < named.length || named.some((name) => literal.includes(name));
    if (alike || readsValues.test(expression)) return parse(expression, options);
    const types = Object.entries(attrVals).map(([name, value]) => [name, Object.keys(value)]);
    const key = JSON.stringify([expression, isKeyCondition, Object.keys(attrNames), types]);
    let one = known.get(key);
    if (!one) {
      one = ask(expression, options.context);
      // What is refused is said in words, with the names in them.
      if (typeof one.tree === 'string') return parse(expression, options);
      if (known.size >= most) known.clear();
      known.set(key, one);
    }
    for (const name of one.names) delete unusedAttrNames[name];
    for (const name of one.values) delete unusedAttrVals[name];
    return copied(
      one.tree,
      (node) => (node instanceof Placeholder ? attrVals[node.of] : undefined),
      (text) => (text.startsWith('\0') ? (attrNames[text.slice(1)] ?? text) : text),
    );
  };
};
