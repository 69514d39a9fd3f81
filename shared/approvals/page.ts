import { type Approval, type Decision, deciderOf } from '../model/approval.ts';
import { formatDuration } from '../model/duration.ts';
import { foreseenWords } from '../model/foreseen.ts';
import { documentOf, Html, html } from '../model/html.ts';
import { utc } from '../model/text.ts';

/** The maximum length of a name, in characters, on the page and in the ledger. */
export const nameLimit = 80;

const words = { approve: 'approved', reject: 'rejected' } as const;

const row = (term: string, text: string): Html => html`<dt>${term}</dt><dd>${text}</dd>`;

/** What will happen comes first; a question of an earlier version says only what would be done. */
const detailsOf = (approval: Approval, experience: string | null = null): Html => html`
<h2>What will happen</h2>
<dl>
${[
  row('Action', approval.what),
  ...(approval.target.id === approval.resource.id ? [] : [row('Target', `${approval.target.type} ${approval.target.id}`)]),
  ...(approval.foreseen ? foreseenWords(approval.foreseen).map(([term, text]) => row(term, text)) : []),
  ...(experience === null ? [] : [row('How often it helped', experience)]),
]}
</dl>
${reasonsOf(approval)}`;

const reasonsOf = ({ why, failure, severity, reason, resource, account, region, incident }: Approval): Html => html`
<h2>Why</h2>
<dl>
${[
  row('Reason for asking', why),
  row('Problem', `${failure} (${severity}): ${reason}`),
  row('Resource', `${resource.type} ${resource.id}`),
  row('Where', `account ${account}, ${region}`),
  row('Incident', incident),
]}
</dl>`;

const storyOf = ({ timeline }: Approval): Html => html`
<h2>So far (UTC)</h2>
<ol>
${timeline.map(({ at, phase, text }) => html`<li><time datetime="${at}">${at.slice(11, 19)}</time> ${phase}: ${text}</li>`)}
</ol>`;

/**
 * The request with two buttons. `token` is in the form's body; `now` is in milliseconds since the epoch; `problem` is what was wrong with the
 * form, and `experience` what is known of such an action.
 */
export const questionPage = (
  approval: Approval,
  token: string,
  now: number,
  { problem = null, experience = null }: { problem?: string | null; experience?: string | null } = {},
): string =>
  documentOf(
    `May selfheal ${approval.what}?`,
    html`<h1>May selfheal ${approval.what}?</h1>
${problem === null ? '' : html`<p role="alert" id="problem"><strong>${problem}</strong></p>`}
${detailsOf(approval, experience)}
<form method="post" action="/" autocomplete="off">
<input type="hidden" name="token" value="${token}">
<button type="submit" disabled hidden></button>
<label for="name">Your name, for the record</label>
<input id="name" name="name" type="text" required maxlength="${String(nameLimit)}" autocomplete="name"${problem === null ? '' : new Html(' aria-invalid="true" aria-describedby="problem"')}>
<div class="buttons">
<button type="submit" name="decision" value="approve" aria-describedby="until">Approve</button>
<button type="submit" name="decision" value="reject" aria-describedby="until">Reject</button>
</div>
<p id="until" class="note">Open until ${utc(approval.expiresAt)}, ${formatDuration((approval.expiresAt - now) / 1000)} from when this page was loaded. The first decision counts. If nobody decides, selfheal takes no action.</p>
</form>
${storyOf(approval)}`,
  );

const result = (title: string, approval: Approval, content: Html): string =>
  documentOf(title, html`<h1>${title}</h1>\n${content}\n${detailsOf(approval)}\n${storyOf(approval)}`);

/** The decision, by whom and when, whether just made or earlier. */
export const decidedPage = (approval: Approval, decision: Decision): string =>
  result(
    `${decision.decision === 'approve' ? 'Approved' : 'Rejected'}: ${approval.what}`,
    approval,
    html`<p role="status">This was ${words[decision.decision]} by ${deciderOf(decision)}, ${utc(decision.at)}. The decision stands. A separate message will say how the incident ends.</p>`,
  );

/** Decided, but the incident may not know: the same decision, and no other, can be sent again. */
export const undeliveredPage = (approval: Approval, decision: Decision, token: string): string =>
  result(
    'Decided, but not passed on yet',
    approval,
    html`<p role="alert">This was ${words[decision.decision]} by ${deciderOf(decision)}, ${utc(decision.at)}, but it is not confirmed yet that the incident received it. Until then, selfheal takes no action. Try again in half a minute: the decision stays the same.</p>
<form method="post" action="/" autocomplete="off">
<input type="hidden" name="token" value="${token}">
<div class="buttons"><button type="submit" name="decision" value="${decision.decision}">Pass it on</button></div>
</form>`,
  );

/** Too late: the deadline passed, or the incident no longer waits. */
export const overPage = (approval: Approval): string =>
  result(
    'Too late to decide',
    approval,
    html`<p role="status">The incident waited for an answer until ${utc(approval.expiresAt)} at the latest and no longer does. This page triggers no action.</p>`,
  );

/** A page with a title and one sentence. */
export const plainPage = (title: string, text: string): string => documentOf(title, html`<h1>${title}</h1>\n<p role="status">${text}</p>`);
