import type { Severity } from '../../model/classification.ts';
import { RefusedError } from '../../model/errors.ts';
import type { Link, Outcome } from '../../model/outcome.ts';
import { runbookOf } from '../../model/runbook.ts';
import type { Interim } from '../../ports/reporter.ts';
import { ensureAccepted, notReached, secretFor } from '../accepted.ts';
import { interimSubject } from '../interim.ts';
import { linkNames } from '../links.ts';
import { subjectOf } from '../message.ts';
import { opensPage, pageAtEnd } from '../page.ts';
import { cut, lineOf } from '../text.ts';
import { whatNow } from '../what-now.ts';
import { type ChannelModule, hearsOf } from './channel.ts';
import { linked } from './outcome.ts';

/** https://developer.pagerduty.com/docs/events-api-v2-overview, and for the EU https://support.pagerduty.com/main/docs/service-regions */
const endpoints = { us: 'https://events.pagerduty.com/v2/enqueue', eu: 'https://events.eu.pagerduty.com/v2/enqueue' } as const;
/** In characters, of an integration key. */
const keyLength = 32;
/** In characters, of a summary. https://developer.pagerduty.com/docs/send-alert-event */
const summaryLimit = 1024;
/** How many actions an alert lists; a whole alert may have 512 KB. */
const maxActions = 20;

const severities: Readonly<Record<Severity, string>> = { critical: 'critical', high: 'error', medium: 'warning', low: 'info' };

type About = Pick<Outcome, 'incident' | 'failure' | 'severity' | 'resource' | 'account' | 'region' | 'reason'>;

const triggerOf = (
  { incident, failure, severity, resource, account, region, reason }: About,
  { title, at, links, details }: { title: string; at: string; links: readonly Link[]; details: object },
) => ({
  event_action: 'trigger',
  dedup_key: incident,
  client: 'selfheal',
  links: links.map(({ to, url }) => ({ href: url, text: linkNames[to] })),
  payload: {
    summary: cut(`${title}: ${lineOf(reason)}`, summaryLimit),
    source: lineOf(resource.id),
    severity: severities[severity],
    timestamp: at,
    component: resource.type,
    class: failure,
    custom_details: { incident, reason: lineOf(reason, 1000), account, region, ...details },
  },
});

const ofOutcome = (outcome: Outcome) =>
  triggerOf(outcome, {
    title: subjectOf(outcome),
    at: outcome.endedAt,
    links: outcome.links ?? [],
    details: {
      status: outcome.status,
      ...(outcome.resourceState ? { seen: lineOf(outcome.resourceState) } : {}),
      what_now: whatNow(outcome),
      actions: outcome.actions.slice(-maxActions).map(({ at, action, target, result }) => lineOf([at, action, target, result].join(' '))),
    },
  });

const ofInterim = (interim: Interim, runbook: string | null) =>
  triggerOf(interim, {
    title: interimSubject(interim),
    at: interim.at,
    links: runbook === null ? [] : [{ to: 'runbook', url: runbook }],
    details: { status: 'open' },
  });

/**
 * Alerts of PagerDuty: one for each incident that needs a person, by its key, so that another event of it makes no other alert. An alert
 * without an open one of its key to resolve changes nothing there.
 */
export const pagerDuty: ChannelModule = {
  id: 'pagerduty',
  quiet: false,
  essential: false,
  reports: {
    permissions: [],
    open: ({ outside, ...deployment }) => {
      const settings = outside?.channels.pagerduty;
      if (!settings) return null;
      const { secret, region, when } = settings;
      const enqueue = async (event: object): Promise<void> => {
        const key = await secretFor('PagerDuty', () => outside.secret(secret));
        if (key.length !== keyLength)
          throw new RefusedError('SecretUnusable', `secret ${secret} must be an integration key of ${keyLength} characters`);
        const body = JSON.stringify({ routing_key: key, ...event });
        const sent = outside.post(new URL(endpoints[region]), { headers: { 'content-type': 'application/json' }, body });
        const answer = await sent.catch((error: unknown) => Promise.reject(notReached('PagerDuty', error)));
        ensureAccepted('PagerDuty', { ...answer, body: answer.body.replaceAll(key, 'the key') }, { says: true, onceOnly: true });
      };
      return {
        outcome: async (outcome) => {
          if (!hearsOf(when, outcome, deployment)) return;
          const page = pageAtEnd(outcome);
          if (page === 'open') await enqueue(ofOutcome(linked(outcome, deployment)));
          if (page === 'close') await enqueue({ event_action: 'resolve', dedup_key: outcome.incident });
        },
        interim: async (interim) => {
          if (opensPage(interim) && hearsOf(when, interim, deployment))
            await enqueue(ofInterim(interim, deployment.runbooks ? runbookOf(interim, deployment.runbooks) : null));
        },
      };
    },
  },
};
