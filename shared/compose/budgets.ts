import { boundedBy } from '../aws/deadline.ts';
import type { Bounded, Timer } from '../ports/deadline.ts';

/**
 * The time limit of one piece of a function's work, in milliseconds: an incident's start, a look-up, one execution of a sweep. It is
 * shorter than the function's timeout in the template, so that the piece ends with a readable error and the rest is done. In `remediate` it
 * limits a step: a step that outlasts its invocation starts over in the next one and would outlast that as well.
 * https://github.com/aws/aws-durable-execution-sdk-js/issues/370
 */
export const budgets = {
  intake: 8000,
  remediate: 20_000,
  watch: 8000,
  approve: 8000,
  chat: 8000,
  beat: 8000,
  dashboardWidget: 12_000,
  earlyWarning: 20_000,
} as const;

/** Limits work to the named budget. */
export const boundedAs = (name: keyof typeof budgets, timer: Timer | undefined): Bounded => boundedBy(budgets[name], timer);
