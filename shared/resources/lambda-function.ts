import { type FunctionConfiguration, GetAliasCommand, GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ResourceKind, Subject } from './resource-kind.ts';

/** Splits `NAME` or `NAME:QUALIFIER`; the qualifier is a version or an alias. */
export const partsOfFunction = ({ resource: { id } }: Subject): { name: string; qualifier: string | undefined } => {
  const [name = '', qualifier] = id.split(':');
  return { name, qualifier };
};

const isAlias = (qualifier: string | undefined): qualifier is string => qualifier !== undefined && !/^(\d+|\$LATEST.*)$/.test(qualifier);

/** Parses Lambda's form of a time: `2026-03-02T09:55:00.000+0000`. */
export const lambdaTimeOf = (text: string | undefined): number | null => {
  const at = Date.parse((text ?? '').replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(at) ? null : at;
};

/** A published version can't change, so this is when it was published. */
const changeOf = ({ LastModified, Version }: FunctionConfiguration) => {
  const at = lambdaTimeOf(LastModified);
  const published = Version !== undefined && Version !== '$LATEST';
  return at === null ? null : { what: published ? `version ${Version} published` : 'code or settings changed', at };
};

/**
 * A Lambda function, at the version or alias that the incident names. An alias has no time of change; the version that it points to has a
 * time of publication.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html
 */
export const lambdaFunction: ResourceKind = {
  id: 'lambda-function',
  types: ['service'],
  noun: 'Lambda function',
  permissions: ['lambda:GetFunctionConfiguration', 'lambda:GetAlias'],
  notFound: ['ResourceNotFound'],
  is: ({ kind, evidence }) => kind === 'lambda-failure' || evidence.namespace === 'AWS/Lambda' || evidence.service === 'LAMBDA',
  // By its name, as in the console's event history; that an ARN doesn't match is assumed.
  trailName: (subject) => partsOfFunction(subject).name,
  observe: async (clients, subject, part) => {
    const { name, qualifier } = partsOfFunction(subject);
    const lambda = clients.of(LambdaClient);
    const [found, alias] = await Promise.all([
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name, ...(qualifier ? { Qualifier: qualifier } : {}) })),
      isAlias(qualifier)
        ? part(`alias ${qualifier}`, () => lambda.send(new GetAliasCommand({ FunctionName: name, Name: qualifier })))
        : null,
    ]);
    if (!found.FunctionName) return null;
    const { State = 'unknown', StateReason, LastUpdateStatus, LastUpdateStatusReason, Runtime } = found;
    const facts: string[] = [];
    if (StateReason) facts.push(StateReason);
    if (LastUpdateStatus && LastUpdateStatus !== 'Successful')
      facts.push(`last update ${LastUpdateStatus}${LastUpdateStatusReason ? `: ${LastUpdateStatusReason}` : ''}`);
    if (alias) {
      const shares = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
      const others = shares.map(([version, share]) => `${Math.round(share * 100)} % version ${version}`);
      facts.push([`alias ${qualifier} is version ${alias.FunctionVersion}`, ...others].join(', '));
    }
    if (Runtime) facts.push(Runtime);
    return { state: State, since: null, createdAt: null, changed: changeOf(found), facts };
  },
};
