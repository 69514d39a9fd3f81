import type * as Sdk from '@aws-sdk/client-ssm';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { sdk } from '../../../wire/protocol/sdk.ts';
import { type Operation, operation } from '../../../wire/protocol/service.ts';

type Version = { value: string; type: Sdk.ParameterType; at: number };

export type Parameters = {
  operations: Record<string, Operation>;
  /** Sets a parameter's value as `PutParameter` with Overwrite does; a `String` where it is new. */
  put(name: string, value: string): void;
};

/** Versions that a parameter keeps. https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html */
const keptVersions = 100;
/** In bytes, by tier. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
const sizes = { Standard: 4096, Advanced: 8192, 'Intelligent-Tiering': 8192 } as const;
const types: readonly string[] = ['String', 'StringList', 'SecureString'];

const checkName = (name: string): void => {
  const parts = name.replace(/^\//, '').split('/');
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || (name.includes('/') && !name.startsWith('/')) || parts.includes('') || parts.length > 15)
    throw new AwsError(
      'ValidationException',
      'Parameter name must be a fully qualified name, at most 15 levels deep, of the characters a-zA-Z0-9_.- and /.',
    );
  if (/^(aws|ssm)/i.test(parts[0] as string))
    throw new AwsError('ValidationException', 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
};

/** Parameter Store. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html */
export const createParameters = (world: World): Parameters => {
  /** By name, the oldest kept version first; `dropped` versions went before it. */
  const parameters = new Map<string, { dropped: number; versions: Version[] }>();

  const arnOf = (name: string) => world.arn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);

  const put = (name: string, value: string, type: Sdk.ParameterType): number => {
    const kept = parameters.get(name) ?? { dropped: 0, versions: [] };
    kept.versions.push({ value, type, at: world.clock.now() });
    if (kept.versions.length > keptVersions) {
      kept.versions.shift();
      kept.dropped++;
    }
    parameters.set(name, kept);
    return kept.dropped + kept.versions.length;
  };

  /** By a name, an ARN, or either with `:version` behind it; undefined where there is none. */
  const find = (asked: string, decrypted: boolean): Sdk.Parameter | undefined => {
    const prefix = world.arn('ssm', 'parameter');
    const local = asked.startsWith(prefix) ? asked.slice(prefix.length) : asked;
    const [plain, wanted] = local.split(':') as [string, string | undefined];
    const name = parameters.has(plain) ? plain : plain.replace(/^\//, '');
    const found = parameters.get(name);
    if (!found) return undefined;
    const { dropped, versions } = found;
    const number = wanted === undefined ? dropped + versions.length : Number(wanted);
    const version = versions[number - dropped - 1];
    if (!version) throw new AwsError('ParameterVersionNotFound', `Systems Manager could not find version ${wanted} of ${plain}.`);
    const secret = version.type === 'SecureString' && !decrypted;
    return {
      Name: name,
      Type: version.type,
      Value: secret ? Buffer.from(`encrypted ${name} ${number}`).toString('base64') : version.value,
      Version: number,
      ...(wanted !== undefined && { Selector: `:${wanted}` }),
      LastModifiedDate: new Date(version.at),
      ARN: arnOf(name),
      DataType: 'text',
    };
  };

  const putParameter = (input: Sdk.PutParameterCommandInput): Omit<Sdk.PutParameterCommandOutput, '$metadata'> => {
    const { Name: name = '', Value: value = '', Overwrite, Tier = 'Standard' } = input;
    checkName(name);
    const existing = parameters.get(name)?.versions.at(-1);
    if (existing && !Overwrite)
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    const type = input.Type ?? existing?.type;
    if (type === undefined) throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
    if (!types.includes(type)) throw new AwsError('UnsupportedParameterType', `The parameter type ${type} is not supported.`);
    if (value === '') throw new AwsError('ValidationException', 'Parameter value: must have length greater than or equal to 1.');
    const limit = Object.hasOwn(sizes, Tier) ? sizes[Tier as keyof typeof sizes] : sizes.Standard;
    if (Buffer.byteLength(value) > limit)
      throw new AwsError('ValidationException', `${Tier} tier parameters support a maximum parameter value of ${limit} characters.`);
    return { Version: put(name, value, type), Tier };
  };

  const getParameter = (input: Sdk.GetParameterCommandInput): Omit<Sdk.GetParameterCommandOutput, '$metadata'> => {
    const Parameter = find(input.Name ?? '', input.WithDecryption === true);
    if (!Parameter) throw new AwsError('ParameterNotFound', '');
    return { Parameter };
  };

  const getParameters = (input: Sdk.GetParametersCommandInput): Omit<Sdk.GetParametersCommandOutput, '$metadata'> => {
    const names = input.Names ?? [];
    if (names.length < 1 || names.length > 10)
      throw new AwsError('ValidationException', 'names: Member must have between 1 and 10 entries.');
    const found = names.map((name) => {
      try {
        return find(name, input.WithDecryption === true);
      } catch {
        return undefined;
      }
    });
    return {
      Parameters: found.filter((parameter) => parameter !== undefined),
      InvalidParameters: names.filter((_name, i) => found[i] === undefined),
    };
  };

  const deleteParameter = (input: Sdk.DeleteParameterCommandInput): Record<string, never> => {
    if (!parameters.delete(input.Name ?? '')) throw new AwsError('ParameterNotFound', '');
    return {};
  };

  return {
    put: (name, value) => {
      put(name, value, parameters.get(name)?.versions.at(-1)?.type ?? 'String');
    },
    operations: {
      GetParameter: operation<Sdk.GetParameterCommandInput, Sdk.GetParameterCommandOutput>(() => sdk.ssm().GetParameter$, getParameter),
      GetParameters: operation<Sdk.GetParametersCommandInput, Sdk.GetParametersCommandOutput>(
        () => sdk.ssm().GetParameters$,
        getParameters,
      ),
      PutParameter: operation<Sdk.PutParameterCommandInput, Sdk.PutParameterCommandOutput>(() => sdk.ssm().PutParameter$, putParameter),
      DeleteParameter: operation<Sdk.DeleteParameterCommandInput, Sdk.DeleteParameterCommandOutput>(
        () => sdk.ssm().DeleteParameter$,
        deleteParameter,
      ),
    },
  };
};
