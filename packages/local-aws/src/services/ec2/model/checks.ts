import { ec2Parameters } from '../../../core/model-parameters.ts';
import type { CheckStatus } from '../../../core/service-interfaces.ts';
import type { Instance, Run } from './instance.ts';
import type { Timeline } from './timeline.ts';

/** The three status checks: of the host, of the guest on it, and of the volumes attached to it. */
export type Check = 'system' | 'reachable' | 'attached';

const { interval, failuresToImpair } = ec2Parameters.statusChecks;

/** When the last check at or before `at` was made, or undefined before a run's first. */
const lastCheck = (run: Run, at: number): number | undefined =>
  at < run.firstCheckAt ? undefined : run.firstCheckAt + Math.floor((at - run.firstCheckAt) / interval) * interval;

/** A check sees what was so up to its moment: what changes in that very millisecond doesn't rewrite a check that was told already. */
const passed = (history: Timeline<boolean>, at: number): boolean => history.at(at - 1) === true;

/**
 * A check's status as DescribeInstanceStatus tells it at `at`.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-system-instance-status-check.html
 */
export const checkStatus = (instance: Instance, check: Check, at: number): CheckStatus => {
  const run = instance.run.at(at);
  if (!run) return 'not-applicable';
  const last = lastCheck(run, at);
  if (last === undefined) return 'initializing';
  for (let back = 0; back < failuresToImpair; back++) {
    const time = last - back * interval;
    if (time < run.firstCheckAt) return 'initializing';
    if (passed(instance[check], time)) return 'ok';
  }
  return 'impaired';
};

/** When the first of the check's latest failures was, for a check that is impaired at `at`. */
export const impairedSince = (instance: Instance, check: Check, at: number): number | undefined => {
  const run = instance.run.at(at);
  if (!run || checkStatus(instance, check, at) !== 'impaired') return undefined;
  const last = lastCheck(run, at) as number;
  const failingSince = instance[check].since(last - 1) as number;
  return failingSince < run.firstCheckAt
    ? run.firstCheckAt
    : run.firstCheckAt + (Math.floor((failingSince - run.firstCheckAt) / interval) + 1) * interval;
};

/** The outcome of the check made in the minute that ends at `at`: 1 failed, 0 passed, undefined where none was made. */
export const checkMetric = (instance: Instance, check: Check, at: number): 0 | 1 | undefined => {
  const run = instance.run.at(at - 1);
  const last = run ? lastCheck(run, at - 1) : undefined;
  if (last === undefined || last < at - interval) return undefined;
  return passed(instance[check], last) ? 0 : 1;
};
