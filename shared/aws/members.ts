import { AssumeRoleCommand, type Credentials, type STSClient } from '@aws-sdk/client-sts';
import { partitionOf, regionForm } from '../model/arn.ts';
import { minuteMs } from '../model/duration.ts';
import { isNamed, RefusedError } from '../model/errors.ts';
import type { Place } from '../model/place.ts';
import type { CallError } from '../ports/call-result.ts';
import { classifyError, isDenied } from './call.ts';
import type { Connect } from './client.ts';

/** IAM actions of becoming a member's role. */
export const memberPermissions = ['sts:AssumeRole', 'sts:SetSourceIdentity'] as const;

/** How long a session is good for, in seconds: the shortest that there is. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const sessionSeconds = 900;
/** So long before its end a session is renewed, in milliseconds: longer than a step may take. */
const renewBeforeMs = 2 * minuteMs;
/** How many sessions a process keeps: more incidents than it treats between two of its invocations. */
const maxSessions = 200;

/** What services call a session that is over. A call that is refused so has not been carried out. */
const isExpired = (error: unknown): boolean => isNamed(error, 'ExpiredToken', 'ExpiredTokenException', 'RequestExpired');

/** Whether a member doesn't let the hub in. */
export const isNotLetIn = (error: CallError | undefined): boolean => error?.call === 'sts:AssumeRole' && isDenied(error);

/** A session of a member's role. */
export type MemberSession<Clients> = {
  clients: Clients;
  /**
   * Makes sure that the member lets the hub in.
   * @throws {RefusedError} `AccessDenied` where it doesn't, with what to do about it
   * @throws whatever else the SDK throws
   */
  open(): Promise<void>;
};

type Sendable = { send: (...given: unknown[]) => Promise<unknown> };

/**
 * Opens the session before each call, and has a call whose session was over made again, by another one. Changes and returns the client, which
 * itself would have all its calls wait for the one that asked first, whatever has become of that.
 */
const opening = <Client extends object>(client: Client, open: () => Promise<unknown>, forget: () => void): Client => {
  const sdk = client as unknown as Sendable;
  const send = sdk.send.bind(sdk);
  sdk.send = async (...given) => {
    await open();
    try {
      return await send(...given);
    } catch (error) {
      if (!isExpired(error)) throw error;
      forget();
      await open();
      return send(...given);
    }
  };
  return client;
};

type MembersDeps<Clients> = {
  /** The name of the members' roles, up to the region: `selfheal-member-prod`. */
  role: string;
  externalId: string;
  /** The hub's own. */
  sts: STSClient;
  /** Makes clients, and lets `adapt` change each. */
  connect: Connect<Clients>;
  /** Milliseconds since the epoch. */
  now: () => number;
};

/** What STS said, with its call, as a caller that isn't let in reads it. */
class NotLetInError extends RefusedError {
  readonly call = 'sts:AssumeRole';
  constructor({ account, region }: Place, role: string) {
    const stack = role.replaceAll(/[^\w-]/g, '');
    super(
      'AccessDenied',
      `the member stack isn't installed in account ${account}, ${region}, or doesn't trust this hub: deploy it there with: aws cloudformation deploy --template-file member.json --stack-name ${stack} --region ${region} --capabilities CAPABILITY_NAMED_IAM --parameter-overrides …, as docs/hub.md says`,
    );
  }
}

/**
 * Sessions in members: accounts and regions that have a stack of their own for it. Each is in the name of one incident, which is in
 * CloudTrail with every call of it, and is renewed before it ends. What a session may do is for the member's role to say.
 */
export const createMembers = <Clients>({ role, externalId, sts, connect, now }: MembersDeps<Clients>) => {
  const sessions = new Map<string, MemberSession<Clients>>();

  const create = ({ account, region }: Place, incident: string): MemberSession<Clients> => {
    let last: { until: number; credentials: Credentials } | undefined;

    const assume = async (): Promise<Credentials> => {
      // The region becomes part of a host name.
      if (!/^\d{12}$/.test(account) || !regionForm.test(region))
        throw new RefusedError('InvalidPlace', `no account and region: ${account}, ${region}`);
      const RoleArn = `arn:${partitionOf(region)}:iam::${account}:role/${role}-${region}`;
      const input = {
        RoleArn,
        RoleSessionName: incident,
        SourceIdentity: incident,
        ...(externalId && { ExternalId: externalId }),
        DurationSeconds: sessionSeconds,
      };
      try {
        const { Credentials } = await sts.send(new AssumeRoleCommand(input));
        if (!Credentials?.AccessKeyId || !Credentials.SecretAccessKey || !Credentials.SessionToken)
          throw new RefusedError('NoCredentials', `STS gave no credentials for ${RoleArn}`);
        return Credentials;
      } catch (error) {
        throw isDenied(classifyError(error)) ? new NotLetInError({ account, region }, role) : error;
      }
    };

    const forget = () => {
      last = undefined;
    };

    // What is under way is not waited for by others: whoever has asked may be gone by then, and with it the answer.
    const current = async (): Promise<Credentials> => {
      if (last && now() < last.until) return last.credentials;
      const asked = now();
      const credentials = await assume();
      last = { until: asked + sessionSeconds * 1000 - renewBeforeMs, credentials };
      return credentials;
    };

    const settings = {
      region,
      // What STS has said is kept here, by the clock that all else goes by: an identity that is over makes the SDK ask at every call.
      credentials: async () => {
        const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = await current();
        return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, expiration: new Date(0) };
      },
      // One pool of connections for all.
      requestHandler: sts.config.requestHandler,
    };
    return {
      clients: connect(settings, (client) => opening(client, current, forget)),
      open: async () => {
        await current();
      },
    };
  };

  return ({ account, region }: Place, incident: string): MemberSession<Clients> => {
    const name = `${account}/${region} ${incident}`;
    const session = sessions.get(name) ?? create({ account, region }, incident);
    // The last one used is the last to go.
    sessions.delete(name);
    sessions.set(name, session);
    for (const oldest of sessions.keys()) {
      if (sessions.size <= maxSessions) break;
      sessions.delete(oldest);
    }
    return session;
  };
};
