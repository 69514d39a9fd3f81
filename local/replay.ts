import { readEvent } from '../shared/failures/read.ts';
import { type Incident, openIncident } from '../shared/incident/incident.ts';
import type { Outcome } from '../shared/incident/outcome.ts';
import { type Policy, policySchema } from '../shared/policy.ts';
import type { Rejection } from '../shared/signals/decode.ts';
import { createHost, type Host } from './host.ts';
import { matchWorld } from './match.ts';

export type Replay = { outcomes: Outcome[]; rejected: Rejection[]; ignored: number };

const minute = 60_000;
/** Before the first failure, so that what the event names has been up for a while. */
const settling = 60 * minute;
/** Events arrive a little after what they tell of. */
const delivery = 2000;
/** An incident that isn't over by then never will be. */
const longest = 60 * 24 * 60 * minute;
/** A world for events that don't say where they come from. */
const nowhere = { account: '111122223333', region: 'us-east-1' };

/** Runs incidents in a world that is made to match them, started by `begin`, to their outcomes. */
const runMatched = async (incidents: readonly Incident[], options: { seed: number; policy?: Policy }, begin: (host: Host) => void) => {
  const [first] = incidents;
  const earliest = Math.min(...incidents.map(({ at }) => at), Date.parse('2100-01-01'));
  const latest = Math.max(...incidents.map(({ at }) => at), earliest);
  const host = await createHost({
    seed: options.seed,
    start: earliest - settling,
    account: first?.account || nowhere.account,
    region: first?.region || nowhere.region,
    policy: options.policy ?? policySchema.parse({}),
    // What happens in the world must not start incidents beside those that are being tried out.
    listens: false,
  });
  try {
    const { clock } = host.aws.world;
    for (const incident of incidents) {
      const broken = await matchWorld(host, incident);
      if (broken) clock.at(incident.at - broken.before, broken.run);
    }
    await host.run(() => false, latest + delivery);
    begin(host);
    await host.run(() => !host.busy(), clock.now() + longest);
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
