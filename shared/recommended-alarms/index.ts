import middy from '@middy/core';
import * as z from 'zod';
import { SelfhealError } from '../model/errors.ts';
import type { Policy } from '../model/policy.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { alarmsFor } from './alarms.ts';
import { type Applied, applyPlan } from './apply.ts';
import { type DescribeClients, describeWatched, presentAlarms, type Watching } from './describe.ts';
import { planFor } from './plan.ts';

/**
 * IAM actions of early warning. A test compares them with the packaged template. The mutating ones, and TagResource, which PutMetricAlarm
 * needs to tag new alarms, can be restricted to alarm names that begin with `early-warning/`.
 */
export const earlyWarningPermissions = [
  'autoscaling:DescribeAutoScalingGroups',
  'cloudwatch:DeleteAlarms',
  'cloudwatch:DescribeAlarms',
  'cloudwatch:ListMetrics',
  'cloudwatch:ListTagsForResource',
  'cloudwatch:PutMetricAlarm',
  'cloudwatch:TagResource',
  'ec2:DescribeInstances',
  'elasticloadbalancing:DescribeTags',
  'elasticloadbalancing:DescribeTargetGroups',
] as const;

/** What early warning needs. */
export type EarlyWarningDeps = {
  clients: DescribeClients;
  policy: Watching & Pick<Policy, 'problem'>;
  /** The topic that the alarms notify. */
  topicArn: string;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Limits each look-up separately. */
  bounded?: Bounded;
};

/** Each alarm costs money every month; no account is expected to need more. */
const maxAlarms = 2000;

/** Milliseconds before the function's timeout after which no call begins: one may take ten seconds. */
const timeReserve = 15_000;

/** Any event or schedule may invoke it: it always looks at everything. `dryRun` only reports what would change. */
const eventSchema = z.object({
  dryRun: z.boolean().optional(),
  /** Confirms, in two runs, that most of the watched resources are really gone. Otherwise most of the alarms stay. */
  removeMost: z.boolean().optional(),
});

/** This many alarms may be deleted at once, whatever their share: an instance has about six. */
const alwaysRemovable = 20;

export type Report = Applied & { /** Desired alarms beyond the maximum. */ over: number } & (
    | { dryRun: false }
    | { dryRun: true; would: { make: string[]; change: string[]; remove: string[] } }
  );

/** Some resources can't be watched. Everything else has been done; Lambda counts an error, so that a person notices. */
export class EarlyWarningIncompleteError extends SelfhealError {
  override readonly name = 'EarlyWarningIncomplete';
  readonly report: Report;
  constructor(report: Report) {
    super(`${report.problems.length} problems: ${report.problems.slice(0, 3).join('; ')}`);
    this.report = report;
  }
}

/**
 * Reconciles alarms: everything opted in has its alarms, and nothing else has. Idempotent.
 * @throws {EarlyWarningIncompleteError} from the function, if a look-up or a change failed, after everything else has been done
 */
export const createEarlyWarning = ({ clients, policy, topicArn, log, now, bounded = unbounded }: EarlyWarningDeps) =>
  middy().handler(async (event: unknown, { getRemainingTimeInMillis }: { getRemainingTimeInMillis: () => number }): Promise<Report> => {
    const { dryRun = false, removeMost = false } = eventSchema.parse(event ?? {});
    const { watched, known, problems } = await describeWatched(clients, policy, bounded);
    if (policy.problem !== undefined) problems.push(policy.problem);
    const present = await bounded(() => presentAlarms(clients.cloudWatch, topicArn));
    const plan = planFor(alarmsFor(watched, topicArn), present, { topicArn, known, most: maxAlarms });
    const { over } = plan;
    const going = plan.remove.length;
    if (!removeMost && going > alwaysRemovable && going > present.length / 2) {
      problems.push(
        `${going} of ${present.length} alarms seem to be no longer needed and are kept: if that is right, run it with {"removeMost": true}, and again after a quarter of an hour`,
      );
      plan.kept += going;
      plan.remove = [];
    }
    if (over > 0) problems.push(`${over} alarms over the limit of ${maxAlarms}`);
    const names = (alarms: readonly { AlarmName?: string | undefined }[]) => alarms.map(({ AlarmName = '' }) => AlarmName);
    const nothing = { made: 0, changed: 0, removed: 0, marked: 0, kept: plan.kept, left: 0, problems: [] };
    const applied =
      dryRun || policy.problem !== undefined
        ? nothing
        : await applyPlan(plan, { cloudWatch: clients.cloudWatch, mayGoOn: () => getRemainingTimeInMillis() > timeReserve, now: now() });
    const would = { make: names(plan.make), change: names(plan.change.map(({ wanted }) => wanted)), remove: names(plan.remove) };
    const all = { ...applied, over, problems: [...problems, ...applied.problems] };
    const report: Report = dryRun ? { ...all, dryRun, would } : { ...all, dryRun };
    const level = all.problems.length > 0 ? 'ERROR' : 'INFO';
    // Without the names of a dry run and with a few problems only: log lines are limited.
    log({ level, message: 'alarms of early warning', dryRun, ...all, problems: all.problems.slice(0, 20) });
    if (report.problems.length > 0) throw new EarlyWarningIncompleteError(report);
    return report;
  });
