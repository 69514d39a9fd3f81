import type * as Sdk from '@aws-sdk/client-lambda';
import { lambdaParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import { parseFunctionName } from '../model/name.ts';

type Out<Output> = Omit<Output, '$metadata'>;

type Version = { readonly version: string; modifiedAt: number; description: string; readonly sha: string };
type Alias = { name: string; version: string; description: string; weights: Record<string, number>; revisionId: string };

type Fun = {
  readonly name: string;
  readonly runtime: string;
  /** `$LATEST` first, then the published ones in their order. */
  readonly versions: Map<string, Version>;
  readonly aliases: Map<string, Alias>;
  state: { name: 'Active' | 'Inactive' | 'Failed'; reason: string | undefined };
  /** Until then the last update is in progress. */
  updatedBy: number;
  readonly url: string | undefined;
};

/** A function as a world has it from the beginning. Times in milliseconds since the epoch. */
export type PlacedFunction = {
  name: string;
  modifiedAt: number;
  state?: Fun['state'];
  /** Versions by when they were published, in their order; the first is version 1. */
  published?: readonly number[];
  /** Aliases, and the version that each points to. */
  aliases?: Readonly<Record<string, string>>;
  /** Its URL, if it has one, that asks for no credentials. */
  url?: string;
};

export type Functions = {
  operations: Service['operations'];
  /** Puts a function there; the same name again changes nothing. */
  place(placed: PlacedFunction): void;
  /** What has been published of a function; undefined where it was not placed. */
  versionsOf(name: string): readonly string[] | undefined;
};

/** `2026-03-02T09:55:00.000+0000` */
const lambdaTime = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');

/**
 * Functions as they are described and deployed; none of them runs here. A function's versions can't change, and an alias points to one.
 * https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
 */
export const createFunctions = (world: World): Functions => {
  const all = new Map<string, Fun>();
  const random = world.random.fork('lambda functions');
  const { clock } = world;
  const arnOf = (name: string, qualifier?: string) =>
    world.arn('lambda', `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`);
  const notFound = (what: string) => new AwsError('ResourceNotFoundException', what, 404);

  const expect = (text: string | undefined, given?: string) => {
    const { name, qualifier: inName } = parseFunctionName(text ?? '');
    const qualifier = given ?? inName;
    const found = all.get(name);
    if (!found) throw notFound(`Function not found: ${arnOf(name, qualifier)}`);
    return { found, qualifier };
  };
  const expectAlias = ({ name, aliases }: Fun, alias: string): Alias => {
    const found = aliases.get(alias);
    if (!found) throw notFound(`Cannot find alias arn: ${arnOf(name, alias)}`);
    return found;
  };
  const latestOf = ({ versions }: Fun): Version => versions.get('$LATEST') as Version;

  const configuration = ({ found, qualifier }: ReturnType<typeof expect>): Out<Sdk.GetFunctionConfigurationCommandOutput> => {
    const alias = qualifier === undefined ? undefined : found.aliases.get(qualifier);
    const version = found.versions.get(alias?.version ?? qualifier ?? '$LATEST');
    if (!version) throw notFound(`Function not found: ${arnOf(found.name, qualifier)}`);
    const updating = clock.now() < found.updatedBy && version.version === '$LATEST';
    return {
      FunctionName: found.name,
      FunctionArn: arnOf(found.name, qualifier),
      Runtime: found.runtime as Sdk.Runtime,
      Role: `arn:${world.partition}:iam::${world.account}:role/${found.name}`,
      Handler: 'index.handler',
      CodeSize: 4096,
      Description: version.description,
      Timeout: 3,
      MemorySize: 128,
      LastModified: lambdaTime(version.modifiedAt),
      CodeSha256: version.sha,
      Version: version.version,
      State: found.state.name,
      ...(found.state.reason === undefined ? {} : { StateReason: found.state.reason }),
      LastUpdateStatus: updating ? 'InProgress' : 'Successful',
      PackageType: 'Zip',
      Architectures: ['arm64'],
    };
  };

  const describeAlias = (found: Fun, { name, version, description, weights, revisionId }: Alias): Sdk.AliasConfiguration => ({
    AliasArn: arnOf(found.name, name),
    Name: name,
    FunctionVersion: version,
    Description: description,
    ...(Object.keys(weights).length > 0 ? { RoutingConfig: { AdditionalVersionWeights: weights } } : {}),
    RevisionId: revisionId,
  });

  const update = (found: Fun): void => {
    if (clock.now() < found.updatedBy)
      throw new AwsError(
        'ResourceConflictException',
        `The operation cannot be performed at this time. An update is in progress for resource: ${arnOf(found.name)}`,
        409,
      );
    found.updatedBy = clock.now() + lambdaParameters.updateSeconds * 1000;
    found.versions.set('$LATEST', { ...latestOf(found), modifiedAt: clock.now(), sha: random.hex(64) });
  };

  const publish = (found: Fun, at: number, description = ''): string => {
    const version = String(found.versions.size);
    found.versions.set(version, { ...latestOf(found), version, modifiedAt: at, description });
    return version;
  };

  const getFunction = (input: Sdk.GetFunctionCommandInput): Out<Sdk.GetFunctionCommandOutput> => ({
    Configuration: configuration(expect(input.FunctionName, input.Qualifier)),
    Code: { RepositoryType: 'S3', Location: `https://awslambda-${world.region}-tasks.s3.${world.region}.amazonaws.com/snapshots` },
  });

  const updateCode = (input: Sdk.UpdateFunctionCodeCommandInput): Out<Sdk.UpdateFunctionCodeCommandOutput> => {
    const { found } = expect(input.FunctionName);
    update(found);
    return configuration({ found, qualifier: input.Publish ? publish(found, clock.now()) : undefined });
  };

  const updateConfiguration = (input: Sdk.UpdateFunctionConfigurationCommandInput): Out<Sdk.UpdateFunctionConfigurationCommandOutput> => {
    const { found } = expect(input.FunctionName);
    update(found);
    return configuration({ found, qualifier: undefined });
  };

  const publishVersion = (input: Sdk.PublishVersionCommandInput): Out<Sdk.PublishVersionCommandOutput> => {
    const { found } = expect(input.FunctionName);
    return configuration({ found, qualifier: publish(found, clock.now(), input.Description) });
  };

  const updateAlias = (input: Sdk.UpdateAliasCommandInput): Out<Sdk.UpdateAliasCommandOutput> => {
    const { found } = expect(input.FunctionName);
    const alias = expectAlias(found, input.Name ?? '');
    const { FunctionVersion = alias.version, RevisionId } = input;
    if (RevisionId !== undefined && RevisionId !== alias.revisionId)
      throw new AwsError('PreconditionFailedException', 'The RevisionId provided does not match the latest RevisionId.', 412);
    if (!found.versions.has(FunctionVersion)) throw notFound(`Function not found: ${arnOf(found.name, FunctionVersion)}`);
    alias.version = FunctionVersion;
    alias.description = input.Description ?? alias.description;
    alias.weights = input.RoutingConfig ? { ...input.RoutingConfig.AdditionalVersionWeights } : alias.weights;
    alias.revisionId = random.uuid();
    return describeAlias(found, alias);
  };

  return {
    place: ({ name, modifiedAt, state = { name: 'Active', reason: undefined }, published = [], aliases = {}, url }) => {
      if (all.has(name)) return;
      const latest = { version: '$LATEST', modifiedAt, description: '', sha: random.hex(64) };
      const fun: Fun = {
        name,
        runtime: 'nodejs24.x',
        versions: new Map([['$LATEST', latest]]),
        aliases: new Map(),
        state,
        updatedBy: 0,
        url,
      };
      for (const at of published) publish(fun, at);
      for (const [alias, version] of Object.entries(aliases))
        fun.aliases.set(alias, { name: alias, version, description: '', weights: {}, revisionId: random.uuid() });
      all.set(name, fun);
    },
    versionsOf: (name) => {
      const found = all.get(name);
      return found && [...found.versions.keys()];
    },
    operations: {
      GetFunction: operation<Sdk.GetFunctionCommandInput, Sdk.GetFunctionCommandOutput>(() => sdk.lambda().GetFunction$, getFunction),
      GetFunctionConfiguration: operation<Sdk.GetFunctionConfigurationCommandInput, Sdk.GetFunctionConfigurationCommandOutput>(
        () => sdk.lambda().GetFunctionConfiguration$,
        (input) => configuration(expect(input.FunctionName, input.Qualifier)),
      ),
      GetAlias: operation<Sdk.GetAliasCommandInput, Sdk.GetAliasCommandOutput>(
        () => sdk.lambda().GetAlias$,
        ({ FunctionName, Name = '' }) => {
          const { found } = expect(FunctionName);
          return describeAlias(found, expectAlias(found, Name));
        },
      ),
      GetFunctionUrlConfig: operation<Sdk.GetFunctionUrlConfigCommandInput, Sdk.GetFunctionUrlConfigCommandOutput>(
        () => sdk.lambda().GetFunctionUrlConfig$,
        ({ FunctionName }) => {
          const { found } = expect(FunctionName);
          if (found.url === undefined) throw notFound('The resource you requested does not exist.');
          const { modifiedAt } = latestOf(found);
          const times = { CreationTime: lambdaTime(modifiedAt), LastModifiedTime: lambdaTime(modifiedAt) };
          return { FunctionUrl: found.url, FunctionArn: arnOf(found.name), AuthType: 'NONE', InvokeMode: 'BUFFERED', ...times };
        },
      ),
      UpdateFunctionCode: operation<Sdk.UpdateFunctionCodeCommandInput, Sdk.UpdateFunctionCodeCommandOutput>(
        () => sdk.lambda().UpdateFunctionCode$,
        updateCode,
      ),
      UpdateFunctionConfiguration: operation<Sdk.UpdateFunctionConfigurationCommandInput, Sdk.UpdateFunctionConfigurationCommandOutput>(
        () => sdk.lambda().UpdateFunctionConfiguration$,
        updateConfiguration,
      ),
      PublishVersion: operation<Sdk.PublishVersionCommandInput, Sdk.PublishVersionCommandOutput>(
        () => sdk.lambda().PublishVersion$,
        publishVersion,
      ),
      UpdateAlias: operation<Sdk.UpdateAliasCommandInput, Sdk.UpdateAliasCommandOutput>(() => sdk.lambda().UpdateAlias$, updateAlias),
    },
  };
};
