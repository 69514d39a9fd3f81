import type * as Sdk from '@aws-sdk/client-lambda';
import { lambdaParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import { type FunctionStore, type LambdaFunction, shaOf, type Version } from '../model/functions.ts';
import type { Hosted } from '../model/hosted.ts';
import { parseFunctionName } from '../model/name.ts';
import { checkRevision, conflict, invalid, type Lookup, lambdaTime, notFound, type Out, paginate } from './common.ts';

type Code = Pick<Sdk.FunctionCode, 'ZipFile' | 'S3Bucket' | 'S3Key' | 'S3ObjectVersion' | 'ImageUri'>;

/** Anything is taken for code, and nothing of it is run. */
const shaOfCode = ({ ZipFile, S3Bucket, S3Key, S3ObjectVersion = '', ImageUri }: Code): string => {
  if (ZipFile) return shaOf(ZipFile as Uint8Array);
  if (ImageUri !== undefined) return shaOf(ImageUri);
  if (S3Bucket === undefined || S3Key === undefined) throw invalid('Please provide a source for function code.');
  return shaOf(`${S3Bucket}/${S3Key}/${S3ObjectVersion}`);
};

/**
 * Functions and their versions as they are described and deployed; none of them runs here. A published version can't change.
 * https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
 */
export const functionOperations = (
  world: World,
  store: FunctionStore,
  hosted: Hosted,
  { arnOf, expect }: Lookup,
): Service['operations'] => {
  const { clock } = world;
  const latestOf = ({ versions }: LambdaFunction): Version => versions.get('$LATEST') as Version;

  const describe = (found: LambdaFunction, version: Version, qualifier: string | undefined) => {
    const updating = clock.now() < found.updatedBy && version.version === '$LATEST';
    const pending = clock.now() < found.activeFrom;
    return {
      FunctionName: found.name,
      FunctionArn: arnOf(found.name, qualifier),
      Runtime: found.runtime as Sdk.Runtime,
      Role: found.role,
      Handler: found.handler,
      CodeSize: 4096,
      Description: version.description,
      Timeout: version.timeout,
      MemorySize: version.memory,
      LastModified: lambdaTime(version.modifiedAt),
      CodeSha256: version.sha,
      Version: version.version,
      State: pending ? ('Pending' as const) : found.state.name,
      ...(pending ? { StateReason: 'The function is being created.', StateReasonCode: 'Creating' as const } : {}),
      ...(pending || found.state.reason === undefined ? {} : { StateReason: found.state.reason }),
      ...(pending ? {} : { LastUpdateStatus: updating ? ('InProgress' as const) : ('Successful' as const) }),
      PackageType: 'Zip' as const,
      Architectures: ['arm64' as const],
      RevisionId: version.revisionId,
    } satisfies Sdk.FunctionConfiguration;
  };

  const configuration = ({ found, qualifier }: ReturnType<typeof expect>) => {
    const alias = qualifier === undefined ? undefined : found.aliases.get(qualifier);
    const version = found.versions.get(alias?.version ?? qualifier ?? '$LATEST');
    if (!version) throw notFound(`Function not found: ${arnOf(found.name, qualifier)}`);
    return describe(found, version, qualifier);
  };

  /** Until what is under way is over. */
  const checkIdle = (found: LambdaFunction): void => {
    if (clock.now() < found.activeFrom)
      throw conflict('The operation cannot be performed at this time. The function is currently in the following state: Pending');
    if (clock.now() < found.updatedBy)
      throw conflict(`The operation cannot be performed at this time. An update is in progress for resource: ${arnOf(found.name)}`);
  };

  const update = (found: LambdaFunction, changed: Partial<Version>): void => {
    const latest = latestOf(found);
    const same = Object.entries(changed).every(([key, value]) => value === latest[key as keyof Version]);
    found.updatedBy = clock.now() + lambdaParameters.updateSeconds * 1000;
    found.versions.set('$LATEST', { ...latest, ...changed, modifiedAt: clock.now(), revisionId: store.random.uuid() });
    if (!same) found.same = undefined;
    store.flow();
  };

  /** "Lambda doesn't publish a version if the function's configuration and code haven't changed since the last version." */
  const publish = (found: LambdaFunction, description?: string): string => {
    const version = found.same !== undefined && found.versions.has(found.same) ? found.same : undefined;
    return version ?? store.publish(found, clock.now(), description);
  };

  const create = (input: Sdk.CreateFunctionCommandInput): Out<Sdk.CreateFunctionCommandOutput> => {
    const { name, qualifier } = parseFunctionName(input.FunctionName ?? '');
    if (qualifier !== undefined) throw invalid('The function name of a new function must not have a qualifier.');
    if (store.get(name)) throw conflict(`Function already exist: ${name}`);
    const found = store.add(name, {
      modifiedAt: clock.now(),
      activeFrom: clock.now() + lambdaParameters.createSeconds * 1000,
      sha: shaOfCode(input.Code ?? {}),
      ...(input.Role === undefined ? {} : { role: input.Role }),
      ...(input.Handler === undefined ? {} : { handler: input.Handler }),
      ...(input.Runtime === undefined ? {} : { runtime: input.Runtime }),
      ...(input.Timeout === undefined ? {} : { timeout: input.Timeout }),
      ...(input.MemorySize === undefined ? {} : { memory: input.MemorySize }),
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(input.Tags === undefined ? {} : { tags: input.Tags }),
    });
    return configuration({ found, qualifier: input.Publish ? publish(found) : undefined });
  };

  const getFunction = (input: Sdk.GetFunctionCommandInput): Out<Sdk.GetFunctionCommandOutput> => {
    const asked = expect(input.FunctionName, input.Qualifier);
    const { tags, reserved } = asked.found;
    return {
      Configuration: configuration(asked),
      Code: { RepositoryType: 'S3', Location: `https://awslambda-${world.region}-tasks.s3.${world.region}.amazonaws.com/snapshots` },
      ...(tags.size > 0 ? { Tags: Object.fromEntries(tags) } : {}),
      ...(reserved === undefined ? {} : { Concurrency: { ReservedConcurrentExecutions: reserved } }),
    };
  };

  const updateCode = (input: Sdk.UpdateFunctionCodeCommandInput): Out<Sdk.UpdateFunctionCodeCommandOutput> => {
    const { found } = expect(input.FunctionName);
    checkRevision(input.RevisionId, latestOf(found));
    const sha = shaOfCode(input);
    if (input.DryRun) return { ...configuration({ found, qualifier: undefined }), CodeSha256: sha };
    checkIdle(found);
    update(found, { sha });
    return configuration({ found, qualifier: input.Publish ? publish(found) : undefined });
  };

  const updateConfiguration = (input: Sdk.UpdateFunctionConfigurationCommandInput): Out<Sdk.UpdateFunctionConfigurationCommandOutput> => {
    const { found } = expect(input.FunctionName);
    checkRevision(input.RevisionId, latestOf(found));
    checkIdle(found);
    update(found, {
      ...(input.Timeout === undefined ? {} : { timeout: input.Timeout }),
      ...(input.MemorySize === undefined ? {} : { memory: input.MemorySize }),
      ...(input.Description === undefined ? {} : { description: input.Description }),
    });
    return configuration({ found, qualifier: undefined });
  };

  const publishVersion = (input: Sdk.PublishVersionCommandInput): Out<Sdk.PublishVersionCommandOutput> => {
    const { found } = expect(input.FunctionName);
    const latest = latestOf(found);
    checkRevision(input.RevisionId, latest);
    if (input.CodeSha256 !== undefined && input.CodeSha256 !== latest.sha)
      throw invalid(
        `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${latest.sha}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    checkIdle(found);
    return configuration({ found, qualifier: publish(found, input.Description) });
  };

  /** "A maximum of 50 items in each response, even if you set the number higher"; of versions and of functions. */
  const listVersions = (input: Sdk.ListVersionsByFunctionCommandInput): Out<Sdk.ListVersionsByFunctionCommandOutput> => {
    const { name } = parseFunctionName(input.FunctionName ?? '');
    const found = store.get(name);
    if (!found && !hosted.mayHave) throw notFound(`Function not found: ${arnOf(name)}`);
    const own = found
      ? [...found.versions.values()].map((version) => describe(found, version, version.version))
      : [{ FunctionName: name, Version: '$LATEST' }];
    const run = [...hosted.versions(name)]
      .filter(([version]) => !found?.versions.has(version))
      .map(([Version, madeAt]) => ({ FunctionName: name, Version, LastModified: lambdaTime(madeAt) }));
    const { page, next } = paginate([...own, ...run], input, 50);
    return { Versions: page, ...next };
  };

  const listFunctions = (input: Sdk.ListFunctionsCommandInput): Out<Sdk.ListFunctionsCommandOutput> => {
    const rows = store.list().flatMap((found) => {
      const versions = input.FunctionVersion === 'ALL' ? [...found.versions.values()] : [latestOf(found)];
      return versions.map((version) => describe(found, version, input.FunctionVersion === 'ALL' ? version.version : undefined));
    });
    const { page, next } = paginate(rows, input, 50);
    return { Functions: page, ...next };
  };

  /**
   * With a qualifier only that version; one that isn't there is no error, as measured in https://github.com/floci-io/floci/pull/2824.
   * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
   */
  const remove = (input: Sdk.DeleteFunctionCommandInput): Out<Sdk.DeleteFunctionCommandOutput> => {
    const { name, qualifier: inName } = parseFunctionName(input.FunctionName ?? '');
    const version = input.Qualifier ?? inName;
    const found = store.get(name);
    if (version === undefined) {
      if (found) store.remove(name);
      else if (hosted.mayHave) throw invalid("The local AWS deletes only versions of a host's functions, not whole ones");
      else throw notFound(`Function not found: ${arnOf(name)}`);
      return { StatusCode: 204 };
    }
    if (version === '$LATEST') throw invalid('$LATEST version cannot be deleted without deleting the function.');
    if (!/^\d+$/.test(version)) throw invalid(`Deletion of aliases is not currently supported.`);
    if (!found && !hosted.mayHave) throw notFound(`Function not found: ${arnOf(name, version)}`);
    const aliases = [...(found?.aliases.values() ?? [])].filter(
      (alias) => alias.version === version || Object.hasOwn(alias.weights, version),
    );
    if (aliases.length > 0)
      throw conflict(
        `Unable to delete version because the following aliases reference it: [${aliases.map((alias) => alias.name).join(', ')}]`,
      );
    hosted.delete(name, version);
    found?.versions.delete(version);
    store.flow();
    return { StatusCode: 204 };
  };

  return {
    CreateFunction: operation<Sdk.CreateFunctionCommandInput, Sdk.CreateFunctionCommandOutput>(() => sdk.lambda().CreateFunction$, create),
    ListFunctions: operation<Sdk.ListFunctionsCommandInput, Sdk.ListFunctionsCommandOutput>(
      () => sdk.lambda().ListFunctions$,
      listFunctions,
    ),
    GetFunction: operation<Sdk.GetFunctionCommandInput, Sdk.GetFunctionCommandOutput>(() => sdk.lambda().GetFunction$, getFunction),
    GetFunctionConfiguration: operation<Sdk.GetFunctionConfigurationCommandInput, Sdk.GetFunctionConfigurationCommandOutput>(
      () => sdk.lambda().GetFunctionConfiguration$,
      (input) => configuration(expect(input.FunctionName, input.Qualifier)),
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
    ListVersionsByFunction: operation<Sdk.ListVersionsByFunctionCommandInput, Sdk.ListVersionsByFunctionCommandOutput>(
      () => sdk.lambda().ListVersionsByFunction$,
      listVersions,
    ),
    DeleteFunction: operation<Sdk.DeleteFunctionCommandInput, Sdk.DeleteFunctionCommandOutput>(() => sdk.lambda().DeleteFunction$, remove),
  };
};
