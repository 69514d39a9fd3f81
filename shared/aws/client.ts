import { currentDeadline } from './deadline.ts';
import { namingCalls } from './naming.ts';

/** The configuration of an SDK client. Each client has its own type for it. */
export type ClientConfig = object;

/** Makes a set of clients, and lets `adapt` change each. */
export type Connect<Clients> = (config: ClientConfig, adapt: <Client extends object>(client: Client) => Client) => Clients;

/** In milliseconds. A hanging call must not use up the invocation; it ends as an uncertain one. */
const timeouts = { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * Marks our own calls in CloudTrail, whatever role they use: the user agent ends with `app/selfheal`.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
 */
export const appId = 'selfheal';

type Send = (command: unknown, options?: object) => Promise<unknown>;

/**
 * Creates an SDK client with timeouts, selfheal's app id, the caller's deadline, and errors that name their call. No other code creates
 * clients. It doesn't retry unless `config` says so: a hidden retry repeats an action whose response was lost, and waits on paid time.
 */
export const createClient = <Client extends object>(Client: new (settings: never) => Client, config: ClientConfig = {}): Client => {
  const settings = { requestHandler: timeouts, userAgentAppId: appId, cacheMiddleware: true, maxAttempts: 1, ...config };
  const client = new Client(settings as never);
  const sending = client as { send: Send };
  const send = sending.send.bind(client);
  sending.send = (command, options) => {
    const abortSignal = currentDeadline();
    return send(command, abortSignal ? { abortSignal, ...options } : options);
  };
  return namingCalls(client);
};
