import { isWithin, type Organization } from '../model/organization.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Place } from '../model/place.ts';
import type { Policy } from '../model/policy.ts';

type Routes = Policy['routes'];

/** What a route selects by. */
export type Routed = Pick<Outcome, 'status' | 'severity'> & Place;

/** The topic of an outcome: that of the first matching route, else the default. */
export const topicOf = (routes: Routes, outcome: Routed, usual: string, organization: Organization): string =>
  routes.find(
    ({ when }) =>
      (when.outcome === undefined || when.outcome === outcome.status) &&
      (when.severity === undefined || when.severity === outcome.severity) &&
      isWithin(when, outcome, organization),
  )?.topicArn ?? usual;

/** The topic of what is about all accounts and is not urgent: that of a route for all that is of low severity, however it ended. */
export const topicOfDigest = (routes: Routes, usual: string): string =>
  routes.find(({ when: { severity, ...rest } }) => severity === 'low' && Object.values(rest).every((part) => part === undefined))
    ?.topicArn ?? usual;
