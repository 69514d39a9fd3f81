import {
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTagsCommand,
  DeleteTagsCommand,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Fault } from '../faults.ts';
import type { Host } from '../host.ts';
import type { Step } from './steps.ts';
import { fillIn } from './values.ts';

/** What a step needs besides the world: what the scenario's names stand for, and what intake was told. */
export type Stage = {
  host: Host;
  /** The id of an instance or a member, or the name itself of a group. */
  idOf: (ref: string) => string;
  /** Reads the event of a file beside the scenario. */
  readEvent: (file: string) => unknown;
  told: readonly unknown[];
};

/** Carries a step out. Throws what AWS refuses it with. */
export const perform = async (step: Step, { host, idOf, readEvent, told }: Stage): Promise<void> => {
  const { aws, operator } = host;
  const { clock, region, account } = aws.world;
  const { ec2, autoScaling } = operator;
  const on = 'on' in step && step.on !== undefined ? idOf(step.on) : '';
  const InstanceIds = [on];

  const lasting = (fault: Fault, seconds: number | undefined): void => {
    const id = aws.faults.inject(fault);
    if (seconds !== undefined) clock.after(seconds * 1000, () => aws.faults.end(id));
  };
  const known = (asked: string): string => {
    if (asked === 'now') return new Date(clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z');
    if (asked === 'account') return account;
    if (asked === 'region') return region;
    if (!asked.startsWith('zone-')) return idOf(asked);
    return aws.ec2.zones.find(({ name }) => name === `${region}${asked.slice('zone-'.length)}`)?.id ?? asked;
  };

  switch (step.do) {
    case 'hang-kernel':
    case 'fail-host':
    case 'leak-memory':
    case 'fill-disk':
    case 'interrupt-spot':
      return lasting({ fault: step.do, target: on }, undefined);
    case 'dark-zone':
    case 'exhaust-zone':
      return lasting({ fault: step.do, target: `${region}${step.zone}` }, step.for);
    case 'add-load':
      return lasting({ fault: 'add-load', target: on, percent: step.percent }, step.for);
    case 'fail-calls': {
      const { at: _at, do: _do, for: seconds, ...rest } = step;
      return lasting({ fault: 'fail-call', ...rest }, seconds);
    }
    case 'deliveries':
      return lasting({ fault: 'deliver', how: step.how, rate: step.rate }, step.for);
    case 'stop-by-aws':
      return aws.ec2.shutDown(on, 'service');
    case 'retire':
      return void aws.ec2.scheduleRetirement(on, clock.now() + step.in * 1000);
    case 'stop-executions':
      for (const { name, status } of [...host.engine.executions.values()]) if (status === 'RUNNING') host.engine.stop(name);
      return;
    case 'stop':
      return void (await ec2.send(new StopInstancesCommand({ InstanceIds })));
    case 'start':
      return void (await ec2.send(new StartInstancesCommand({ InstanceIds })));
    case 'reboot':
      return void (await ec2.send(new RebootInstancesCommand({ InstanceIds })));
    case 'terminate':
      return void (await ec2.send(new TerminateInstancesCommand({ InstanceIds })));
    case 'shut-down':
      return aws.ec2.shutDown(on, 'guest');
    case 'tag':
      return void (await ec2.send(new CreateTagsCommand({ Resources: InstanceIds, Tags: [{ Key: step.key, Value: step.value }] })));
    case 'untag':
      return void (await ec2.send(new DeleteTagsCommand({ Resources: InstanceIds, Tags: [{ Key: step.key }] })));
    case 'protect': {
      if (step.from !== 'scale-in') {
        const attribute = step.from === 'stop' ? { DisableApiStop: { Value: true } } : { DisableApiTermination: { Value: true } };
        return void (await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: on, ...attribute })));
      }
      const AutoScalingGroupName = aws.ec2.get(on)?.groupName ?? undefined;
      return void (await autoScaling.send(
        new SetInstanceProtectionCommand({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn: true }),
      ));
    }
    case 'resize':
      return void (await autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: on, DesiredCapacity: step.desired })));
    case 'suspend':
      return void (await autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: on, ScalingProcesses: step.processes })));
    case 'resume':
      return void (await autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: on, ScalingProcesses: step.processes })));
    case 'deploy':
      return void (await autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: on })));
    case 'force-alarm': {
      const AlarmName = String(fillIn(step.alarm, known));
      return void (await operator.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a drill' })));
    }
    case 'switch':
      return host.setSwitch(step.to);
    case 'calendar':
      return aws.ssm.putCalendar(step.name, { openByDefault: step.open, events: [] });
    case 'deliver': {
      // One event, however often it is delivered: what is redelivered tells the same time.
      const event = fillIn(step.file === undefined ? step.event : readEvent(step.file), known);
      for (let i = 0; i < step.times; i++) clock.after(i * step.every * 1000, () => host.deliver(structuredClone(event)));
      return;
    }
    case 'redeliver': {
      const chosen = told.filter((event) => on === '' || JSON.stringify(event).includes(on));
      if (chosen.length === 0) throw new Error('intake has been told nothing yet that could be delivered again');
      for (const event of chosen) host.deliver(structuredClone(event));
    }
  }
};
