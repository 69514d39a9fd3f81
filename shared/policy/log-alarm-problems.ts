import { rulesOf } from '../model/classification-rules.ts';
import { minutes, secondsOf } from '../model/duration.ts';
import type { Policy } from '../model/policy.ts';

/**
 * The alarm on a pattern lasts until its last event is so old, and a step has a quarter of an hour to show that it helped: the rest is for
 * CloudWatch to see it, and for two looks.
 */
export const longestTreated = minutes(10);

type Issue = { path: (string | number)[]; message: string };

/** Patterns in logs whose alarm would outlast the proof of every step, so that a step that helped were followed by the next one. */
export const logAlarmProblems = (policy: Pick<Policy, 'logs'> & Parameters<typeof rulesOf>[0]): Issue[] => {
  // Those of the patterns come first, in their order.
  const { alarms } = rulesOf(policy);
  return policy.logs.flatMap(({ within }, i) => {
    const playbook = alarms[i]?.playbook;
    return playbook === undefined || secondsOf(within) <= longestTreated
      ? []
      : [{ path: ['logs', i, 'within'], message: `must be at most 10m where a playbook runs, here ${playbook}: its alarm lasts as long` }];
  });
};
