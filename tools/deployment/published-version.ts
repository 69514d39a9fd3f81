import { createHash } from 'node:crypto';
import { settled, type Template } from './template.ts';

type Version = { FunctionName: { Ref: string }; CodeSha256: string; Description?: string };

/** What parameters decide of a function, as texts that differ where the function does. */
const decidedIn = (value: unknown, parameters: ReadonlySet<string>): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return {};
  const { Ref, 'Fn::If': choice } = value as { Ref?: string; 'Fn::If'?: [string, unknown, unknown] };
  const own = {
    ...(Ref !== undefined && parameters.has(Ref) && { [Ref]: { Ref } }),
    ...(choice && { [choice[0]]: { 'Fn::If': [choice[0], 'on', 'off'] } }),
  };
  return Object.assign(own, ...Object.values(value).map((part) => decidedIn(part, parameters)));
};

/**
 * Gives each published version of a template the id that follows from all that is in it: its code, and its function's configuration with
 * what the conditions of this package choose. The framework's own follows from the text alone, and `Fn::If` is the same text whatever is
 * chosen, so the alias would stay on a version without it. One that nothing has changed for must keep its id, since Lambda publishes none
 * then. https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
 *
 * What parameters decide can't be in an id. It is in the description, a change of which replaces the version.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html
 */
export const publishVersions = <T extends Template & { Parameters?: object }>(template: T): T => {
  const parameters = new Set(Object.keys(template.Parameters ?? {}));
  const published = structuredClone(template);
  const ids = new Map<string, string>();
  for (const [id, version] of Object.entries(published.Resources)) {
    if (version.Type !== 'AWS::Lambda::Version') continue;
    const { FunctionName, CodeSha256, Description } = version.Properties as Version;
    // Neither is part of a version.
    const { Code, ReservedConcurrentExecutions, ...own } = published.Resources[FunctionName.Ref]?.Properties ?? {};
    const configuration = settled(template.Conditions, own);
    const digest = createHash('sha256')
      .update(JSON.stringify([configuration, CodeSha256]))
      .digest('hex')
      .slice(0, 32);
    ids.set(id, `${FunctionName.Ref.replace('LambdaFunction', 'LambdaVersion')}${digest}`);
    const decided = Object.entries(decidedIn(configuration, parameters)).flatMap(([name, value]) => [`, ${name} `, value]);
    if (decided.length > 0)
      Object.assign(version.Properties ?? {}, { Description: { 'Fn::Join': ['', [String(Description).replace(/\.$/, ''), ...decided]] } });
    // Executions under way are on it when it is replaced.
    version.UpdateReplacePolicy = 'Retain';
  }
  // Its id stands in the alias and in an output, too.
  return JSON.parse(JSON.stringify(published).replace(/"(\w+)"/g, (all, id: string) => (ids.has(id) ? `"${ids.get(id)}"` : all))) as T;
};
