import {
  AttachInstancesCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeleteTagsCommand as DeleteGroupTagsCommand,
  DetachInstancesCommand,
  EnterStandbyCommand,
  ExitStandbyCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteTagsCommand,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Fault } from '#local-aws';
import { policySchema } from '../../shared/model/policy.ts';
import { templateOf } from '../testbed/fleet.ts';
import type { Host } from '../testbed/host.ts';
import type { Site } from '../testbed/web.ts';
import { certificateArn, deleteRecord, validationOf } from './certificates.ts';
import { deployService, newestRevision, rollServiceBack, scaleService } from './containers.ts';
import { isDatabaseStep, performDatabaseStep } from './databases.ts';
import { mountedAt } from './disks.ts';
import type { ScenarioFleet } from './fleet-schema.ts';
import { changeKey, type Keys } from './keys.ts';
import { moveMessages, queueName } from './queues.ts';
import type { Step } from './steps.ts';
import { fillIn } from './values.ts';

/** What a step needs besides the world: the scenario's names, and the events that intake received. */
export type Stage = {
  host: Host;
  /** The id of an instance or a member, or the name itself of a group. */
  idOf: (ref: string) => string;
  /** Reads the event of a file beside the scenario. */
  readEvent: (file: string) => unknown;
  told: readonly unknown[];
  keys: Keys;
  /** The jobs that send beats, each with the step that began it. */
  beating: Map<string, object>;
  fleet: ScenarioFleet;
};

/** What stands in a text for what is only known in the world. */
export const fillers =
  ({ host: { aws }, idOf }: Stage) =>
  (asked: string): string => {
    const { clock, region, account } = aws.world;
    if (asked === 'now') return new Date(clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z');
    if (asked === 'account') return account;
    if (asked === 'region') return region;
    if (!asked.startsWith('zone-')) return idOf(asked);
    return aws.ec2.zones.find(({ name }) => name === `${region}${asked.slice('zone-'.length)}`)?.id ?? asked;
  };

/** What a broken site is without what breaks it. */
const wholeSites = new WeakMap<Site, Site>();

/** A tag of a group's own, which its members don't get. */
const groupTag = (ResourceId: string, Key: string, Value?: string) => ({
  Tags: [{ ResourceId, ResourceType: 'auto-scaling-group', Key, Value, PropagateAtLaunch: false }],
});

/** An event that says so much more than it has to. */
const padded = (event: unknown, bytes: number): unknown => {
  const { detail, ...rest } = event as { detail?: object };
  return { ...rest, detail: { ...detail, padding: 'x'.repeat(bytes) } };
};

/** Events as the records of one queue, between two that nothing can read. */
const batchOf = (events: readonly unknown[]) => ({
  Records: ['{', ...events.map((event) => JSON.stringify(event)), '"'].map((body, i) => ({
    messageId: `m-${i}`,
    eventSource: 'aws:sqs',
    body,
  })),
});

/** Carries a step out; `on` is the id of what it is about. Throws what AWS refuses it with. */
export const perform = async (step: Step, on: string, stage: Stage): Promise<void> => {
  const { host, readEvent, told } = stage;
  const { aws, operator } = host;
  const { clock, region } = aws.world;
  const { ec2, autoScaling, cloudWatch } = operator;
  const InstanceIds = [on];
  const known = fillers(stage);
  const alarmOf = ({ alarm }: { alarm: string }): string => String(fillIn(alarm, known));

  const lasting = (fault: Fault, seconds?: number): void => {
    const id = aws.faults.inject(fault);
    if (seconds !== undefined) clock.after(seconds * 1000, () => aws.faults.end(id));
  };
  const serviceOf = ({ service }: { service: string }): string => `${stage.fleet.services[service]?.cluster ?? 'default'}/${service}`;
  if (isDatabaseStep(step)) return performDatabaseStep(step, { host, databases: stage.fleet.databases, lasting });
  switch (step.do) {
    case 'hang-kernel':
    case 'fail-host':
    case 'leak-memory':
    case 'interrupt-spot':
      return lasting({ fault: step.do, target: on }, undefined);
    case 'fill-disk': {
      const { path, percentAnHour, gibAnHour } = step;
      return lasting({ fault: step.do, target: on, path, percentAnHour, gibAnHour }, undefined);
    }
    case 'kill-process':
      return lasting({ fault: step.do, target: on, process: step.process }, undefined);
    case 'process-wont-start':
      return lasting({ fault: step.do, target: on, process: step.process }, step.for);
    case 'lose-agent':
      return lasting({ fault: step.do, target: on, registered: true }, step.for);
    case 'document-does': {
      const { at: _, do: fault, note: __, document: target, for: seconds, ...effect } = step;
      return lasting({ fault, target, ...effect }, seconds);
    }
    case 'break-site': {
      const known = host.web.sites.get(step.site);
      if (!known) throw new Error(`there is no site ${step.site}`);
      // One that is broken already is whole again once the last of what breaks it is over.
      const whole = wholeSites.get(known) ?? known;
      const answer: typeof known.answer = (posted) => {
        if (step.receives) whole.answer(posted);
        return { status: step.status, body: 'broken' };
      };
      const broken = { ...whole, answer };
      wholeSites.set(broken, whole);
      host.web.sites.set(step.site, broken);
      const mend = () => {
        if (host.web.sites.get(step.site) === broken) host.web.sites.set(step.site, whole);
      };
      if (step.for !== undefined) clock.after(step.for * 1000, mend);
      return;
    }
    case 'sick-target': {
      const { port, targetGroup } = step;
      const where = { ...(port === undefined ? {} : { port }), ...(targetGroup === undefined ? {} : { targetGroup }) };
      return lasting({ fault: step.do, target: on, ...where }, step.for);
    }
    case 'impair-volume':
    case 'break-volume':
      return lasting({ fault: step.do, target: on }, step.for);
    case 'fail-start':
      return void aws.faults.inject({ fault: step.do, target: on, reason: step.reason, count: step.count });
    case 'beat': {
      const { heartbeat, every } = step;
      const until = step.for === undefined ? Number.POSITIVE_INFINITY : clock.now() + step.for * 1000;
      const turn = {};
      stage.beating.set(heartbeat, turn);
      const beat = async () => {
        if (stage.beating.get(heartbeat) !== turn || clock.now() > until) return;
        if (every !== undefined) clock.after(every * 1000, () => void beat());
        // The job doesn't mind an answer that it doesn't get.
        if (on === '' || aws.ec2.get(on)?.reachable) await host.beat(heartbeat);
      };
      return beat();
    }
    case 'stop-beating':
      return void stage.beating.delete(step.heartbeat);
    case 'bad-release': {
      const LaunchTemplateName = templateOf(on);
      const ImageId = aws.ec2.launchTemplate(LaunchTemplateName, '$Latest')?.imageId;
      const data = { LaunchTemplateName, SourceVersion: '$Latest', LaunchTemplateData: { ImageId } };
      await ec2.send(new CreateLaunchTemplateVersionCommand(data));
      return lasting({ fault: step.do, target: on, after: step.after, kind: step.kind }, step.for);
    }
    case 'slow-boot':
      return lasting({ fault: step.do, target: on, boot: step.boot }, step.for);
    case 'break-template':
      return void (await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateName: templateOf(on) })));
    case 'break-image': {
      const { imageId } = aws.ec2.launchTemplate(templateOf(on), '$Latest') ?? {};
      const restore = aws.ec2.deregisterImage(imageId ?? '');
      if (step.for !== undefined) clock.after(step.for * 1000, restore);
      return;
    }
    case 'answer-hooks': {
      const { hook, after: afterSeconds, result } = step;
      return lasting({ fault: step.do, target: on, afterSeconds, result, ...(hook === undefined ? {} : { hook }) }, step.for);
    }
    case 'relapse': {
      const hang = () => {
        const instance = aws.ec2.get(on);
        if (instance?.reachable && instance.instanceStatus === 'ok') aws.faults.inject({ fault: 'hang-kernel', target: on });
      };
      hang();
      const stop = clock.every(step.every * 1000, hang);
      if (step.for !== undefined) clock.after(step.for * 1000, stop);
      return;
    }
    case 'dark-zone':
    case 'exhaust-zone':
      return lasting({ fault: step.do, target: `${region}${step.zone}` }, step.for);
    case 'add-load':
      return lasting({ fault: 'add-load', target: on, percent: step.percent }, step.for);
    case 'send-requests':
      return lasting({ fault: 'send-requests', target: on, perSecond: step.perSecond, each: step.each }, step.for);
    case 'write-logs':
      return aws.logs.write(step.group, step.stream, step.messages);
    case 'fail-calls': {
      const { at: _at, do: _do, note: _note, for: seconds, ...rest } = step;
      return lasting({ fault: 'fail-call', ...rest }, seconds);
    }
    case 'deliveries':
      return lasting({ fault: 'deliver', how: step.how, rate: step.rate }, step.for);
    case 'fail-modification': {
      const target = mountedAt(host, on, step.path)?.volumeId;
      if (target === undefined) throw new Error(`nothing is mounted at ${step.path}`);
      return lasting({ fault: step.do, target }, undefined);
    }
    case 'wrong-delegation':
      return lasting({ fault: step.do, target: step.zone }, step.for);
    case 'fail-renewal':
      return lasting({ fault: step.do, target: certificateArn(host, step.certificate), reason: step.reason }, step.for);
    case 'delete-record': {
      const own = step.certificate === undefined ? undefined : validationOf(host, stage.fleet, step.certificate);
      return deleteRecord(host, own?.zone ?? step.zone ?? '', own?.name ?? step.name ?? '', step.type);
    }
    case 'fail-consumer':
    case 'slow-consumer':
      return lasting({ fault: step.do, target: queueName(stage.fleet.queues, step.queue), share: step.share }, step.for);
    case 'poison-messages':
      return lasting({ fault: step.do, target: queueName(stage.fleet.queues, step.queue), count: step.count }, step.for);
    case 'send-messages': {
      const { perSecond, poison } = step;
      return lasting({ fault: step.do, target: queueName(stage.fleet.queues, step.queue), perSecond, poison }, step.for);
    }
    case 'lose-container-agent':
      return lasting({ fault: step.do, target: step.cluster ?? on, how: step.how }, step.for);
    case 'add-service-load':
      return lasting(
        { fault: step.do, target: serviceOf(step), percent: step.percent, of: step.of, untilDeployed: step.untilDeployed },
        step.for,
      );
    case 'break-service': {
      const newest = await newestRevision(host, step.service);
      const target = step.revisions === 'all' ? step.service : newest;
      return lasting({ fault: 'bad-task-definition', target, kind: step.as }, step.for);
    }
    case 'slow-task-start':
      return lasting({ fault: step.do, target: serviceOf(step), seconds: step.by }, step.for);
    case 'sick-task':
      return lasting({ fault: step.do, target: serviceOf(step), overlooked: step.overlooked }, step.for);
    case 'stop-by-aws':
      return aws.ec2.shutDown(on, 'service');
    case 'retire':
      return void aws.ec2.scheduleRetirement(on, clock.now() + step.in * 1000);
    case 'stop-executions': {
      const running = [...host.engine.executions.values()].filter(({ status }) => status === 'RUNNING');
      for (const { name } of running.slice(0, step.count)) host.engine.stop(name);
      return;
    }
    case 'all-clear':
      for (const { id } of aws.faults.active()) aws.faults.end(id);
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
      if (aws.autoScaling.get(on)) return void (await autoScaling.send(new CreateOrUpdateTagsCommand(groupTag(on, step.key, step.value))));
      return void (await ec2.send(new CreateTagsCommand({ Resources: InstanceIds, Tags: [{ Key: step.key, Value: step.value }] })));
    case 'untag':
      if (aws.autoScaling.get(on)) return void (await autoScaling.send(new DeleteGroupTagsCommand(groupTag(on, step.key))));
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
    case 'enter-standby':
    case 'exit-standby':
    case 'detach': {
      const AutoScalingGroupName = aws.ec2.get(on)?.groupName ?? undefined;
      if (step.do === 'exit-standby') return void (await autoScaling.send(new ExitStandbyCommand({ AutoScalingGroupName, InstanceIds })));
      const input = { AutoScalingGroupName, InstanceIds, ShouldDecrementDesiredCapacity: step.decrement };
      return void (await autoScaling.send(step.do === 'detach' ? new DetachInstancesCommand(input) : new EnterStandbyCommand(input)));
    }
    case 'attach':
      return void (await autoScaling.send(new AttachInstancesCommand({ AutoScalingGroupName: step.group, InstanceIds })));
    case 'resize': {
      const { desired: DesiredCapacity, min: MinSize, max: MaxSize } = step;
      const input = { AutoScalingGroupName: on, DesiredCapacity };
      if (MinSize === undefined && MaxSize === undefined) return void (await autoScaling.send(new SetDesiredCapacityCommand(input)));
      return void (await autoScaling.send(new UpdateAutoScalingGroupCommand({ ...input, MinSize, MaxSize })));
    }
    case 'delete-group':
      return void (await autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: on, ForceDelete: true })));
    case 'suspend': {
      const input = { AutoScalingGroupName: on, ScalingProcesses: step.processes };
      await autoScaling.send(new SuspendProcessesCommand(input));
      // By then the group may be gone, and nothing is suspended any more.
      if (step.for !== undefined)
        clock.after(step.for * 1000, () => void autoScaling.send(new ResumeProcessesCommand(input)).catch(() => {}));
      return;
    }
    case 'resume':
      return void (await autoScaling.send(new ResumeProcessesCommand({ AutoScalingGroupName: on, ScalingProcesses: step.processes })));
    case 'deploy':
      return void (await autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: on })));
    case 'force-alarm':
      return void (await cloudWatch.send(
        new SetAlarmStateCommand({ AlarmName: alarmOf(step), StateValue: step.state, StateReason: 'a drill' }),
      ));
    case 'silence-alarm': {
      const AlarmNames = [alarmOf(step)];
      await cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames }));
      if (step.for !== undefined)
        clock.after(step.for * 1000, () => void cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames })).catch(() => {}));
      return;
    }
    case 'unsilence-alarm':
      return void (await cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames: [alarmOf(step)] })));
    case 'delete-alarm':
      return void (await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [alarmOf(step)] })));
    case 'treat-missing': {
      const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [alarmOf(step)] }));
      const [found] = MetricAlarms ?? [];
      if (!found) throw new Error(`there is no alarm ${alarmOf(step)} on a metric`);
      const { StateValue: _, ...settings } = found;
      return void (await cloudWatch.send(
        new PutMetricAlarmCommand({ ...(settings as PutMetricAlarmCommandInput), TreatMissingData: step.as }),
      ));
    }
    case 'change-key':
      return changeKey(host, stage.keys.get(step.key), step);
    case 'function-errs':
      return lasting({ fault: step.do, target: step.function, errors: step.errors }, step.for);
    case 'slow-function':
      return lasting({ fault: step.do, target: step.function, durationMs: step.durationMs }, step.for);
    case 'invoke-function': {
      const { function: target, qualifier, perMinute } = step;
      return lasting({ fault: step.do, target, perMinute, ...(qualifier === undefined ? {} : { qualifier }) }, step.for);
    }
    case 'deploy-function':
      return aws.lambda.faults.deploy(step.function, step);
    case 'move-alias': {
      const { version, weight } = step;
      const all = { FunctionVersion: version, RoutingConfig: { AdditionalVersionWeights: {} } };
      const some = { RoutingConfig: { AdditionalVersionWeights: { [version]: weight } } };
      const input = { FunctionName: step.function, Name: step.alias, ...(weight === undefined ? all : some) };
      return void aws.lambda.call(step.by, 'UpdateAlias', input);
    }
    case 'delete-version':
      return void aws.lambda.call(step.by, 'DeleteFunction', { FunctionName: step.function, Qualifier: step.version });
    case 'reserve-concurrency': {
      const { function: FunctionName, reserved: ReservedConcurrentExecutions } = step;
      return void (ReservedConcurrentExecutions === null
        ? aws.lambda.call(step.by, 'DeleteFunctionConcurrency', { FunctionName })
        : aws.lambda.call(step.by, 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions }));
    }
    case 'disable-mapping': {
      const { by, function: FunctionName } = step;
      if (by === undefined) return void aws.faults.inject({ fault: step.do, target: FunctionName });
      const listed = aws.lambda.call(by, 'ListEventSourceMappings', { FunctionName }) as { EventSourceMappings: { UUID: string }[] };
      for (const { UUID } of listed.EventSourceMappings) aws.lambda.call(by, 'UpdateEventSourceMapping', { UUID, Enabled: false });
      return;
    }
    case 'deploy-service':
      return deployService(host, step.service, stage.fleet.services, step);
    case 'roll-service-back':
      return rollServiceBack(host, step.service, stage.fleet.services);
    case 'scale-service':
      return scaleService(host, step.service, stage.fleet.services, step.desired);
    case 'move-messages':
      return moveMessages(host, queueName(stage.fleet.queues, step.queue), step.perSecond);
    case 'change-policy':
      return host.redeploy(policySchema.parse({ ...host.policy, ...step.policy }));
    case 'switch':
      return host.setSwitch(step.to);
    case 'shut-out':
      return host.setTrust(!step.out);
    case 'watch-other': {
      const AlarmName = `load-of-${step.account}`;
      const metric = {
        Namespace: 'AWS/EC2',
        MetricName: 'CPUUtilization',
        Dimensions: [{ Name: 'AutoScalingGroupName', Value: step.group }],
      };
      await cloudWatch.send(
        new PutMetricAlarmCommand({
          AlarmName,
          Metrics: [{ Id: 'm1', AccountId: step.account, MetricStat: { Metric: metric, Period: 60, Stat: 'Average' }, ReturnData: true }],
          ...{ EvaluationPeriods: 1, Threshold: 80, ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'ignore' },
        }),
      );
      return void (await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'seen from elsewhere' })));
    }
    case 'pause': {
      const at = clock.now();
      const by = aws.world.arn('iam', 'user/operator');
      const resource = { type: null, id: on };
      return host.ledger.setPause({ resource, at, until: at + step.for * 1000, by, because: step.because });
    }
    case 'calendar':
      return aws.ssm.putCalendar(step.name, { openByDefault: step.open, events: [] });
    case 'deliver': {
      // One event, however often it is delivered: what is redelivered tells the same time.
      const event = fillIn(step.file === undefined ? step.event : readEvent(step.file), known);
      const whole = step.padding === undefined ? event : padded(event, step.padding);
      for (let i = 0; i < step.times; i++) clock.after(i * step.every * 1000, () => host.deliver(structuredClone(whole)));
      return;
    }
    case 'redeliver': {
      const chosen = told.filter((event) => on === '' || JSON.stringify(event).includes(on));
      if (chosen.length === 0) throw new Error('intake has been told nothing yet that could be delivered again');
      if (step.batched) host.deliver(batchOf(chosen));
      else for (const event of chosen) host.deliver(structuredClone(event));
    }
  }
};
