import { rulesOf } from '../../shared/model/classification-rules.ts';
import { minuteMs } from '../../shared/model/duration.ts';
import type { Incident } from '../../shared/model/incident.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import type { Rejection } from '../../shared/signals/decode.ts';
import { createHost } from '../testbed/host.ts';
import { createMatcher } from '../testbed/world-from-incident.ts';
import { nowhere, readTold } from './reading.ts';
import { replayStream, unplayableText } from './stream.ts';

/** `unplayable`: incidents that could not be played, and why. */
export type Replay = { outcomes: Outcome[]; rejected: Rejection[]; ignored: number; unplayable: string[] };

/** Time before the failure, so that the resource has been up for a while. */
const settling = 60 * minuteMs;
const delivery = 2000;
/** An incident that is still open then will never end. */
const longest = 60 * 24 * 60 * minuteMs;

/** Runs an event through the whole pipeline, from intake to the outcomes, on an embedded AWS that is made to match it. */
export const replayEvent = async (event: unknown, options: { seed: number; policy?: Policy }): Promise<Replay> => {
  const outcomes: Outcome[] = [];
  const told = { file: 'event', value: event };
  const { verdicts, rejected } = readTold(told, rulesOf(options.policy ?? policySchema.parse({})));
  const one = (async function* () {
    yield told;
  })();
  const { unplayable } = await replayStream(one, { ...options, onOutcome: (outcome) => outcomes.push(outcome) });
  return { outcomes, rejected, ignored: verdicts.filter(({ disposition }) => disposition === 'ignore').length, unplayable };
};

/** One incident alone, as if intake had started it. */
export const replayIncident = async (incident: Incident, options: { seed: number; policy?: Policy }): Promise<Replay> => {
  const host = await createHost({
    seed: options.seed,
    start: incident.at - settling,
    account: incident.account || nowhere.account,
    region: incident.region || nowhere.region,
    policy: options.policy ?? policySchema.parse({}),
    // The world's own events must not start other incidents.
    listens: false,
  });
  try {
    const { clock } = host.aws.world;
    const { cause, watch, unplayable } = await createMatcher(host)(incident, undefined);
    if (unplayable !== null) return { outcomes: [], rejected: [], ignored: 0, unplayable: [unplayableText(incident, unplayable)] };
    if (cause) clock.at(incident.at - cause.before, cause.run);
    if (watch) {
      await host.run(() => false, incident.at - watch.before);
      await watch.run();
    }
    await host.run(() => false, incident.at + delivery);
    host.remediate(incident.key, JSON.stringify(incident));
    await host.run(() => !host.busy(), clock.now() + longest);
    return { outcomes: host.outcomes, rejected: [], ignored: 0, unplayable: [] };
  } finally {
    await host.close();
  }
};
