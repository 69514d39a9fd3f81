import { currentDeadline } from './deadline.ts';
import { namingCalls } from './naming.ts';

/** What every client of the SDK takes, though each names it with a type of its own. */
export type ClientConfig = object;

/** Milliseconds that a call may take. One that hangs must not take the whole invocation with it: it is an uncertain one then. */
const timeouts = { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * How our own calls are told from everybody else's in CloudTrail, whatever role they are made in: the agent ends in `app/selfheal`.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-appid.html
 */
export const appId = 'selfheal';

type Send = (command: unknown, options?: object) => Promise<unknown>;

/**
 * The only place where a client of the SDK is made: with time limits, under selfheal's name, ending with the deadline of whoever calls, and
 * with errors that name their call.
 * It doesn't retry unless `config` says so: a retry unseen repeats an action whose answer was lost, and waits on paid time.
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
