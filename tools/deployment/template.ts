/** What is read of a CloudFormation template. */
export type Resource = { Type: string; Condition?: string; Properties?: Record<string, unknown> };
export type Template = { Conditions?: Record<string, unknown>; Resources: Record<string, Resource> };

/** False for a resource whose condition compares two texts that differ; others are taken to be deployed. */
export const isDeployed = ({ Conditions }: Template, { Condition }: Resource): boolean => {
  const equals =
    Condition === undefined ? undefined : (Conditions?.[Condition] as { 'Fn::Equals'?: unknown[] } | undefined)?.['Fn::Equals'];
  return equals === undefined || equals[0] === equals[1];
};
