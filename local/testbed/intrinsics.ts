/** What references of a template stand for. */
export type References = {
  /** Parameters, pseudo parameters and what resources are referred to by. */
  refs: Readonly<Record<string, string>>;
  /** ARNs of resources, by their logical ids. */
  arns: Readonly<Record<string, string>>;
  conditions: Readonly<Record<string, boolean>>;
};

type Node = unknown;

const nothing = Symbol('AWS::NoValue');

const lookUp = (of: Readonly<Record<string, string>>, name: string): string => {
  const found = of[name];
  if (found === undefined) throw new RangeError(`the template refers to ${name}, which is nothing here`);
  return found;
};

const filled = (value: Node, all: References): Node => {
  if (Array.isArray(value)) return value.map((one) => filled(one, all)).filter((one) => one !== nothing);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [[key, given] = ['', undefined]] = entries;
  if (entries.length === 1) {
    if (key === 'Ref') return given === 'AWS::NoValue' ? nothing : lookUp(all.refs, String(given));
    if (key === 'Fn::GetAtt') return lookUp(all.arns, String((given as string[])[0]));
    if (key === 'Fn::Sub')
      return String(given).replace(/\$\{([\w:]+)(\.Arn)?\}/g, (_, name: string, arn?: string) => lookUp(arn ? all.arns : all.refs, name));
    if (key === 'Fn::If') {
      const [condition, yes, no] = given as [string, Node, Node];
      if (!(condition in all.conditions)) throw new RangeError(`the template has a condition ${condition}, which is not known here`);
      return filled(all.conditions[condition] ? yes : no, all);
    }
  }
  return Object.fromEntries(entries.map(([name, one]) => [name, filled(one, all)] as const).filter(([, one]) => one !== nothing));
};

/**
 * A part of a CloudFormation template with its references filled in.
 * @throws {RangeError} for a reference to something that isn't known
 */
export const fillIn = <Filled>(value: unknown, references: References): Filled => filled(value, references) as Filled;
