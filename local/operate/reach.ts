import { AssumeRoleCommand, type Credentials, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createClient } from '../../shared/aws/client.ts';
import { parseArn, partitionOf } from '../../shared/model/arn.ts';
import { RefusedError, UsageError } from '../../shared/model/errors.ts';
import type { Place } from '../../shared/model/place.ts';

/** The options by which a command looks at other accounts than that of the credentials in use. */
export const reachOptions = {
  role: { type: 'string' },
  'external-id': { type: 'string' },
  'session-name': { type: 'string' },
} as const;

export const reachHelp = `  --role NAME        the role to take in each other account (default: none, the credentials in use are of it)
  --external-id ID   what that role asks for (default: none)
  --session-name N   what the accounts' CloudTrail calls the session (default: selfheal-operator)`;

/** A role by the same name in each account; null: the credentials in use are meant. */
export type Via = { role: string; externalId: string | undefined; session: string } | null;

type Given = { role?: string | undefined; 'external-id'?: string | undefined; 'session-name'?: string | undefined };

/**
 * The forms are those of https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html.
 * @throws {UsageError} if one isn't of its form, or means nothing without a role
 */
export const viaOf = ({ role, 'external-id': externalId, 'session-name': session }: Given): Via => {
  const [other] = Object.entries({ 'external-id': externalId, 'session-name': session }).flatMap(([name, value]) => (value ? [name] : []));
  if (role === undefined) {
    if (other !== undefined) throw new UsageError(`--${other} needs --role`);
    return null;
  }
  const check = (name: string, value: string | undefined, form: RegExp) => {
    if (value !== undefined && !form.test(value)) throw new UsageError(`--${name} can't be ${JSON.stringify(value.slice(0, 40))}`);
  };
  check('role', role, /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/);
  check('external-id', externalId, /^[\w+=,.@:/-]{2,1224}$/);
  check('session-name', session, /^[\w+=,.@-]{2,64}$/);
  return { role, externalId, session: session ?? 'selfheal-operator' };
};

/** The account and region of the credentials in use. */
export const homeOf = async (config: object): Promise<Place> => {
  const sts = createClient(STSClient, { ...config, maxAttempts: 3 });
  const { Account = '' } = await sts.send(new GetCallerIdentityCommand({}));
  return { account: Account, region: await sts.config.region() };
};

/** IAM actions of reaching another account by a role. */
export const reachPermissions = ['sts:AssumeRole'] as const;

/** How clients are made that call one account and region, and by whom. */
export type Reached = { config: object; caller: string };

/**
 * Reaches accounts and regions from the credentials in use: by a session of the role, which all regions of an account share, and by the credentials
 * themselves in their own account.
 */
export const createReach = (base: object, via: Via) => {
  const sts = (region: string) => createClient(STSClient, { region, maxAttempts: 3, ...base });
  let own: Promise<string> | undefined;
  const ownArn = async (region: string): Promise<string> => {
    own ??= sts(region)
      .send(new GetCallerIdentityCommand({}))
      .then(({ Arn = '' }) => Arn);
    return own;
  };
  const sessions = new Map<string, Promise<Reached>>();

  const begin = async (role: string, { account, region }: Place, { externalId, session }: NonNullable<Via>): Promise<Reached> => {
    const RoleArn = `arn:${partitionOf(region)}:iam::${account}:role/${role}`;
    const answer = await sts(region).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: session, ...(externalId === undefined ? {} : { ExternalId: externalId }) }),
    );
    const {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
    } = answer.Credentials ?? ({} as Credentials);
    if (!accessKeyId || !secretAccessKey || !sessionToken)
      throw new RefusedError('NoCredentials', `STS gave no credentials for ${RoleArn}`);
    return {
      config: { ...base, credentials: { accessKeyId, secretAccessKey, sessionToken } },
      caller: answer.AssumedRoleUser?.Arn ?? RoleArn,
    };
  };

  /** @throws {RefusedError} `OtherAccount` where the credentials are of another account; whatever STS throws */
  return async (place: Place): Promise<Reached> => {
    const { account, region } = place;
    const arn = await ownArn(region);
    const at = parseArn(arn)?.account;
    if (at === account) return { config: { ...base, region }, caller: arn };
    if (via === null)
      throw new RefusedError(
        'OtherAccount',
        `these credentials are of account ${at}, not of ${account}: name a role there (--role), or its profile (AWS_PROFILE)`,
      );
    const reached = sessions.get(account) ?? begin(via.role, place, via);
    sessions.set(account, reached);
    const { config, caller } = await reached;
    return { config: { ...config, region }, caller };
  };
};

export type Reach = ReturnType<typeof createReach>;
