import type { Outcome } from '../model/outcome.ts';
import type { Policy } from '../model/policy.ts';

/** The topic that tells of an outcome: that of the first route which it matches, and otherwise the usual one. */
export const topicOf = (routes: Policy['routes'], { status, severity }: Pick<Outcome, 'status' | 'severity'>, usual: string): string =>
  routes.find(
    ({ when }) => (when.outcome === undefined || when.outcome === status) && (when.severity === undefined || when.severity === severity),
  )?.topicArn ?? usual;
