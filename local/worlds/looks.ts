import type { Call } from '#local-aws';

/** Two looks are at least so far apart; in milliseconds. */
const apart = 10_000;
/** The observer looks at the truth so often, and a little more; in milliseconds. */
const slack = 15_000;

/** What looks at a resource or at its alarm. */
const resourceLooks: Readonly<Record<string, RegExp>> = {
  ec2: /^DescribeInstance(s|Status)$/,
  autoscaling: /^DescribeAutoScaling(Groups|Instances)$/,
};

type Said = { resource: string; alarm: string | null; endedAt: number };

/** When each execution has looked at what it treats, and what was to be seen then. Times are in milliseconds since the epoch. */
export const createLooks = (now: () => number) => {
  const looks = new Map<string, { at: number; alarm: boolean }[]>();
  const acted = new Map<string, number>();

  /** The last two times that are apart, since the last action. */
  const lastTwo = (times: readonly number[]): [number, number] | null => {
    const last = times.at(-1);
    const before = last === undefined ? undefined : times.findLast((at) => at <= last - apart);
    return last === undefined || before === undefined ? null : [before, last];
  };

  return {
    after: ({ service, operation }: Call, execution: string): void => {
      const alarm = service === 'monitoring' && operation === 'DescribeAlarms';
      if (!alarm && !resourceLooks[service]?.test(operation)) return;
      const own = looks.get(execution) ?? [];
      own.push({ at: now(), alarm });
      looks.set(execution, own);
    },
    acted: (execution: string): void => {
      acted.set(execution, now());
    },
    /** Why what an execution says of an instance is not proven; null if it is. */
    unproven: (
      execution: string,
      { resource, alarm, endedAt }: Said,
      wasWell: (id: string, from: number, to: number) => boolean,
      wasQuiet: (alarm: string, from: number, to: number) => boolean,
    ): string | null => {
      const since = acted.get(execution) ?? 0;
      const own = (looks.get(execution) ?? []).filter(({ at }) => at > since && at <= endedAt);
      const at = lastTwo(own.filter((one) => !one.alarm).map((one) => one.at));
      if (!at) return 'after fewer than two looks at it';
      const sick = at.find((time) => !wasWell(resource, time - slack, time + slack));
      if (sick !== undefined) return 'after a look at which it was not healthy';
      if (alarm === null) return null;
      const asked = lastTwo(own.filter((one) => one.alarm).map((one) => one.at));
      if (!asked) return 'after fewer than two looks at its alarm';
      return asked.every((time) => wasQuiet(alarm, time - slack, time + slack)) ? null : 'after a look at which its alarm went off';
    },
  };
};
