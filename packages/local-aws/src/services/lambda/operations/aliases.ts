import type * as Sdk from '@aws-sdk/client-lambda';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Alias, FunctionStore, LambdaFunction, Routing } from '../model/functions.ts';
import { checkRevision, conflict, invalid, type Lookup, notFound, type Out, paginate } from './common.ts';

const namePattern = /^(?!\d+$)[a-zA-Z0-9-_]{1,128}$/;

/**
 * Aliases: each points to one version, and may send a share of what it gets to a second one.
 *
 * A deployment of CodeDeploy that shifts an alias in steps shows as just that, a second version with a weight; so there is no service
 * `codedeploy` here. What comes before the first step, and a shift all at once, shows nowhere in Lambda.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
 */
export const aliasOperations = (store: FunctionStore, { arnOf, expect, expectAlias }: Lookup): Service['operations'] => {
  const describe = (found: LambdaFunction, { name, version, description, weights, revisionId }: Alias): Sdk.AliasConfiguration => ({
    AliasArn: arnOf(found.name, name),
    Name: name,
    FunctionVersion: version,
    Description: description,
    ...(Object.keys(weights).length > 0 ? { RoutingConfig: { AdditionalVersionWeights: weights } } : {}),
    RevisionId: revisionId,
  });

  /** The messages are Lambda's; that there is one more version at most is its documentation's. */
  const checkRouting = (found: LambdaFunction, { version, weights }: Routing): void => {
    const others = Object.entries(weights);
    if (others.length > 1) throw invalid('Number of items in AdditionalVersionWeights cannot be greater than 1');
    for (const one of [version, ...others.map(([other]) => other)])
      if (!found.versions.has(one)) throw notFound(`Function not found: ${arnOf(found.name, one)}`);
    for (const [other, weight] of others) {
      if (!(weight >= 0 && weight <= 1))
        throw new AwsError(
          'ValidationException',
          `1 validation error detected: Value '{${other}=${weight}}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0]`,
        );
      if (other === version)
        throw invalid(`Invalid function version ${version}. Function version ${version} is already included in routing configuration.`);
      if (version === '$LATEST' || other === '$LATEST')
        throw invalid('$LATEST is not supported for an alias pointing to more than 1 version');
    }
  };

  const create = (input: Sdk.CreateAliasCommandInput): Out<Sdk.CreateAliasCommandOutput> => {
    const { found } = expect(input.FunctionName);
    const { Name: name = '', FunctionVersion: version = '', Description: description = '' } = input;
    if (!namePattern.test(name))
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${name.slice(0, 128)}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)`,
      );
    if (found.aliases.has(name)) throw conflict(`Alias already exists: ${arnOf(found.name, name)}`);
    const weights = { ...input.RoutingConfig?.AdditionalVersionWeights };
    checkRouting(found, { version, weights });
    const alias = { name, version, description, weights, revisionId: store.random.uuid() };
    found.aliases.set(name, alias);
    store.flow();
    return describe(found, alias);
  };

  const update = (input: Sdk.UpdateAliasCommandInput): Out<Sdk.UpdateAliasCommandOutput> => {
    const { found } = expect(input.FunctionName);
    const alias = expectAlias(found, input.Name ?? '');
    checkRevision(input.RevisionId, alias);
    const { FunctionVersion: version = alias.version, RoutingConfig } = input;
    const weights = RoutingConfig ? { ...RoutingConfig.AdditionalVersionWeights } : alias.weights;
    checkRouting(found, { version, weights });
    const description = input.Description ?? alias.description;
    const changed = { ...alias, version, weights, description, revisionId: store.random.uuid() };
    found.aliases.set(alias.name, changed);
    store.flow();
    return describe(found, changed);
  };

  const list = (input: Sdk.ListAliasesCommandInput): Out<Sdk.ListAliasesCommandOutput> => {
    const { found } = expect(input.FunctionName);
    const { FunctionVersion: version } = input;
    const asked = [...found.aliases.values()].filter(
      (alias) => version === undefined || alias.version === version || Object.hasOwn(alias.weights, version),
    );
    const { page, next } = paginate(asked, input, 10_000);
    return { Aliases: page.map((alias) => describe(found, alias)), ...next };
  };

  return {
    CreateAlias: operation<Sdk.CreateAliasCommandInput, Sdk.CreateAliasCommandOutput>(() => sdk.lambda().CreateAlias$, create),
    GetAlias: operation<Sdk.GetAliasCommandInput, Sdk.GetAliasCommandOutput>(
      () => sdk.lambda().GetAlias$,
      ({ FunctionName, Name = '' }) => {
        const { found } = expect(FunctionName);
        return describe(found, expectAlias(found, Name));
      },
    ),
    ListAliases: operation<Sdk.ListAliasesCommandInput, Sdk.ListAliasesCommandOutput>(() => sdk.lambda().ListAliases$, list),
    UpdateAlias: operation<Sdk.UpdateAliasCommandInput, Sdk.UpdateAliasCommandOutput>(() => sdk.lambda().UpdateAlias$, update),
    DeleteAlias: operation<Sdk.DeleteAliasCommandInput, Sdk.DeleteAliasCommandOutput>(
      () => sdk.lambda().DeleteAlias$,
      ({ FunctionName, Name = '' }) => {
        const { found } = expect(FunctionName);
        found.aliases.delete(expectAlias(found, Name).name);
        store.flow();
        return {};
      },
    ),
  };
};
