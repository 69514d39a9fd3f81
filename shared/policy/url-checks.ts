import type { Incident } from '../model/incident.ts';
import type { Policy } from '../model/policy.ts';
import type { ResourceSnapshot } from '../model/snapshot.ts';
import { checksIn, healthHostOf, healthUrlTag, type UrlCheck } from '../model/url-check.ts';
import { carries, tagsOf } from './effective-policy.ts';

/** The URLs that must answer before an incident counts as healed: those of the policy that match it, and that of the resource's tag. */
export const urlChecksFor = (
  { checks }: Pick<Policy, 'checks'>,
  { failure }: Pick<Incident, 'failure'>,
  facts: ResourceSnapshot,
): UrlCheck[] => {
  const { urls, hosts, ...answer } = checksIn(checks);
  const tags = tagsOf(facts);
  const matching = urls.filter(
    ({ when }) => (when.failure === undefined || when.failure === failure) && (when.tag === undefined || carries(tags, when.tag)),
  );
  // With another host the tag can't be followed, and nothing is done. What has healed by itself isn't asked for there either.
  const tagged = tags.flatMap(({ [healthUrlTag]: url }) =>
    url !== undefined && hosts.includes(healthHostOf(url) ?? '') ? [{ url, ...answer }] : [],
  );
  return [...new Map([...matching, ...tagged].map(({ url, expect, within, times }) => [url, { url, expect, within, times }])).values()];
};
