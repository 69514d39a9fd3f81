import { attempt } from '../aws/call.ts';
import type { Approval, Decision } from '../model/approval.ts';
import { errorName } from '../model/errors.ts';
import { plainLine } from '../model/text.ts';
import type { Log } from '../ports/log.ts';
import type { Decided } from './decide.ts';
import { type DecideAsDeps, decideAs } from './decide-as.ts';
import { type Refusal, readForm, refuse, respond, type UrlEvent, type UrlResponse } from './http.ts';
import type { SigningKeys } from './keys.ts';
import { isGenuine, parseToken } from './link.ts';
import { decidedPage, nameLimit, overPage, plainPage, questionPage, undeliveredPage } from './page.ts';
import { AlteredDecisionError } from './seal.ts';
import type { StoredApproval } from './store.ts';

/** What answering a request needs. */
export type ApproveDeps = DecideAsDeps & {
  keys: () => Promise<SigningKeys>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Must never receive a token, a key or a callback id. */
  log: Log;
  /** What is known of such an action, in a sentence; a page without it is good as well. */
  experience: (asked: Approval) => Promise<string | null>;
};

const allow = 'GET, HEAD, POST, OPTIONS';

/** The same response for a malformed, unknown, tampered or foreign link, so that it reveals nothing about valid ones. */
const badLink: Refusal = {
  status: 403,
  title: 'This link is not valid',
  text: 'Use the link exactly as in the message. If you did, the question no longer exists or was changed after you were asked: this page triggers no action.',
};
/** The ledger was written to without the signing key. */
const altered: Refusal = {
  status: 403,
  title: 'This question has been tampered with',
  text: 'The recorded decision was not made on this page, and selfheal does not act on it: tell the team responsible for selfheal.',
};
const badForm: Refusal = { status: 400, title: 'Not understood', text: 'Open the link from the message and use its buttons.' };

/** Finds the approval of a token, if it was made for this page and is unchanged. */
const find = async (text: string, domain: string, { store, keys }: ApproveDeps): Promise<StoredApproval | null> => {
  const token = parseToken(text);
  if (!token) return null;
  const stored = await store.read(token.id);
  if (!stored || stored.approval.page !== `https://${domain}/`) return null;
  return isGenuine(token, stored.approval, await keys()) ? stored : null;
};

/** Shows the page without changing anything, since mail scanners and previews follow links. */
const show = async ({ rawPath, requestContext }: UrlEvent, deps: ApproveDeps): Promise<UrlResponse> => {
  const token = rawPath.slice(1);
  const stored = await find(token, requestContext.domainName, deps);
  if (!stored) return refuse(badLink);
  const { approval, decision, delivery } = stored;
  const now = deps.now();
  if (decision && delivery === null) return respond(200, undeliveredPage(approval, decision, token));
  if (decision && delivery !== 'over') return respond(200, decidedPage(approval, decision));
  if (decision || approval.expiresAt <= now) return respond(410, overPage(approval));
  const known = await attempt(() => deps.experience(approval));
  return respond(200, questionPage(approval, token, now, { experience: known.ok ? known.value : null }));
};

const pageOf = (approval: Approval, token: string, asked: Decision, decided: Decided): UrlResponse => {
  if (decided.result === 'over') return respond(410, overPage(approval));
  const { decision } = decided;
  const status = decision.decision === asked.decision ? 200 : 409;
  if (decided.result !== 'undelivered') return respond(status, decidedPage(approval, decision));
  const page = undeliveredPage(approval, decision, token);
  return decided.error === null ? respond(status, page) : respond(503, page, { 'retry-after': '30' });
};

const nameMissing = 'Nothing was decided: write your name first, so that the record says who decides.';

const take = async (event: UrlEvent, deps: ApproveDeps): Promise<UrlResponse> => {
  const form = readForm(event);
  if (!(form instanceof URLSearchParams)) return refuse(form);
  const fields = ['token', 'decision'].map((name) => form.getAll(name));
  const [token, said] = fields.map(([value]) => value);
  if (fields.some(({ length }) => length !== 1) || token === undefined || (said !== 'approve' && said !== 'reject')) return refuse(badForm);
  const { domainName, http } = event.requestContext;
  const stored = await find(token, domainName, deps);
  if (!stored) return refuse(badLink);
  const { approval } = stored;
  const name = plainLine(form.get('name') ?? '', nameLimit);
  const decision: Decision = { decision: said, name: name || null, from: http.sourceIp, at: deps.now() };
  const isOpen = stored.decision === null && decision.at < approval.expiresAt;
  if (isOpen && name === '') return respond(400, questionPage(approval, token, decision.at, { problem: nameMissing }));
  const decided = await decideAs(stored, decision, deps);
  deps.log({
    level: 'INFO',
    message: 'approval',
    incident: approval.incident,
    action: approval.action,
    target: approval.target,
    asked: decision,
    result: decided.result,
    ...('decision' in decided ? { stands: decided.decision } : {}),
    ...(decided.result === 'undelivered' && decided.error ? { error: errorName(decided.error) } : {}),
  });
  return pageOf(approval, token, decision, decided);
};

/** Answers one request, also if the ledger was tampered with. */
export const answerRequest = async (event: UrlEvent, deps: ApproveDeps): Promise<UrlResponse> => {
  try {
    return await answer(event, deps);
  } catch (error) {
    if (!(error instanceof AlteredDecisionError)) throw error;
    deps.log({ level: 'ERROR', message: 'approval altered', error: error.message });
    return refuse(altered);
  }
};

/**
 * A GET only shows the page; only the form decides.
 * @throws whatever the ledger throws
 */
const answer = async (event: UrlEvent, deps: ApproveDeps): Promise<UrlResponse> => {
  switch (event.requestContext.http.method) {
    case 'GET':
      return show(event, deps);
    case 'HEAD':
      return { ...(await show(event, deps)), body: '' };
    case 'POST':
      return take(event, deps);
    case 'OPTIONS':
      return { statusCode: 204, headers: { allow }, body: '' };
    default:
      return refuse({ status: 405, title: 'Not possible', text: 'You can only view this page and send its form.' }, { allow });
  }
};

/** The response to an internal error. The error's name is logged, and nothing of it is shown. */
export const failed = (error: unknown, { log }: Pick<ApproveDeps, 'log'>): UrlResponse => {
  const { name, message } = error as Error;
  log({ level: 'ERROR', message: 'approval page failed', error: `${name}: ${message}`.slice(0, 300) });
  return respond(
    500,
    plainPage('Something went wrong', 'Open the link from the message again in a moment: it shows whether anything was decided.'),
    { 'retry-after': '30' },
  );
};
