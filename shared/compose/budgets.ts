import { boundedBy } from '../aws/deadline.ts';
import type { Bounded, Timer } from '../ports/deadline.ts';

/**
 * How much of an invocation one piece of a function's work may take, in milliseconds: less than the function's time-out in the template, so
 * that it ends with an error that somebody reads, and the rest of the work is done: an incident's start, a look-up, one execution of a
 * sweep. Of `remediate` it is a step: one that outlasts its
 * invocation is begun again with the next, https://github.com/aws/aws-durable-execution-sdk-js/issues/370, and would outlast that as well.
 */
export const budgets = {
  intake: 8000,
  remediate: 20_000,
  watch: 8000,
  approve: 8000,
  dashboardWidget: 12_000,
  earlyWarning: 20_000,
} as const;

export const boundedAs = (name: keyof typeof budgets, timer: Timer | undefined): Bounded => boundedBy(budgets[name], timer);
