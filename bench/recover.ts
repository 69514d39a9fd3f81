import { autoScalingParameters, ec2Parameters } from '#local-aws/model-parameters';
import { createRandom, type Random } from '#local-aws/random';
import { secondMs } from '../shared/model/duration.ts';
import { type Breakdown, breakdowns, type Treated, type Trial, treatOneByOne } from './incidents.ts';
import { type Measurement, percentile, round } from './measurement.ts';

/** Seconds that an incident took, and where they went. `action` ends when it works, `verification` when that is proven. */
type Stages = { detection: number; decision: number; action: number; verification: number; works: number; all: number };

const stagesOf = ({ brokenAt, lastHealedAt, outcome }: Treated): Stages => {
  const startedAt = Date.parse(outcome.startedAt);
  const endedAt = Date.parse(outcome.endedAt);
  // Where it recovered by itself, all the time until then was spent on letting it.
  const actedAt = outcome.actions[0] ? Date.parse(outcome.actions[0].at) : lastHealedAt;
  const seconds = (from: number, to: number) => Math.max(0, to - from) / secondMs;
  return {
    detection: seconds(brokenAt, startedAt),
    decision: seconds(startedAt, actedAt),
    action: seconds(actedAt, lastHealedAt),
    verification: seconds(lastHealedAt, endedAt),
    works: seconds(brokenAt, lastHealedAt),
    all: seconds(brokenAt, endedAt),
  };
};

const between = (random: Random, { least, most }: { least: number; most: number }) => random.between(least, most);

/**
 * What AWS does by itself, from the same parameters (packages/local-aws/src/core/model-parameters.ts) and, where it is an alarm that starts it, with the very detection
 * times that selfheal had. Seconds until it works again, infinite where it never does; none of them verifies anything.
 */
const alternatives: Record<string, { of: Breakdown; draw: (random: Random, detection: number) => number }> = {
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/UsingAlarmActions.html: no tag, no budget, no second try. */
  'ec2-alarm-reboot': {
    of: 'instance-unreachable',
    draw: (random, detection) =>
      detection +
      between(random, ec2Parameters.rebootQueue) +
      between(random, ec2Parameters.hardRebootAfter) +
      between(random, ec2Parameters.boot),
  },
  /** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html: for members of groups alone. */
  'group-replacement': {
    of: 'instance-unreachable',
    draw: (random) => {
      const { interval, failuresToImpair } = ec2Parameters.statusChecks;
      const impaired = random.between(0, interval / secondMs) + ((failuresToImpair - 1) * interval) / secondMs;
      const { noticeStatusSeconds, checkEverySeconds } = autoScalingParameters.health;
      const noticed = impaired + between(random, noticeStatusSeconds) + random.between(0, checkEverySeconds);
      const replaced = between(random, ec2Parameters.terminate.unresponsive) + between(random, autoScalingParameters.reactSeconds);
      return (
        noticed +
        replaced +
        between(random, ec2Parameters.pending) +
        between(random, ec2Parameters.boot) +
        between(random, autoScalingParameters.settleSeconds)
      );
    },
  },
  /** The recover action of an alarm: as the reboot, but to another host. That it succeeds each time is assumed. */
  'ec2-alarm-recover': {
    of: 'host-impaired',
    draw: (random, detection) => detection + between(random, ec2Parameters.pending) + between(random, ec2Parameters.boot),
  },
  /** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-configuration-recovery.html: once, and not always. */
  'ec2-auto-recovery': {
    of: 'host-impaired',
    draw: (random) =>
      random.chance(ec2Parameters.recovery.succeeds)
        ? between(random, ec2Parameters.recovery.after) + between(random, ec2Parameters.boot)
        : Number.POSITIVE_INFINITY,
  },
};

const perWorld = 20;

/** The trials of each kind of breakdown; what costs and what takes how long is counted in them. */
export const runTrials = async (incidents: number): Promise<Record<Breakdown, Trial[]>> => {
  const trials = {} as Record<Breakdown, Trial[]>;
  // Side by side, since each of them mostly waits for the durable SDK's own timers.
  for (const breakdown of breakdowns) {
    const sizes = Array.from({ length: Math.ceil(incidents / perWorld) }, (_, i) => Math.min(perWorld, incidents - i * perWorld));
    trials[breakdown] = await Promise.all(sizes.map((size, i) => treatOneByOne(breakdown, size, i + 1)));
  }
  return trials;
};

/** Calls that one more try of an action takes, where the one before was throttled: means of as many incidents with and without. */
export const retryCost = async (incidents: number): Promise<Measurement> => {
  const [once, twice] = await Promise.all([0, 1].map((refused) => treatOneByOne('instance-unreachable', incidents, 1, { refused })));
  const calls = (trial: Trial | undefined) => trial?.calls.length ?? 0;
  return { name: 'calls_per_retry', value: round((calls(twice) - calls(once)) / incidents), unit: 'count' };
};

/** Seconds from the breakdown to the proof that it is over, and what they were spent on; beside what AWS does without selfheal. */
export const timesToRecover = (trials: Record<Breakdown, Trial[]>): Measurement[] => {
  const figures: Measurement[] = [];
  const add = (name: string, value: number, unit = 's') => figures.push({ name, value: round(value, 1), unit });
  for (const breakdown of breakdowns) {
    const treated = trials[breakdown].flatMap((trial) => trial.treated);
    const healed = treated.filter(({ outcome }) => outcome.timeToRecoverSeconds !== null);
    const stages = healed.map(stagesOf);
    const name = `ttr.${breakdown}`;
    add(`${name}.incidents`, treated.length, 'count');
    add(`${name}.recovered_share`, (healed.length / treated.length) * 100, '%');
    for (const [label, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      add(
        `${name}.${label}_s`,
        percentile(
          stages.map(({ all }) => all),
          share,
        ),
      );
      add(
        `${name}.works_${label}_s`,
        percentile(
          stages.map(({ works }) => works),
          share,
        ),
      );
      for (const stage of ['detection', 'decision', 'action', 'verification'] as const) {
        add(
          `${name}.${stage}_${label}_s`,
          percentile(
            stages.map((times) => times[stage]),
            share,
          ),
        );
      }
    }
    const detections = stages.map(({ detection }) => detection);
    for (const [alternative, { of, draw }] of Object.entries(alternatives)) {
      if (of !== breakdown) continue;
      const random = createRandom(1).fork(alternative);
      const times = Array.from({ length: 2000 }, (_, i) => draw(random, detections[i % detections.length] ?? 0));
      const recovered = times.filter(Number.isFinite);
      add(`ttr.model.${alternative}.recovered_share`, (recovered.length / times.length) * 100, '%');
      add(`ttr.model.${alternative}.works_p50_s`, percentile(recovered, 0.5));
      add(`ttr.model.${alternative}.works_p99_s`, percentile(recovered, 0.99));
    }
  }
  return figures;
};
