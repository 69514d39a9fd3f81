import type { Outcome } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';

/** The topic of an outcome: that of the first matching route, else the default. */
export const topicOf = (routes: Policy['routes'], { status, severity }: Pick<Outcome, 'status' | 'severity'>, usual: string): string =>
  routes.find(
    ({ when }) => (when.outcome === undefined || when.outcome === status) && (when.severity === undefined || when.severity === severity),
  )?.topicArn ?? usual;
