/** What is read of a CloudFormation template. */
export type Resource = {
  Type: string;
  Condition?: string;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
  Properties?: Record<string, unknown>;
};
export type Template = {
  Conditions?: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Outputs?: Record<string, { Condition?: string; Description?: string; Value?: unknown; Export?: unknown }>;
};

type Conditions = Template['Conditions'];
type Part = Partial<Record<'Condition' | 'Fn::Equals' | 'Fn::Not' | 'Fn::And' | 'Fn::Or', unknown>>;

/** Whether a condition holds; undefined where a parameter decides. */
export const truthOf = (conditions: Conditions, name: string): boolean | undefined => {
  const truth = (given: unknown): boolean | undefined => {
    const part = (given ?? {}) as Part;
    const parts = (part['Fn::And'] ?? part['Fn::Or'] ?? part['Fn::Not'] ?? []) as unknown[];
    if (typeof part.Condition === 'string') return truth(conditions?.[part.Condition]);
    if (part['Fn::Equals']) {
      const [one, other] = part['Fn::Equals'] as unknown[];
      return typeof one === 'string' && typeof other === 'string' ? one === other : undefined;
    }
    const truths = parts.map(truth);
    if (part['Fn::Not']) return truths[0] === undefined ? undefined : !truths[0];
    const decisive = part['Fn::Or'] !== undefined;
    if (truths.includes(decisive)) return decisive;
    return truths.length === 0 || truths.includes(undefined) ? undefined : !decisive;
  };
  return truth(conditions?.[name]);
};

/** A part of a template with what is chosen by conditions that hold, or don't, whatever the parameters are. */
export const settled = (conditions: Conditions, value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => settled(conditions, item));
  if (typeof value !== 'object' || value === null) return value;
  const choice = (value as { 'Fn::If'?: [string, unknown, unknown] })['Fn::If'];
  const holds = choice && truthOf(conditions, choice[0]);
  if (choice && holds !== undefined) return settled(conditions, holds ? choice[1] : choice[2]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, settled(conditions, item)]));
};

/** False for a resource whose condition doesn't hold; where a parameter decides, it is taken to be deployed. */
export const isDeployed = ({ Conditions }: Template, { Condition }: Resource): boolean =>
  Condition === undefined || truthOf(Conditions, Condition) !== false;
