import { attempt, explain } from '../aws/call.ts';
import { errorMessage, isNamed, SelfhealError } from '../model/errors.ts';
import { maskSecrets } from '../model/mask-secrets.ts';
import { plainLine } from '../model/text.ts';
import type { Answer } from '../ports/post.ts';

/** A server has not accepted a message. Its status says whether it may accept it later. */
class NotAcceptedError extends SelfhealError {
  override readonly name = 'NotAccepted';
  readonly $metadata: { httpStatusCode: number };
  constructor(message: string, httpStatusCode: number) {
    super(message);
    this.$metadata = { httpStatusCode };
  }
}

/** Of an answer after which the same may be sent again at once, however often. */
const againStatus = 429;
/** A redirect is final: a message is only sent where the policy says. */
const finalStatus = 400;

/**
 * Checks that a server has accepted a message. `says`: its answer is for people. `onceOnly`: it takes the same message twice for one, so that
 * one that may have arrived is sent again like one that can't have.
 * @throws {NotAcceptedError} otherwise
 */
export const ensureAccepted = (
  who: string,
  { status, body }: Answer,
  { says = false, onceOnly = false }: { says?: boolean; onceOnly?: boolean } = {},
): void => {
  if (status >= 200 && status < 300) return;
  const said = says && body !== '' ? `: ${plainLine(maskSecrets(body), 200)}` : '';
  const known = status >= 300 && status < 400 ? finalStatus : onceOnly && status >= 500 ? againStatus : status;
  throw new NotAcceptedError(`${who} answered ${status}${said}`, known);
};

/** What stands for no answer of a server that takes the same message twice for one. */
export const notReached = (who: string, error: unknown): Error => {
  if (isNamed(error, 'AddressRefused')) return error as Error;
  return new NotAcceptedError(`${who} was not reached: ${errorMessage(error).slice(0, 200)}`, againStatus);
};

/**
 * Reads the secret that a message needs. Where that fails nothing has been sent, so it is no message that may have arrived.
 * @throws {NotAcceptedError} unless AWS refuses it for good
 */
export const secretFor = async (who: string, read: () => Promise<string>): Promise<string> => {
  const found = await attempt(read);
  if (found.ok) return found.value.trim();
  const status = found.error.kind === 'refused' ? finalStatus : againStatus;
  throw new NotAcceptedError(`the secret of ${who} could not be read: ${explain(found.error)}`, status);
};
