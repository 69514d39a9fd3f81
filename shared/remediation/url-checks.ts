import { explain } from '../aws/call.ts';
import { onceOnly } from '../model/backoff.ts';
import { formatDuration, secondsOf } from '../model/duration.ts';
import { isResolved } from '../model/status.ts';
import type { UrlCheck } from '../model/url-check.ts';
import { urlChecksFor } from '../policy/url-checks.ts';
import type { Treatment, TreatmentResult } from './treatment-context.ts';

/** Between two requests, in seconds. */
const pause = 10;

/** Requests a URL until it answers well often enough; null then, else what was seen last. */
const whyNotAnswering = async ({ journal, deps, heldLeases }: Treatment, check: UrlCheck): Promise<string | null> => {
  const { url, expect, within, times } = check;
  const { probe } = deps;
  if (!probe) return 'no function is deployed that requests it';
  const since = journal.now();
  let said = '';
  for (let good = 0; ; ) {
    await heldLeases.renew();
    const asked = { url, status: expect.status, body: expect.body ?? null };
    const { value } = await journal.persist('probe', () => probe(asked), onceOnly);
    const { good: answers, seen } = value.ok ? value.value : { good: false, seen: explain(value.error) };
    good = answers ? good + 1 : 0;
    const text = `${url}: ${seen}${answers ? ` (${good} of ${times})` : ''}`;
    if (text !== said) journal.note('verify', text);
    said = text;
    if (good >= times) return null;
    const left = secondsOf(within) - (journal.now() - since) / 1000;
    // What has begun to answer may prove it.
    if (left <= 0 && good === 0) return seen;
    await journal.wait('probe-wait', good > 0 ? pause : Math.min(pause, Math.max(1, left)));
  }
};

/** What is healthy by its own checks is healed only if the URLs of the policy and of its tag answer. */
export const provenByUrls = async (treatment: Treatment, verdict: TreatmentResult): Promise<TreatmentResult> => {
  const { incident, deps, observer } = treatment;
  const seen = observer.first();
  if (!deps.policy.checks || !isResolved(verdict.status) || !verdict.verified || !seen) return verdict;
  const checks = urlChecksFor(deps.policy, incident(), seen);
  for (const check of checks) {
    const why = await whyNotAnswering(treatment, check);
    if (why !== null) {
      const reason = `${verdict.reason}; but ${check.url} did not answer well within ${formatDuration(secondsOf(check.within))}: ${why}`;
      return { status: 'escalated', verified: false, reason };
    }
  }
  return checks.length === 0 ? verdict : { ...verdict, reason: `${verdict.reason}; ${checks.map(({ url }) => url).join(', ')} answers` };
};
