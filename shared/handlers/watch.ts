import middy from '@middy/core';
import * as z from 'zod';
import { attempt, explain } from '../aws/call.ts';
import { noRules } from '../model/classification-rules.ts';
import { heartbeatOf } from '../notifications/metrics.ts';
import { unbounded } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { type SweepBeatsDeps, sweepBeats } from '../recovery/beats.ts';
import { type CountOptedInDeps, countOptedIn } from '../recovery/count-opted-in.ts';
import { type DigestDeps, tellWeek } from '../recovery/digest.ts';
import { type OutOfServiceDeps, reportOutOfService } from '../recovery/out-of-service.ts';
import { type EndPausesDeps, endPauses } from '../recovery/pauses.ts';
import { type SweepDeps, sweep } from '../recovery/sweep.ts';
import { type TellMassesDeps, tellMasses } from '../recovery/tell-masses.ts';
import { endedOf, executionEndSchema, watchExecution } from '../recovery/watch.ts';
import { liftZoneHold } from '../recovery/zone-over.ts';
import { homeOf } from './home.ts';

/** The event of a schedule. */
const scheduled = z.object({
  source: z.literal('aws.events'),
  'detail-type': z.literal('Scheduled Event'),
  detail: z.object({ sweep: z.enum(['out-of-service', 'beats', 'digest']).optional() }).optional(),
});

/** An AWS Health event that closes an issue. */
const closedIssue = z.object({ source: z.literal('aws.health'), detail: z.object({ statusCode: z.literal('closed') }) });

/** Milliseconds before the function's timeout after which no execution is begun with: one may take most of it. */
const timeReserve = 20_000;

type WatchHandlerDeps = SweepDeps &
  OutOfServiceDeps & {
    /** Takes back what was raised or added for a while, by what it is; each returns how much. */
    takeBack?: Readonly<Record<string, () => Promise<number>>>;
    /** The heartbeats to watch; none if left out. */
    heartbeats?: Pick<SweepBeatsDeps, 'beats' | 'watched' | 'rules' | 'start'>;
    /** Ends what people have paused. */
    endsPauses?: Pick<EndPausesDeps, 'start'>;
    /** Past incidents, which are counted. */
    counts?: Pick<DigestDeps, 'past' | 'digests' | 'weekly'>;
    /** What has opted in, which is counted. */
    countsOptedIn?: Pick<CountOptedInDeps, 'digests' | 'own' | 'inMember' | 'policy'>;
    /** Tells of mass failures of several accounts; left out where there is one. */
    tellsMasses?: Pick<TellMassesDeps, 'policy'>;
    /** Says to another region that this deployment works. */
    tellsAlive?: () => Promise<void>;
    log?: Log;
    /** Writes a line in CloudWatch's embedded metric format, which must stand alone. */
    write?: (line: string) => void;
    /** The CloudWatch namespace of the metrics. */
    namespace?: string;
  };

/**
 * Handles executions that ended without an outcome: one by the notice of its end, or on a schedule all whose notice was lost. On another
 * schedule it reports what selfheal has left out of service, on a third it looks for missed heartbeats, and on a fourth it counts past incidents, tells
 * of them once a week, and counts what has opted in. It also clears impairments that AWS Health closes, since it is the only
 * subscriber with access to the ledger.
 */
export const createWatch = ({
  log = () => {},
  write = () => {},
  namespace,
  heartbeats,
  endsPauses,
  counts,
  countsOptedIn,
  tellsMasses,
  tellsAlive,
  takeBack = {},
  ...given
}: WatchHandlerDeps) => {
  const deps = { notifiedHere: new Map(), unsureHere: new Map(), seenHere: new Map(), ...given };
  const { bounded = unbounded } = deps;
  return middy().handler(async (event: unknown, context: { invokedFunctionArn: string; getRemainingTimeInMillis: () => number }) => {
    const schedule = scheduled.safeParse(event);
    if (schedule.data?.detail?.sweep === 'out-of-service') {
      // What fails is tried again in two minutes, and must not keep what is out of service from being reported.
      const over = endsPauses && (await attempt(() => bounded(() => endPauses({ ...deps, ...endsPauses }))));
      if (over && (!over.ok || over.value.ended > 0))
        log({ level: over.ok ? 'INFO' : 'WARN', message: 'pauses', ...(over.ok ? over.value : { error: explain(over.error) }) });
      const masses = tellsMasses && (await attempt(() => tellMasses({ ...deps, ...tellsMasses })));
      if (masses && (!masses.ok || masses.value > 0))
        log({ level: 'WARN', message: 'mass failures', ...(masses.ok ? { reported: masses.value } : { error: explain(masses.error) }) });
      const found = await reportOutOfService(deps);
      log({ level: found.notified > 0 ? 'WARN' : 'INFO', message: 'out of service', ...found });
      // Only now: the ledger has answered, and people know what they were to know.
      const sign = tellsAlive && (await attempt(() => bounded(tellsAlive)));
      if (sign && !sign.ok) log({ level: 'WARN', message: 'no sign of life', error: explain(sign.error) });
      return found;
    }
    if (schedule.data?.detail?.sweep === 'beats') {
      const swept = heartbeats && (await sweepBeats({ ...heartbeats, now: deps.now, bounded, log, home: homeOf(context) }));
      log({ level: 'INFO', message: 'heartbeats', ...swept });
      return swept;
    }
    if (schedule.data?.detail?.sweep === 'digest') {
      const mayGoOn = () => context.getRemainingTimeInMillis() > timeReserve;
      try {
        const week = counts && (await tellWeek({ ...counts, reporter: deps.reporter, now: deps.now, log, mayGoOn }));
        log({ level: 'INFO', message: 'past incidents', ...week });
        return week;
      } finally {
        // Whatever has become of the digest.
        const counted =
          countsOptedIn && (await attempt(() => countOptedIn({ ...deps, ...countsOptedIn, home: homeOf(context), log, mayGoOn })));
        if (counted?.ok && counted.value.counted > 0) log({ level: 'INFO', message: 'opted-in instances', ...counted.value });
        if (counted && !counted.ok) log({ level: 'WARN', message: 'opted-in instances not counted', error: explain(counted.error) });
      }
    }
    if (schedule.success) {
      const left = () => context.getRemainingTimeInMillis();
      const half = left() / 2;
      const swept = await sweep({ ...deps, log, mayGoOn: () => left() > timeReserve, mayList: () => left() > Math.max(half, timeReserve) });
      log({ level: 'INFO', message: 'sweep', ...swept });
      write(JSON.stringify(heartbeatOf(deps.now(), swept.reconciled, namespace)));
      // There is no hurry, and nothing depends on it.
      for (const [what, run] of Object.entries(takeBack)) {
        const taken = await attempt(run);
        if (!taken.ok) log({ level: 'WARN', message: `${what} not taken back`, error: explain(taken.error) });
      }
      return swept;
    }
    if (closedIssue.safeParse(event).success) {
      const lifted = await bounded(() => liftZoneHold(event, deps.ledger, homeOf(context), (heartbeats?.rules ?? noRules).scope));
      log({ level: 'INFO', message: 'issue closed', lifted });
      return lifted;
    }
    const ended = endedOf(executionEndSchema.parse(event));
    const outcome = await watchExecution(ended, deps, 'notice');
    log({ level: 'WARN', message: 'execution ended', incident: ended.key, status: ended.status, outcome: outcome?.status ?? null });
    return outcome;
  });
};
