import { SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import type { Outcome } from '../../shared/incident/outcome.ts';
import { createFleet } from '../fleet.ts';
import { createHost, type Host } from '../host.ts';
import type { HealthSample } from '../report/input.ts';
import { createHealthRecorder } from '../report/recorder.ts';

export type DemoOptions = {
  seed: number;
  onStart?: (lines: string[]) => void;
  onTime?: (at: number, note: string) => void;
  onOutcome?: (outcome: Outcome) => void;
};

/** `health` is that of the fleet from when it stands, once a minute. */
export type DemoResult = { expectations: number; outcomes: Outcome[]; unexpected: string[]; health: HealthSample[] };

/** What must come of an incident: the demo's own check, on the outcome and on the world. */
type Expectation = { failure: string; resource: string; status: Outcome['status']; action: string | null };

const minute = 60_000;
const start = Date.parse('2026-03-02T09:00:00Z');

const describe = ({ failure, resource, status, action }: Expectation) =>
  `${failure} on ${resource}: ${status}${action ? ` by ${action}` : ''}`;

const fits = (outcome: Outcome, { failure, resource, status, action }: Expectation): boolean => {
  const done = outcome.actions.filter(({ result }) => result === 'done').map((record) => record.action);
  const verified = status !== 'healed' || outcome.verified;
  return (
    outcome.failure === failure &&
    outcome.resource.id === resource &&
    outcome.status === status &&
    verified &&
    (action === null ? done.length === 0 : done.length > 0 && done.every((name) => name === action))
  );
};

const build = async (host: Host) => {
  const { operator, aws } = host;
  const fleet = createFleet(host);
  const web = await fleet.instance({ name: 'web' });
  // An instance store can't be moved to another host without losing what is on it, and EC2 doesn't recover it by itself either.
  const cache = await fleet.instance({ name: 'cache', type: 'm5d.large' });
  await fleet.group({ name: 'shop', min: 2, max: 4, desired: 2 });
  await fleet.group({ name: 'api', min: 2, max: 6, desired: 2 });
  // Somebody suspended health checks for a migration and forgot about it: this group heals nobody.
  await operator.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'shop', ScalingProcesses: ['HealthCheck'] }));
  await host.run(
    () => aws.autoScaling.get('shop')?.inServiceIds.length === 2 && aws.autoScaling.get('api')?.inServiceIds.length === 2,
    start + 20 * minute,
  );
  const member = aws.autoScaling.get('shop')?.inServiceIds[0] as string;
  await fleet.statusAlarm(web, 'Instance');
  await fleet.statusAlarm(cache, 'System');
  await fleet.statusAlarm(member, 'System');
  await fleet.cpuAlarm('api');
  await host.run(() => false, start + 30 * minute);
  return { web, cache, member };
};

/** Builds a small fleet, breaks four things in it, and lets selfheal treat them, all in one world and in simulated time. */
export const runDemo = async ({ seed, onStart, onTime, onOutcome }: DemoOptions): Promise<DemoResult> => {
  const host = await createHost({
    seed,
    start,
    account: '111122223333',
    region: 'us-east-1',
    ...(onOutcome ? { onOutcome } : {}),
  });
  try {
    const { aws } = host;
    const { web, cache, member } = await build(host);
    const { samples } = createHealthRecorder(host);
    const expectations: Expectation[] = [
      { failure: 'instance-unreachable', resource: web, status: 'healed', action: 'reboot-instance' },
      { failure: 'host-impaired', resource: member, status: 'healed', action: 'replace-member' },
      { failure: 'load-saturated', resource: 'api', status: 'healed', action: 'scale-out' },
      { failure: 'host-impaired', resource: cache, status: 'escalated', action: null },
    ];
    onStart?.([
      'An embedded AWS: two lone instances and two Auto Scaling groups, with their alarms. Now:',
      `- the kernel of ${web} hangs`,
      `- the host under ${member}, a member of group shop, fails, and the group doesn't notice`,
      '- group api gets more load than it can carry',
      `- the host under ${cache} fails, and what is on its instance store would not survive a move`,
      '- and EC2 throttles us',
    ]);
    const breakdowns: [number, () => void][] = [
      [31, () => void aws.faults.inject({ fault: 'hang-kernel', target: web })],
      [
        31,
        () =>
          void aws.faults.inject({
            fault: 'fail-call',
            service: 'ec2',
            operation: 'RebootInstances',
            code: 'RequestLimitExceeded',
            message: 'Request limit exceeded.',
            status: 503,
            count: 2,
          }),
      ],
      [33, () => void aws.faults.inject({ fault: 'fail-host', target: member })],
      [35, () => void aws.faults.inject({ fault: 'add-load', target: 'api', percent: 180 })],
      [
        36,
        () =>
          void aws.faults.inject({
            fault: 'fail-call',
            service: 'autoscaling',
            operation: 'SetDesiredCapacity',
            code: 'Throttling',
            message: 'Rate exceeded',
            status: 400,
            count: 1,
          }),
      ],
      [38, () => void aws.faults.inject({ fault: 'fail-host', target: cache })],
    ];
    for (const [at, run] of breakdowns) aws.world.clock.at(start + at * minute, run);
    const loud = () => host.outcomes.filter(({ quiet }) => !quiet);
    const done = () => {
      onTime?.(aws.world.clock.now(), `${loud().length} of ${expectations.length} incidents over`);
      return loud().length >= expectations.length && !host.busy();
    };
    await host.run(done, start + 6 * 60 * minute);
    const unexpected = [
      ...expectations
        .filter((expected) => !host.outcomes.some((outcome) => fits(outcome, expected)))
        .map((expected) => `missing: ${describe(expected)}`),
      ...host.outcomes
        // Those that ended quietly are what the cures themselves cause: a member that is replaced is also one that was terminated.
        .filter((outcome) => !outcome.quiet && !expectations.some((expected) => fits(outcome, expected)))
        .map(({ failure, resource, status, reason }) => `unexpected: ${failure} on ${resource.id}: ${status}, ${reason}`),
    ];
    return { expectations: expectations.length, outcomes: host.outcomes, unexpected, health: samples };
  } finally {
    await host.close();
  }
};
