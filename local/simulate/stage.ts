import { ResumeProcessesCommand, StartInstanceRefreshCommand, SuspendProcessesCommand } from '@aws-sdk/client-auto-scaling';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DeleteTagsCommand, StartInstancesCommand, StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { createFleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { Observer, PeopleLog } from './observer.ts';
import type { Happening, Scene, Target } from './schedule.ts';

const minute = 60_000;

/** Where the fleet of a scene stands, by the scene's numbers. */
export type Fleet = { lone: string[]; groups: string[] };

/** Builds the fleet of a scene, with its alarms, and lets it settle. */
export const buildFleet = async (host: Host, scene: Scene): Promise<Fleet> => {
  const fleet = createFleet(host);
  const lone: string[] = [];
  for (const [i, { optedIn, type, zone, memoryAlarm }] of scene.lone.entries()) {
    const id = await fleet.instance({ name: `lone-${i}`, optedIn, type, zone: `${host.aws.world.region}${zone}` });
    await fleet.statusAlarm(id, 'Instance');
    await fleet.statusAlarm(id, 'System');
    lone.push(id);
    if (memoryAlarm) await fleet.memoryAlarm(id);
  }
  const groups: string[] = [];
  for (const [i, { optedIn, desired, max, suspended }] of scene.groups.entries()) {
    const name = `group-${i}`;
    await fleet.group({ name, min: 1, desired, max, optedIn });
    if (suspended.length > 0) {
      await host.operator.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: name, ScalingProcesses: suspended }));
    }
    groups.push(name);
  }
  await host.run(() => false, host.aws.world.clock.now() + 12 * minute);
  for (const [i, { watched }] of scene.groups.entries()) {
    const name = groups[i] as string;
    await fleet.cpuAlarm(name);
    if (!watched) continue;
    for (const id of host.aws.autoScaling.get(name)?.memberIds ?? []) {
      await fleet.statusAlarm(id, 'System');
      await fleet.statusAlarm(id, 'Instance');
    }
  }
  return { lone, groups };
};

/** Makes what a scene says happen to the world. Whatever it is about may be gone by then; then nothing happens. */
export const createStage = (host: Host, { lone, groups }: Fleet, people: PeopleLog, observer: Observer) => {
  const { aws, operator } = host;
  const { clock } = aws.world;

  const resolve = (target: Target): string | undefined => {
    if ('lone' in target) return lone[target.lone];
    const members = aws.autoScaling.get(groups[target.group] ?? '')?.memberIds ?? [];
    return members[target.member % Math.max(1, members.length)];
  };
  /** What fails here fails for the person who tried it, and for nobody else. */
  const attempt = async (run: () => Promise<unknown>): Promise<boolean> => {
    try {
      await run();
      return true;
    } catch {
      return false;
    }
  };
  const until = (seconds: number, start: number, run: () => void) => clock.at(start + seconds * 1000, run);

  const onInstance = async (happening: Extract<Happening, { target: Target }>, id: string): Promise<void> => {
    switch (happening.do) {
      case 'fault':
        if (happening.fault === 'leak-memory') observer.excuse('leaking', id);
        await attempt(async () => aws.faults.inject({ fault: happening.fault, target: id }));
        return;
      case 'stop':
        // A stop of what has stopped already leaves no trace that anybody could respect.
        if (aws.ec2.get(id)?.state !== 'running') return;
        if (await attempt(() => operator.ec2.send(new StopInstancesCommand({ InstanceIds: [id] })))) people.stopped.set(id, clock.now());
        return;
      case 'start':
        if (await attempt(() => operator.ec2.send(new StartInstancesCommand({ InstanceIds: [id] })))) people.stopped.delete(id);
        return;
      case 'terminate':
        await attempt(() => operator.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
        return;
      case 'shut-down':
        if (aws.ec2.get(id)?.state !== 'running') return;
        if (await attempt(async () => aws.ec2.shutDown(id, 'guest'))) people.stopped.set(id, clock.now());
        return;
      case 'service-stop':
        if (aws.ec2.get(id)?.state === 'running') await attempt(async () => aws.ec2.shutDown(id, 'service'));
        return;
      case 'opt-out':
        people.optedOut.set(id, clock.now());
        await attempt(() => operator.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: [{ Key: 'selfheal' }] })));
        return;
      case 'force-alarm':
        await attempt(() =>
          operator.cloudWatch.send(
            new SetAlarmStateCommand({ AlarmName: `${id}-status-check-instance`, StateValue: 'ALARM', StateReason: 'a drill' }),
          ),
        );
        return;
      case 'retire':
        observer.excuse('retiring', id);
        await attempt(async () => aws.ec2.scheduleRetirement(id, clock.now() + 14 * 24 * 60 * minute));
    }
  };

  return {
    /** `start` is when the scene began, in milliseconds since the epoch. */
    perform: async (happening: Happening, start: number): Promise<void> => {
      observer.note(JSON.stringify(happening));
      if ('target' in happening) {
        const id = resolve(happening.target);
        if (id) await onInstance(happening, id);
        return;
      }
      switch (happening.do) {
        case 'load': {
          const name = groups[happening.group] ?? '';
          const id = aws.faults.inject({ fault: 'add-load', target: name, percent: happening.percent });
          until(happening.until, start, () => aws.faults.end(id));
          return;
        }
        case 'suspend': {
          const AutoScalingGroupName = groups[happening.group] ?? '';
          const input = { AutoScalingGroupName, ScalingProcesses: [happening.process] };
          if (!(await attempt(() => operator.autoScaling.send(new SuspendProcessesCommand(input))))) return;
          const key = `${AutoScalingGroupName}/${happening.process}`;
          people.suspended.set(key, clock.now());
          until(happening.until, start, () => {
            people.suspended.delete(key);
            void attempt(() => operator.autoScaling.send(new ResumeProcessesCommand(input)));
          });
          return;
        }
        case 'refresh':
          await attempt(() =>
            operator.autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: groups[happening.group] ?? '' })),
          );
          return;
        case 'dark-zone':
        case 'exhaust-zone': {
          const id = aws.faults.inject({ fault: happening.do, target: `${aws.world.region}${happening.zone}` });
          until(happening.until, start, () => aws.faults.end(id));
          return;
        }
        case 'switch':
          people.switchedOff = happening.to === 'off' ? clock.now() : null;
          await host.setSwitch(happening.to);
          if (happening.unreadable && happening.to === 'off') {
            const id = aws.faults.inject({
              fault: 'fail-call',
              service: 'ssm',
              operation: 'GetParameter',
              code: 'InternalServerError',
              status: 500,
            });
            clock.after(15 * minute, () => aws.faults.end(id));
          }
          return;
        case 'fail-calls': {
          const { service, operation, code, status, rate, when } = happening;
          const id = aws.faults.inject({ fault: 'fail-call', service, operation, code, status, rate, when });
          until(happening.until, start, () => aws.faults.end(id));
          return;
        }
        case 'deliveries': {
          const id = aws.faults.inject({ fault: 'deliver', how: happening.how, rate: happening.rate });
          until(happening.until, start, () => aws.faults.end(id));
          return;
        }
        case 'stop-execution': {
          // Lambda's notice that it was stopped is all that is left of it then, and EventBridge tries for a day to deliver that.
          if (aws.faults.active().some(({ fault }) => fault.fault === 'deliver' && fault.how === 'lose')) return;
          const running = [...host.engine.executions.values()].find(({ status }) => status === 'RUNNING');
          if (running) host.engine.stop(running.name);
        }
      }
    },
  };
};
