import middy from '@middy/core';
import * as z from 'zod';
import type { Policy } from '../model/policy.ts';
import { type Bounded, unbounded } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { alarmsFor } from './alarms.ts';
import { type Applied, applyPlan } from './apply.ts';
import { type LookClients, lookAtWatched, presentAlarms } from './look.ts';
import { planFor } from './plan.ts';

/**
 * Permissions of early warning's calls; held against the packaged template. The mutating ones and TagResource, which PutMetricAlarm
 * needs for the tags of a new alarm, can be held to alarms whose names begin with `early-warning/`.
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

export type EarlyWarningDeps = {
  clients: LookClients;
  policy: Pick<Policy, 'optIn' | 'problem'>;
  /** The topic that the alarms tell. */
  topicArn: string;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Each look-up by itself. */
  bounded?: Bounded;
};

/** Each alarm costs money every month: an account with more to watch than this is not meant. */
const mostAlarms = 2000;

/** Milliseconds before the function's end from which on no other call is begun: one may take ten seconds. */
const reserve = 15_000;

/** Anything may set it off, a schedule or an event: it always looks at everything. `dryRun` only says what would be done. */
const eventSchema = z.object({
  dryRun: z.boolean().optional(),
  /** Most of what is watched really is gone: without this in two runs, most of the alarms stay. */
  removeMost: z.boolean().optional(),
});

/** So many alarms may go at once whatever their share of all: an instance has half a dozen. */
const fewAlarms = 20;

export type Report = Applied & { /** Alarms that are wanted, but more than there may be. */ over: number } & (
    | { dryRun: false }
    | { dryRun: true; would: { make: string[]; change: string[]; remove: string[] } }
  );

/** Something can't be watched. What could be done is done; Lambda counts an error, so that somebody looks. */
export class EarlyWarningIncomplete extends Error {
  override readonly name = 'EarlyWarningIncomplete';
  readonly report: Report;
  constructor(report: Report) {
    super(`${report.problems.length} problems: ${report.problems.slice(0, 3).join('; ')}`);
    this.report = report;
  }
}

/**
 * Sees to it that whatever is opted in has its alarms, and that nothing else has. Running it again changes nothing. Throws
 * `EarlyWarningIncomplete` where something could not be looked up or done, after everything else has been.
 */
export const createEarlyWarning = ({ clients, policy, topicArn, log, now, bounded = unbounded }: EarlyWarningDeps) =>
  middy().handler(async (event: unknown, { getRemainingTimeInMillis }: { getRemainingTimeInMillis: () => number }): Promise<Report> => {
    const { dryRun = false, removeMost = false } = eventSchema.parse(event ?? {});
    const { watched, known, problems } = await lookAtWatched(clients, policy, bounded);
    if (policy.problem !== undefined) problems.push(policy.problem);
    const present = await bounded(() => presentAlarms(clients.cloudWatch, topicArn));
    const plan = planFor(alarmsFor(watched, topicArn), present, { topicArn, known, most: mostAlarms });
    const { over } = plan;
    const going = plan.remove.length;
    if (!removeMost && going > fewAlarms && going > present.length / 2) {
      problems.push(
        `${going} of ${present.length} alarms seem to be no longer needed and are kept: if that is right, run it with {"removeMost": true}, and again after a quarter of an hour`,
      );
      plan.kept += going;
      plan.remove = [];
    }
    if (over > 0) problems.push(`${over} alarms over the limit of ${mostAlarms}`);
    const names = (alarms: readonly { AlarmName?: string | undefined }[]) => alarms.map(({ AlarmName = '' }) => AlarmName);
    const nothing = { made: 0, changed: 0, removed: 0, marked: 0, kept: plan.kept, left: 0, problems: [] };
    const applied =
      dryRun || policy.problem !== undefined
        ? nothing
        : await applyPlan(plan, { cloudWatch: clients.cloudWatch, mayGoOn: () => getRemainingTimeInMillis() > reserve, now: now() });
    const would = { make: names(plan.make), change: names(plan.change.map(({ wanted }) => wanted)), remove: names(plan.remove) };
    const all = { ...applied, over, problems: [...problems, ...applied.problems] };
    const report: Report = dryRun ? { ...all, dryRun, would } : { ...all, dryRun };
    const level = all.problems.length > 0 ? 'ERROR' : 'INFO';
    // Without the names of a dry run, and with a few problems: a line of a log has its limits.
    log({ level, message: 'alarms of early warning', dryRun, ...all, problems: all.problems.slice(0, 20) });
    if (report.problems.length > 0) throw new EarlyWarningIncomplete(report);
    return report;
  });
