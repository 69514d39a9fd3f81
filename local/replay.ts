import { type Incident, openIncident } from '../shared/incident/incident.ts';
import type { Outcome } from '../shared/incident/outcome.ts';
import { readEvent } from '../shared/failures/read.ts';
import { type Policy, policySchema } from '../shared/policy.ts';
import type { Rejection } from '../shared/signals/decode.ts';
import { createHost, type Host } from './host.ts';
import { matchWorld } from './match.ts';

export type Replay = { outcomes: Outcome[]; rejected: Rejection[]; ignored: number };

const minute = 60_000;
/** Before the failure, so that what the event names has been up for a while. */
const settling = 20 * minute;
/** From a failure to its alarm: more than any alarm that `matchWorld` makes needs. */
const detection = 10 * minute;
/** An incident that isn't over by then never will be. */
const longest = 60 * 24 * 60 * minute;
/** A world for events that don't say where they come from. */
const nowhere = { account: '111122223333', region: 'us-east-1' };

const alarmsRing = async (host: Host, incidents: readonly Incident[], until: number) => {
  const { cloudWatch } = host.operator;
  const { DescribeAlarmsCommand } = await import('@aws-sdk/client-cloudwatch');
  const names = incidents.flatMap(({ alarm }) => (alarm ? [alarm.name] : []));
  if (names.length === 0) return;
  for (let at = host.aws.world.clock.now() + minute; at <= until; at += minute) {
    await host.run(() => false, at);
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [...new Set(names)] }));
    if (MetricAlarms.every(({ StateValue }) => StateValue === 'ALARM')) return;
  }
};

/** Runs incidents in a world that is made to match them, started by `begin`, to their outcomes. */
const runMatched = async (incidents: readonly Incident[], options: { seed: number; policy?: Policy }, begin: (host: Host) => void) => {
  const [first] = incidents;
  const failsAt = (first?.at ?? Date.parse('2026-03-02T09:00:00Z')) - detection;
  const host = await createHost({
    seed: options.seed,
    start: failsAt - settling,
    account: first?.account || nowhere.account,
    region: first?.region || nowhere.region,
    policy: options.policy ?? policySchema.parse({}),
    // What happens in the world must not start incidents beside those that are being tried out.
    listens: false,
  });
  try {
    const breaks = [];
    for (const incident of incidents) breaks.push(await matchWorld(host, incident));
    await host.run(() => false, failsAt);
    for (const run of breaks) run?.();
    await alarmsRing(host, incidents, failsAt + detection);
    begin(host);
    await host.run(() => !host.busy(), host.aws.world.clock.now() + longest);
    return { outcomes: host.outcomes, intakes: host.intakes };
  } finally {
    await host.close();
  }
};

/** An event through the whole pipeline, from intake to the outcomes, on an embedded local AWS that is made to match it. */
export const replayEvent = async (event: unknown, options: { seed: number; policy?: Policy }): Promise<Replay> => {
  const policy = options.policy ?? policySchema.parse({});
  const { verdicts } = readEvent(event, policy.classification);
  const incidents = new Map(
    verdicts
      .map((verdict) => openIncident(verdict, nowhere))
      .filter((incident) => incident !== null)
      .map((incident) => [incident.key, incident]),
  );
  const { outcomes, intakes } = await runMatched([...incidents.values()], options, (host) => host.deliver(event));
  const result = intakes[0]?.result;
  return { outcomes, rejected: result?.rejected ?? [], ignored: result?.ignored ?? 0 };
};

/** One incident alone, as if intake had started it. */
export const replayIncident = async (incident: Incident, options: { seed: number; policy?: Policy }): Promise<Replay> => {
  const { outcomes } = await runMatched([incident], options, (host) => host.remediate(incident.key, JSON.stringify(incident)));
  return { outcomes, rejected: [], ignored: 0 };
};
