import { type Case, createEngine, type EngineOptions, type Result, type SavedEngine } from '../../local/backtest/engine.ts';
import { allOptedIn } from '../../local/backtest/inventory.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import { type Alarm, alarm, alarmEvent } from '../signals/fixtures.ts';

export const noon = Date.UTC(2026, 10, 20, 12);
export const minute = 60_000;

/** A policy with this in it, and the defaults for the rest. */
export const policy = (parts: Record<string, unknown> = {}): Policy => policySchema.parse(parts);

/** A change of an alarm's state so many minutes after noon. */
export const change = (minutes: number, parts: Partial<Alarm> = {}) => {
  const time = new Date(noon + minutes * minute).toISOString();
  return { ...alarmEvent(alarm({ time: time.slice(0, -1), ...parts })), time };
};

export const instance = (n: number) => `i-${n.toString(16).padStart(17, '0')}`;

/** An instance that no longer answers, by an alarm of its own. */
export const unreachable = (minutes: number, n = 1) =>
  change(minutes, { name: `unreachable-${n}`, dimensions: { InstanceId: instance(n) } });
export const answering = (minutes: number, n = 1) =>
  change(minutes, { name: `unreachable-${n}`, dimensions: { InstanceId: instance(n) }, state: 'OK', previousState: 'ALARM' });

/** Load that a group can't carry. */
export const loaded = (minutes: number, group = 'web') =>
  change(minutes, { name: `load-${group}`, metric: 'CPUUtilization', statistic: 'Average', dimensions: { AutoScalingGroupName: group } });

type Run = { cases: Case[]; result: Result };

/** What becomes of these values, read in this order; saved and made anew after the first `stop` of them. */
export const run = async (
  values: readonly unknown[],
  { stop = 0, ...options }: Partial<Omit<EngineOptions, 'onCase'>> & { stop?: number } = {},
): Promise<Run> => {
  const cases: Case[] = [];
  const make = (saved?: SavedEngine) =>
    createEngine(
      {
        policies: [policy()],
        inventory: allOptedIn,
        from: Number.NEGATIVE_INFINITY,
        to: Number.POSITIVE_INFINITY,
        window: 1000,
        healsAfter: 10 * minute,
        ...options,
        onCase: (one) => cases.push(one),
      },
      saved,
    );
  let engine = make();
  for (const [index, value] of values.entries()) {
    if (index === stop && stop > 0) engine = make(JSON.parse(JSON.stringify(engine.save())));
    await engine.feed({ where: `history:${index + 1}`, value });
  }
  await engine.finish();
  return { cases, result: engine.result() };
};

/** One word or three for each incident, in the order of their places in the history. */
export const ends = ({ cases }: Run, policyIndex = 0): string[] =>
  [...cases]
    .sort((a, b) => Number(a.where.split(':')[1]) - Number(b.where.split(':')[1]))
    .map(({ decisions }) => {
      const { status, action, guard } = decisions[policyIndex] ?? { status: 'missing', action: null, guard: null };
      return [status, ...(status === 'treated' || status === 'would' ? [action] : []), ...(guard ? [`by ${guard}`] : [])].join(' ');
    });
