import {
  CreateAutoScalingGroupCommand,
  DetachInstancesCommand,
  SetDesiredCapacityCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeAlarmsCommand, DisableAlarmActionsCommand, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateLaunchTemplateCommand,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  ModifyVolumeCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from '@aws-sdk/client-ec2';
import { UpdateContainerInstancesStateCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DeregisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import {
  CreateDBInstanceCommand,
  CreateDBInstanceReadReplicaCommand,
  DeleteDBInstanceCommand,
  FailoverDBClusterCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { CreateTopicCommand, PublishCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { SendCommandCommand } from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { type Call, createLocalAws, inProcess } from '#local-aws';
import { runAs } from '../../local/testbed/engine/process.ts';
import { commandKey } from '../../local/worlds/commands-sent.ts';
import { createObserver, type Limits } from '../../local/worlds/observer.ts';
import { nobody } from '../../local/worlds/people.ts';
import { type PromiseId, promises } from '../../local/worlds/promises.ts';
import { createTreatments } from '../../local/worlds/treatments.ts';
import { localClients, worldOptions } from '../../packages/local-aws/test/harness.ts';

const minute = 60_000;
const usual: Limits = {
  budget: { actions: 10, windowSeconds: 3600 },
  volumeMost: null,
  blastShare: 0.1,
  massFailure: { resources: 10, windowSeconds: 300, share: 0 },
  groupShare: 0.5,
  leaseSeconds: 1200,
  skewMs: 0,
  asks: new Set(),
  dryRun: false,
  pages: false,
  groupBudget: { actions: null, windowSeconds: 6 * 3600 },
  ownHealing: 300,
  commands: new Set([commandKey('Shop-Restart', '3')]),
  storage: 200,
  readers: 3,
  replicated: new Set(['orders']),
  zones: new Set(['Z0SHOP']),
  left: ['karpenter', 'eks', 'ecs', 'fleet', 'other'],
};

/** A world in which whoever signs as selfheal does by hand what a broken selfheal might do. */
const stage = async (limits: Partial<Limits> = {}) => {
  const people = nobody();
  const observer = createObserver(people, { ...usual, ...limits });
  const aws = createLocalAws({ ...worldOptions, interceptors: [observer.interceptor], onInvoke: () => ({}) });
  observer.watch(aws);
  const engineer = localClients(aws.handle, { accessKeyId: 'engineer' });
  const selfheal = localClients(aws.handle, { accessKeyId: 'selfheal' });
  const { clock } = aws.world;
  const pass = (minutes: number) => aws.advanceTo(clock.now() + minutes * minute);

  const instance = async ({ type = 'm7i.large', tagged = true } = {}): Promise<string> => {
    const { Instances } = await engineer.ec2.send(
      new RunInstancesCommand({
        ImageId: 'ami-0123456789abcdef0',
        InstanceType: type as 'm7i.large',
        MinCount: 1,
        MaxCount: 1,
        TagSpecifications: tagged ? [{ ResourceType: 'instance', Tags: [{ Key: 'selfheal', Value: 'on' }] }] : [],
      }),
    );
    await pass(10);
    return Instances?.[0]?.InstanceId as string;
  };
  const hang = async (id: string): Promise<string> => {
    aws.faults.inject({ fault: 'hang-kernel', target: id });
    await pass(5);
    return id;
  };
  const group = async (size: number): Promise<string[]> => {
    const LaunchTemplateName = 'template';
    const data = { ImageId: 'ami-0123456789abcdef0', InstanceType: 'm7i.large' } as const;
    await engineer.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: data }));
    await engineer.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: 'web',
        LaunchTemplate: { LaunchTemplateName, Version: '$Latest' },
        MinSize: 1,
        MaxSize: size,
        DesiredCapacity: size,
        AvailabilityZones: ['us-east-1a'],
        Tags: [{ ResourceId: 'web', ResourceType: 'auto-scaling-group', Key: 'selfheal', Value: 'on', PropagateAtLaunch: true }],
      }),
    );
    await engineer.autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'web', ScalingProcesses: ['HealthCheck'] }));
    await pass(15);
    return [...(aws.autoScaling.get('web')?.memberIds ?? [])];
  };
  const reboot = (id: string) => selfheal.ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
  const stop = (id: string) => selfheal.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
  const start = (id: string) => selfheal.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
  const replace = (InstanceId: string) =>
    selfheal.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: false }));
  const grow = (DesiredCapacity: number) =>
    selfheal.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: 'web', DesiredCapacity }));
  const TargetGroupArn = 'arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef';
  /** Instances with requests. */
  const served = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) ids.push(await instance());
    aws.loadBalancing.place(TargetGroupArn, ids);
    await pass(2);
    return ids;
  };
  const deregister = (Id: string | undefined) => selfheal.elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id }] }));
  const as = <T>(name: string, run: () => Promise<T>): Promise<T> => runAs({ name, dead: false, die: () => {} }, run);
  const begin = (DurableExecutionName: string, id: string, alarm?: string, failure = 'host-impaired') => {
    const resource = { type: 'instance', id };
    const payload = { account: '1', region: 'r', failure, resource, at: 1, alarm: alarm ? { name: alarm } : null };
    const Payload = new TextEncoder().encode(JSON.stringify(payload));
    return selfheal.lambda.send(new InvokeCommand({ FunctionName: 'remediate', InvocationType: 'Event', DurableExecutionName, Payload }));
  };
  /** An alarm on an instance that takes so long that it doesn't go off by itself; `does` is what it does to the instance. */
  const alarm = async (id: string, { enabled = true, does }: { enabled?: boolean; does?: string } = {}): Promise<string> => {
    const AlarmName = `${id}-check`;
    await engineer.cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'AWS/EC2',
        MetricName: 'StatusCheckFailed_Instance',
        Dimensions: [{ Name: 'InstanceId', Value: id }],
        Statistic: 'Maximum',
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Threshold: 1,
        Period: 60,
        EvaluationPeriods: 30,
        ActionsEnabled: enabled,
        AlarmActions: does ? [`arn:aws:automate:us-east-1:ec2:${does}`] : [],
      }),
    );
    return AlarmName;
  };
  const goOff = (AlarmName: string) =>
    engineer.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a drill' }));
  const outcome = (incident: string, status: string, id: string, more: object = {}) =>
    JSON.stringify({
      incident,
      status,
      quiet: false,
      reason: 'r',
      resource: { type: 'instance', id },
      endedAt: new Date(clock.now()).toISOString(),
      ...more,
    });
  const emit = (incident: string, status: string, id: string, more?: object) =>
    selfheal.eventBridge.send(
      new PutEventsCommand({ Entries: [{ Source: 'selfheal', DetailType: 'd', Detail: outcome(incident, status, id, more) }] }),
    );
  const announce = async (incident: string, status: string, id: string) => {
    const { TopicArn } = await engineer.sns.send(new CreateTopicCommand({ Name: 'outcomes' }));
    const Message = JSON.stringify({ default: outcome(incident, status, id) });
    await selfheal.sns.send(new PublishCommand({ TopicArn, Message, MessageStructure: 'json' }));
    // As if it were written to a table.
    const input = { ExpressionAttributeValues: { ':outcome': { S: outcome(incident, status, id) } } };
    observer.interceptor.after?.({
      service: 'dynamodb',
      operation: 'UpdateItem',
      input,
      context: { accessKey: 'selfheal' },
    } as unknown as Call);
  };
  const command = (id: string, Comment: string, DocumentVersion = '3') => {
    const sent = { DocumentName: 'Shop-Restart', DocumentVersion, InstanceIds: [id], Comment };
    return selfheal.ssm.send(new SendCommandCommand(sent));
  };
  /** A process has died on an instance, and a command can be sent. */
  const broken = async (id: string): Promise<string> => {
    for (const version of ['3', '4']) aws.ssm.placeDocument({ name: 'Shop-Restart', version, effect: { remedies: false } });
    aws.faults.inject({ fault: 'kill-process', target: id, process: 'app' });
    observer.killed(id, 'app');
    await pass(5);
    return id;
  };
  /** A function with two versions, of which some fail so often, and an alias to one of them. */
  const deployed = (errors: Record<string, number>, live: string): void => {
    const versions = Object.fromEntries(Object.entries(errors).map(([version, share]) => [version, { errors: share }]));
    aws.lambda.place({ name: 'shop', modifiedAt: 0, published: [0, 0], aliases: { live }, versions, tags: { selfheal: 'on' } });
  };
  const moveAlias = (FunctionVersion: string) =>
    selfheal.lambda.send(new UpdateAliasCommand({ FunctionName: 'shop', Name: 'live', FunctionVersion }));
  /** A certificate that is opted in, and the zone that its record belongs in; its record. */
  const certified = (domain: string, { tagged = true, delegated = true } = {}) => {
    const zone = aws.route53.place({ name: domain, id: 'Z0SHOP' });
    if (!delegated) aws.route53.misdelegate(zone);
    const arn = aws.world.arn('acm', 'certificate/web');
    aws.acm.place({ arn, domain, issuedAt: clock.now(), tags: tagged ? { selfheal: 'on' } : {} });
    return aws.acm.validationRecord(domain);
  };
  const upsert = (Name: string, Value: string, HostedZoneId = 'Z0SHOP') => {
    const ResourceRecordSet = { Name, Type: 'CNAME' as const, TTL: 300, ResourceRecords: [{ Value }] };
    const ChangeBatch = { Changes: [{ Action: 'UPSERT' as const, ResourceRecordSet }] };
    return selfheal.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch }));
  };
  /** The root volume of an instance. */
  const volumeOf = async (id: string, tagged: boolean): Promise<string> => {
    const { Volumes = [] } = await engineer.ec2.send(
      new DescribeVolumesCommand({ Filters: [{ Name: 'attachment.instance-id', Values: [id] }] }),
    );
    const volume = Volumes[0]?.VolumeId ?? '';
    if (tagged) await engineer.ec2.send(new CreateTagsCommand({ Resources: [volume], Tags: [{ Key: 'selfheal', Value: 'on' }] }));
    return volume;
  };
  const growVolume = (VolumeId: string, Size: number) => selfheal.ec2.send(new ModifyVolumeCommand({ VolumeId, Size }));
  const does = {
    certified,
    upsert,
    volumeOf,
    growVolume,
    selfheal,
    deployed,
    moveAlias,
    command,
    broken,
    served,
    deregister,
    reboot,
    stop,
    start,
    replace,
    grow,
    as,
    begin,
    emit,
    announce,
  };
  return { aws, people, observer, clock, pass, engineer, instance, hang, group, alarm, goOff, ...does };
};

type Stage = Awaited<ReturnType<typeof stage>>;

/** For each promise, one way to break it by hand; that of organisations is broken in places.test.ts. */
const breaches: Record<Exclude<PromiseId, 'own-place'>, { limits?: Partial<Limits>; run: (stage: Stage) => Promise<unknown> }> = {
  'opt-in': { run: async ({ instance, hang, reboot }) => reboot(await hang(await instance({ tagged: false }))) },
  once: {
    run: async ({ instance, hang, reboot, pass }) => {
      const id = await hang(await instance());
      await reboot(id);
      await pass(0.5);
      await reboot(id);
    },
  },
  alone: {
    run: async ({ instance, hang, reboot, stop, pass, as }) => {
      const id = await hang(await instance());
      await as('first', () => reboot(id));
      await pass(2);
      await as('second', () => stop(id));
      await pass(3);
      await as('first', () => reboot(id)).catch(() => {});
      await as('first', () => stop(id));
    },
  },
  budget: {
    limits: { budget: { actions: 1, windowSeconds: 3600 } },
    run: async ({ instance, hang, reboot, pass }) => {
      const id = await hang(await instance());
      await reboot(id);
      await pass(10);
      await reboot(await hang(id));
    },
  },
  'blast-radius': {
    run: async ({ group, hang, replace }) => {
      const [one = '', two = ''] = await group(4);
      await hang(one);
      await hang(two);
      await replace(one);
      await replace(two);
    },
  },
  'mass-failure': {
    limits: { massFailure: { resources: 1, windowSeconds: 300, share: 0 } },
    run: async ({ instance, hang, reboot }) => {
      const ids = [await instance(), await instance()];
      for (const id of ids) await hang(id);
      for (const id of ids) await reboot(id);
    },
  },
  'max-size': {
    run: async ({ group, grow }) => {
      await group(2);
      await grow(3).catch(() => {});
    },
  },
  'group-member': {
    run: async ({ group, hang, reboot }) => {
      const [one = ''] = await group(2);
      await reboot(await hang(one));
    },
  },
  'would-not-replace': {
    run: async ({ group, hang, replace, people, clock, pass }) => {
      const [one = ''] = await group(2);
      people.suspended.set('web/Launch', clock.now());
      await pass(2);
      await replace(await hang(one));
    },
  },
  'group-gives-back': {
    run: async ({ group, hang, replace, people, clock, pass }) => {
      const [one = ''] = await group(2);
      people.broken.set('web', clock.now());
      await pass(2);
      await replace(await hang(one));
    },
  },
  'group-budget': {
    limits: { groupBudget: { actions: 1, windowSeconds: 3600 } },
    run: async ({ group, hang, replace, pass }) => {
      const [one = '', two = ''] = await group(4);
      await replace(await hang(one));
      await pass(10);
      await replace(await hang(two));
    },
  },
  silenced: {
    run: async ({ instance, hang, alarm, begin, as, reboot }) => {
      const id = await instance();
      await begin('i', id, await alarm(id, { enabled: false }));
      await hang(id);
      await as('i', () => reboot(id));
    },
  },
  'one-healer': {
    run: async ({ instance, hang, alarm, goOff, begin, as, reboot, pass }) => {
      const id = await instance();
      const name = await alarm(id, { does: 'reboot' });
      await begin('i', await hang(id), name);
      await goOff(name);
      await pass(2);
      await as('i', () => reboot(id));
    },
  },
  owners: {
    run: async ({ engineer, instance, hang, reboot }) => {
      const id = await instance();
      await engineer.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'karpenter.sh/nodepool', Value: 'default' }] }));
      await reboot(await hang(id));
    },
  },
  'taken-out-is-told': {
    run: async ({ instance, hang, as, stop, pass }) => {
      const id = await hang(await instance());
      await as('i', () => stop(id));
      await pass(20);
    },
  },
  'put-back': {
    run: async ({ served, as, deregister, emit }) => {
      const ids = await served(3);
      await as('i', () => deregister(ids[0]));
      await emit('i', 'escalated', ids[0] ?? '');
    },
  },
  'last-target': {
    run: async ({ served, deregister }) => {
      const ids = await served(1);
      await deregister(ids[0]);
    },
  },
  'pages-end': {
    run: async ({ begin, emit, announce, instance, hang, observer }) => {
      const id = await hang(await instance());
      await begin('i', id);
      observer.paged('trigger', 'i');
      observer.paged('resolve', 'i');
      await emit('i', 'escalated', id);
      await announce('i', 'escalated', id);
      observer.finish();
    },
  },
  'probe-public': { run: async ({ observer }) => observer.connected('169.254.169.254') },
  'instance-store': { run: async ({ instance, hang, stop }) => stop(await hang(await instance({ type: 'm5d.large' }))) },
  'people-first': {
    run: async ({ aws, instance, start, people, clock, pass }) => {
      const id = await instance();
      aws.ec2.shutDown(id, 'guest');
      people.stopped.set(id, clock.now());
      await pass(5);
      await start(id);
    },
  },
  'not-failing': { run: async ({ instance, reboot }) => reboot(await instance()) },
  protected: {
    run: async ({ group, hang, replace, people, clock, pass }) => {
      const [one = ''] = await group(2);
      people.protected.set(one, clock.now());
      await pass(2);
      await replace(await hang(one));
    },
  },
  'set-aside': {
    run: async ({ group, hang, replace, people, clock, pass }) => {
      const [one = ''] = await group(2);
      people.aside.set(one, clock.now());
      await pass(2);
      await replace(await hang(one));
    },
  },
  'said-no': {
    run: async ({ instance, hang, reboot, people, clock }) => {
      const id = await instance();
      people.paused.set(id, { from: clock.now(), to: clock.now() + 60 * minute });
      await reboot(await hang(id));
    },
  },
  approved: {
    limits: { asks: new Set(['reboot-instance']) },
    run: async ({ instance, hang, reboot }) => reboot(await hang(await instance())),
  },
  'two-looks': {
    run: async ({ instance, selfheal, as, emit }) => {
      const id = await instance();
      await as('i', () => selfheal.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] })));
      await emit('i', 'healed-itself', id, { verified: true });
    },
  },
  'told-aloud': {
    run: async ({ instance, hang, as, reboot, emit }) => {
      const id = await hang(await instance());
      await as('i', () => reboot(id));
      await emit('i', 'escalated', id, { quiet: true });
    },
  },
  'one-cause': {
    limits: { massFailure: { resources: 2, windowSeconds: 3600, share: 0 } },
    run: async ({ instance, hang, alarm, begin, emit }) => {
      const ids = [await instance(), await instance()];
      for (const id of ids) await hang(id);
      for (const id of ids) {
        await begin(`of-${id}`, id, await alarm(id));
        await emit(`of-${id}`, 'held', id);
      }
    },
  },
  'healed-is-true': { run: async ({ instance, hang, emit }) => emit('i', 'healed', await hang(await instance())) },
  'one-outcome': {
    run: async ({ begin, emit, instance, observer }) => {
      const id = await instance();
      await begin('i', id);
      await emit('i', 'escalated', id);
      await emit('i', 'held', id);
      observer.finish();
    },
  },
  'kill-switch': {
    run: async ({ instance, hang, reboot, people, clock, pass }) => {
      const id = await hang(await instance());
      people.switchedOff = clock.now();
      await pass(2);
      await reboot(id);
    },
  },
  'dry-run': { limits: { dryRun: true }, run: async ({ instance, hang, reboot }) => reboot(await hang(await instance())) },
  'command-once': {
    run: async ({ instance, broken, command, pass }) => {
      const id = await broken(await instance());
      await command(id, 'try 1');
      await pass(5);
      await command(id, 'try 2');
      await pass(5);
      await command(id, 'try 1');
    },
  },
  'known-documents': {
    run: async ({ instance, broken, command, pass }) => {
      const id = await broken(await instance());
      await command(id, 'try 1');
      await pass(5);
      await command(id, 'try 2', '4');
    },
  },
  'never-forwards': {
    run: async ({ deployed, moveAlias }) => {
      deployed({ '1': 0.5 }, '1');
      await moveAlias('2');
    },
  },
  'not-its-fault': {
    run: async ({ deployed, moveAlias }) => {
      deployed({}, '2');
      await moveAlias('1');
    },
  },
  'redrive-once': {
    run: async ({ aws, engineer, selfheal }) => {
      const QueueName = 'orders-dead';
      const tags = { selfheal: 'on' };
      await engineer.sqs.send(new CreateQueueCommand({ QueueName, tags }));
      const SourceArn = aws.world.arn('sqs', QueueName);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 3 });
      await engineer.sqs.send(new CreateQueueCommand({ QueueName: 'orders', Attributes: { RedrivePolicy } }));
      aws.queues.poison(QueueName, 20);
      aws.queues.consume('orders', { rate: 10 });
      aws.queues.failConsumers('orders', 1);
      await selfheal.sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    },
  },
  heir: {
    run: async ({ aws, selfheal, pass }) => {
      const tags = { selfheal: 'on' };
      aws.rds.place({ id: 'shop', kind: 'cluster', tags });
      for (const [i, zone] of (['a', 'b'] as const).entries())
        aws.rds.place({ id: `shop-${i}`, kind: 'instance', cluster: 'shop', writer: i === 0, zone });
      aws.faults.inject({ fault: 'lag-replica', target: 'shop-1', seconds: 30, perMinute: 0, state: 'replicating', survives: true });
      await pass(10);
      aws.faults.inject({ fault: 'lose-writer', target: 'shop', loss: 'process', failsOver: false });
      await pass(4);
      const input = { DBClusterIdentifier: 'shop', TargetDBInstanceIdentifier: 'shop-1' };
      await selfheal.rds.send(new FailoverDBClusterCommand(input));
    },
  },
  'storage-bounds': {
    run: async ({ aws, selfheal }) => {
      aws.rds.place({ id: 'orders', kind: 'instance', allocated: 100, tags: { selfheal: 'on' } });
      const input = { DBInstanceIdentifier: 'orders', AllocatedStorage: 300, ApplyImmediately: true };
      await selfheal.rds.send(new ModifyDBInstanceCommand(input));
    },
  },
  'right-record': {
    run: async ({ certified, upsert }) => {
      const { Name } = certified('shop.example');
      await upsert(Name, 'elsewhere.example.');
    },
  },
  'cluster-share': {
    run: async ({ aws, group, selfheal, pass }) => {
      await group(4);
      aws.ecs.placeCluster({ name: 'prod', groups: ['web'] });
      await pass(5);
      aws.faults.inject({ fault: 'lose-container-agent', target: 'prod' });
      await pass(5);
      const containerInstances = aws.ecs
        .hosts('prod')
        .slice(0, 2)
        .map(({ id }) => id);
      await selfheal.ecs.send(new UpdateContainerInstancesStateCommand({ cluster: 'prod', containerInstances, status: 'DRAINING' }));
    },
  },
  'volume-most': {
    limits: { volumeMost: 9 },
    run: async ({ volumeOf, growVolume, instance }) => growVolume(await volumeOf(await instance(), true), 10),
  },
  'right-volume': {
    limits: { volumeMost: 40 },
    run: async ({ volumeOf, growVolume, instance }) => growVolume(await volumeOf(await instance(), false), 10),
  },
  'goes-on': {
    run: async ({ aws, selfheal }) => {
      aws.ecs.place({ cluster: 'prod', name: 'shop', minimumHealthyPercent: 0, tags: { selfheal: 'on' } });
      await selfheal.ecs.send(new UpdateServiceCommand({ cluster: 'prod', service: 'shop', forceNewDeployment: true }));
    },
  },
  'own-readers': {
    run: async ({ aws, selfheal }) => {
      aws.rds.place({ id: 'shop', kind: 'cluster', tags: { selfheal: 'on' } });
      for (const i of [0, 1]) aws.rds.place({ id: `shop-${i}`, kind: 'instance', cluster: 'shop', writer: i === 0 });
      await selfheal.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-1', SkipFinalSnapshot: true }));
    },
  },
  'two-yeses': {
    run: async ({ aws, engineer, selfheal, people }) => {
      const rds = new RDSClient({
        region: 'us-east-1',
        endpoint: 'http://local',
        credentials: { accessKeyId: 'selfheal', secretAccessKey: 's' },
        requestHandler: inProcess(aws.handle),
      } as object);
      aws.rds.place({ id: 'orders', kind: 'instance' });
      aws.rds.place({ id: 'orders-replica', kind: 'instance', source: 'orders', tags: { selfheal: 'on' } });
      const ask = async (Name: string, link: string) => {
        const { TopicArn } = await engineer.sns.send(new CreateTopicCommand({ Name }));
        const asked = { kind: 'approval', action: 'promote-replica', target: { type: 'database', id: 'orders-replica' }, link };
        const Message = JSON.stringify({ default: JSON.stringify(asked) });
        await selfheal.sns.send(new PublishCommand({ TopicArn, Message, MessageStructure: 'json' }));
        people.agreed.add(link);
      };
      // One person, twice.
      await ask('approvals', 'https://example.com/one');
      await ask('approvals', 'https://example.com/two');
      await rds.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'orders-replica' }));
    },
  },
  'known-calls': {
    run: async ({ aws, group }) => {
      await group(2);
      const { autoScaling } = localClients(aws.handle, { accessKeyId: 'selfheal' });
      await autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'web', ScalingProcesses: ['Launch'] }));
    },
  },
};

describe('the observer of the simulation', () => {
  test('tells treatments that overlap from those that follow one another, or a death', () => {
    const objections: string[] = [];
    const ends = new Map<string, number>();
    let at = 0;
    const limits = { leaseMs: 20 * minute };
    const treatments = createTreatments(
      () => at,
      limits,
      (one) => ends.get(one),
      (resource) => void objections.push(resource),
    );
    const lives = (by: string) => treatments.after({ service: 'dynamodb', operation: 'UpdateItem' } as Call, by);
    const treat = (resource: string, by: string) => {
      lives(by);
      treatments.acts(resource, by, 'RebootInstances');
    };
    for (const resource of ['overlapping', 'ended', 'dead']) treat(resource, `first on ${resource}`);
    ends.set('first on ended', at);
    at += 5 * minute;
    lives('first on overlapping');
    for (const resource of ['overlapping', 'ended', 'dead']) treat(resource, `second on ${resource}`);
    at += 5 * minute;
    lives('first on overlapping');
    treatments.look();
    expect(objections).toEqual(['overlapping']);
  });

  test('wants two looks that have found it healthy, and its alarm quiet, after the last action', async () => {
    const verdicts = async (course: (set: Stage, id: string, look: () => Promise<void>) => Promise<unknown>) => {
      const set = await stage();
      const id = await set.instance();
      await set.begin('i', id, await set.alarm(id));
      const look = () =>
        set.as('i', async () => {
          await set.selfheal.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
          await set.selfheal.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [`${id}-check`] }));
        });
      await course(set, id, look);
      await set.emit('i', 'healed', id, { verified: true });
      await set.aws.close();
      return set.observer.violations.filter(({ promise }) => promise === 'two-looks').length;
    };
    const twice = async ({ pass }: Stage, _: string, look: () => Promise<void>) => {
      await look();
      await pass(1);
      await look();
    };
    expect(await verdicts(twice)).toBe(0);
    expect(
      await verdicts(async (set, id, look) => [await twice(set, id, look), await set.as('i', () => set.reboot(id)), await look()]),
    ).toBe(1);
    expect(await verdicts(async (set, id, look) => [await look(), await set.goOff(`${id}-check`), await set.pass(0.3), await look()])).toBe(
      1,
    );
    expect(await verdicts(async (set, id, look) => [await set.hang(id), await twice(set, id, look)])).toBe(1);
  });

  test.each(Object.entries(breaches))('notices a breach of %s, and of nothing else', async (promise, { limits, run }) => {
    const set = await stage(limits);
    await run(set);
    expect(set.observer.violations.map((violation) => violation.promise)).toContain(promise);
    expect(new Set(set.observer.violations.map((violation) => violation.promise)).size).toBe(1);
    expect(Object.keys(promises)).toContain(promise);
    await set.aws.close();
  });

  test('takes a start that came to nothing and is done again for part of what its execution began, and that of another for more', async () => {
    const { aws, engineer, instance, hang, stop, start, pass, as, observer } = await stage({ budget: { actions: 1, windowSeconds: 3600 } });
    const id = await instance();
    aws.faults.inject({ fault: 'fail-start', target: id, count: 1 });
    await hang(id);
    await as('first', () => stop(id));
    await pass(15);
    for (let tried = 0; tried < 2; tried++) {
      await as('first', () => start(id));
      await pass(3);
    }
    expect(aws.ec2.get(id)?.state).toBe('running');
    const objections = () => observer.violations.flatMap(({ promise }) => (promise === 'budget' ? [promise] : []));
    expect(objections()).toEqual([]);
    await engineer.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await pass(15);
    await as('second', () => start(id));
    expect(objections()).toEqual(['budget']);
    await aws.close();
  });

  test.each([
    ['at the moment', 0, []],
    ['five minutes before', 5, ['not-its-fault']],
  ])('asks nobody to tell a release from what it needs where that goes down %s of its release', async (_, minutes, objections) => {
    const { aws, engineer, deployed, moveAlias, pass, observer } = await stage();
    deployed({}, '1');
    await pass(10);
    aws.faults.inject({ fault: 'function-errs', target: 'shop' });
    await pass(minutes);
    await engineer.lambda.send(new UpdateAliasCommand({ FunctionName: 'shop', Name: 'live', FunctionVersion: '2' }));
    await pass(5);
    await moveAlias('1');
    expect(observer.violations.map(({ promise }) => promise)).toEqual(objections);
    await aws.close();
  });

  test('takes nothing from a group whose last launch failed, and again once one has worked', async () => {
    const { aws, engineer, group, hang, replace, pass, observer } = await stage();
    const [one = '', two = '', three = ''] = await group(3);
    const full = aws.faults.inject({ fault: 'exhaust-zone', target: 'us-east-1a' });
    const leaves = { InstanceId: one, ShouldDecrementDesiredCapacity: false };
    await engineer.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(leaves));
    await pass(5);
    await hang(two);
    await replace(two);
    const objections = () => observer.violations.filter(({ promise }) => promise === 'group-gives-back').map(({ resource }) => resource);
    expect(objections()).toEqual([two]);
    aws.faults.end(full);
    await pass(30);
    await replace(await hang(three));
    expect(objections()).toEqual([two]);
    await aws.close();
  });

  test('counts successors that fail within an hour of their birth, and not members of old', async () => {
    const { aws, group, hang, replace, pass, observer } = await stage({ groupBudget: { actions: 100, windowSeconds: 3600 } });
    const old = new Set(await group(3));
    const [one = '', two = ''] = old;
    const born = () => aws.autoScaling.get('web')?.memberIds.find((id) => !old.has(id)) ?? '';
    await replace(await hang(one));
    await pass(10);
    await replace(await hang(two));
    await pass(10);
    await replace(await hang(born()));
    await pass(10);
    expect(observer.violations).toEqual([]);
    await replace(await hang(born()));
    expect(observer.violations).toMatchObject([{ promise: 'group-budget', text: 'terminated though 2 successors in web failed young' }]);
    await aws.close();
  });

  test('is content with an alarm that is silenced where another one says the same', async () => {
    const { aws, engineer, instance, hang, alarm, goOff, begin, as, reboot, observer } = await stage();
    const id = await instance();
    const name = await alarm(id);
    const other = `${id}-other`;
    const Dimensions = [{ Name: 'InstanceId', Value: id }];
    const usual = {
      Namespace: 'AWS/EC2',
      MetricName: 'StatusCheckFailed',
      Statistic: 'Maximum' as const,
      Period: 60,
      EvaluationPeriods: 30,
    };
    const breach = { ComparisonOperator: 'GreaterThanOrEqualToThreshold' as const, Threshold: 1 };
    await engineer.cloudWatch.send(new PutMetricAlarmCommand({ AlarmName: other, Dimensions, ...usual, ...breach }));
    await engineer.cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames: [name] }));
    await begin('i', await hang(id), name);
    await goOff(other);
    await as('i', () => reboot(id));
    expect(observer.violations).toEqual([]);
    await aws.close();
  });

  test('takes no instance for healed whose process does not run, and one for healed where it runs again', async () => {
    const { aws, instance, broken, begin, emit, pass, observer } = await stage();
    const id = await broken(await instance());
    await begin('i', id, undefined, 'application-down');
    await emit('i', 'healed', id);
    expect(observer.violations).toMatchObject([
      { promise: 'healed-is-true', resource: id, text: 'is called healed, and app does not run' },
    ]);
    aws.ec2.software.restart(id, 'app');
    await pass(2);
    await emit('i', 'healed', id);
    expect(observer.violations).toHaveLength(1);
    await aws.close();
  });

  test('judges what is called healed when it is said first, and not when it is said again under new load', async () => {
    const { aws, group, begin, emit, pass, observer } = await stage();
    await group(2);
    await begin('i', 'web', undefined, 'load-saturated');
    await begin('j', 'web', undefined, 'load-saturated');
    const judged = () => observer.violations.filter(({ promise }) => promise === 'healed-is-true');
    const resource = { type: 'group', id: 'web' };
    const endedAt = new Date(aws.world.clock.now()).toISOString();
    await emit('i', 'healed', 'web', { resource, endedAt });
    aws.faults.inject({ fault: 'add-load', target: 'web', percent: 400 });
    await pass(5);
    await emit('i', 'healed', 'web', { resource, endedAt });
    expect(judged()).toEqual([]);
    await emit('j', 'healed', 'web', { resource, endedAt });
    expect(judged()).toMatchObject([{ promise: 'healed-is-true', resource: 'web', text: 'is called healed under load' }]);
    await aws.close();
  });

  test.each(['stop', 'terminate'])('has nothing done, ever, where the alarm has its instance %s', async (does) => {
    const { aws, instance, hang, alarm, begin, as, reboot, observer } = await stage();
    const id = await instance();
    await begin('i', id, await alarm(id, { does }));
    await hang(id);
    await as('i', () => reboot(id));
    expect(observer.violations).toMatchObject([{ promise: 'one-healer', resource: id }]);
    await aws.close();
  });

  test('waits with what is out of service for five minutes after nobody could be told, and no longer', async () => {
    const { aws, instance, hang, as, stop, pass, observer } = await stage();
    const id = await hang(await instance());
    const mute = aws.faults.inject({ fault: 'fail-call', service: 'sns' });
    await as('i', () => stop(id));
    await pass(40);
    aws.faults.end(mute);
    await pass(4);
    expect(observer.violations).toEqual([]);
    await pass(2);
    expect(observer.violations).toMatchObject([{ promise: 'taken-out-is-told', resource: id }]);
    await aws.close();
  });

  test('is content with what is out of service once people know, or once it runs again', async () => {
    const { aws, instance, hang, as, stop, start, pass, announce, observer } = await stage();
    const told = await hang(await instance());
    const back = await hang(await instance());
    await as('i', () => stop(told));
    await as('j', () => stop(back));
    await pass(13);
    await announce('i', 'escalated', told);
    await as('j', () => start(back));
    await pass(30);
    expect(observer.violations).toEqual([]);
    await aws.close();
  });

  test('has nothing against what selfheal may do', async () => {
    const set = await stage();
    const lone = await set.hang(await set.instance());
    await set.begin('i', lone);
    await set.as('i', () => set.reboot(lone));
    await set.pass(10);
    await set.emit('i', 'healed', lone);
    await set.announce('i', 'healed', lone);
    const [one = ''] = await set.group(3);
    await set.hang(one);
    await set.as('j', () => set.replace(one));
    set.observer.finish();
    expect(set.observer.violations).toEqual([]);
    expect(set.observer.counts()).toEqual({ incidents: 1, actions: 2, outcomes: { healed: 1 } });
    await set.aws.close();
  });

  test('has nothing against the record of a certificate, and something against any other, over another, elsewhere and without the tag', async () => {
    const objections = async (act: (set: Awaited<ReturnType<typeof stage>>) => Promise<unknown>, limits?: Partial<Limits>) => {
      const set = await stage(limits);
      await act(set);
      await set.aws.close();
      return set.observer.violations.map(({ promise, text }) => `${promise}: ${text}`);
    };
    const restored = async ({ certified, upsert }: Awaited<ReturnType<typeof stage>>, how?: { tagged?: boolean; delegated?: boolean }) => {
      const { Name, Value } = certified('shop.example', how);
      await upsert(Name, Value);
    };
    expect(await objections((set) => restored(set))).toEqual([]);
    expect(await objections((set) => restored(set, { tagged: false }))).toEqual([expect.stringMatching('opt-in: .* without the tag')]);
    expect(await objections((set) => restored(set, { delegated: false }))).toEqual([
      expect.stringMatching('right-record: .* DNS does not ask'),
    ]);
    const unnamed = await objections((set) => restored(set), { zones: new Set(['Z0OTHER']) });
    expect(unnamed).toEqual([expect.stringMatching('right-record: .* does not name it')]);
    const over = await objections(async (set) => {
      const { Name, Value } = set.certified('shop.example');
      set.aws.route53.place({ name: 'shop.example', id: 'Z0SHOP', records: [{ name: Name, type: 'CNAME', value: 'elsewhere.example.' }] });
      await set.upsert(Name, Value);
    });
    expect(over).toEqual(['right-record: is written over CNAME elsewhere.example.']);
  });

  test('has nothing against a failover to a reader that is not behind and storage within its bounds, and something against more of it', async () => {
    const set = await stage();
    const { aws, selfheal, pass, observer } = set;
    const tags = { selfheal: 'on' };
    aws.rds.place({ id: 'shop', kind: 'cluster', tags });
    for (const [i, zone] of (['a', 'b', 'a'] as const).entries())
      aws.rds.place({ id: `shop-${i}`, kind: 'instance', cluster: 'shop', writer: i === 0, zone });
    aws.rds.place({ id: 'orders', kind: 'instance', allocated: 100, tags });
    await pass(10);
    const rds = selfheal.rds;
    const failOver = (heir?: string) =>
      rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'shop', TargetDBInstanceIdentifier: heir })).catch(() => {});
    const grow = (AllocatedStorage: number) =>
      rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders', AllocatedStorage, ApplyImmediately: true })).catch(() => {});
    aws.faults.inject({ fault: 'lose-writer', target: 'shop', loss: 'process', failsOver: false });
    await pass(4);
    await failOver('shop-1');
    await grow(120);
    expect(observer.violations).toEqual([]);
    await pass(30);
    await grow(150);
    await failOver('shop-2');
    await failOver();
    expect(observer.violations.map(({ promise, text }) => `${promise}: ${text}`)).toEqual(
      expect.arrayContaining([
        expect.stringMatching('storage-bounds: is asked to grow 30 min after'),
        'heir: is failed over again within six hours',
        'heir: is failed over to whomever RDS chooses',
        'not-failing: is failed over, and its writer shop-1 serves',
      ]),
    );
    await aws.close();
  });

  test('notices an execution without an outcome, and an outcome of which nobody was told', async () => {
    const set = await stage();
    const id = await set.instance();
    await set.begin('silent', id);
    set.observer.finish();
    expect(set.observer.violations).toMatchObject([{ promise: 'one-outcome', text: 'silent never ended in an outcome' }]);
    await set.emit('silent', 'escalated', id);
    set.observer.finish();
    expect(set.observer.violations[1]).toMatchObject({ promise: 'one-outcome', text: 'silent ended, and nobody was told' });
    await set.aws.close();
  });

  test('notices what needs a person and ends quietly, where nothing else is said of it, or of its group', async () => {
    const set = await stage();
    const [member = ''] = await set.group(2);
    const [known, unknown] = [await set.instance(), await set.instance()];
    for (const [name, id] of Object.entries({ member, known, unknown })) await set.begin(name, id);
    for (const [name, id] of Object.entries({ member, known, unknown })) await set.emit(name, 'escalated', id, { quiet: true });
    for (const id of ['web', known]) {
      await set.begin(`of-${id}`, id);
      await set.emit(`of-${id}`, 'held', id);
    }
    set.observer.finish();
    const untold = set.observer.violations.filter(({ promise }) => promise === 'told-aloud');
    expect(untold.map(({ resource }) => resource)).toEqual([unknown]);
    await set.aws.close();
  });

  test('leaves a group alone that somebody has deleted, and what somebody has detached from one that is whole', async () => {
    const set = await stage();
    const [detached = '', left = ''] = await set.group(2);
    await set.hang(detached);
    set.people.detached.set(detached, 'web');
    await set.engineer.autoScaling.send(
      new DetachInstancesCommand({ AutoScalingGroupName: 'web', InstanceIds: [detached], ShouldDecrementDesiredCapacity: false }),
    );
    await set.pass(15);
    await set.emit('i', 'healed-itself', detached, { verified: true });
    expect(set.observer.violations).toEqual([]);
    set.people.deleted.set('web', set.clock.now());
    await set.pass(2);
    await set.replace(await set.hang(left));
    expect(set.observer.violations.map(({ promise }) => promise)).toContain('people-first');
    await set.aws.close();
  });

  test('allows for clocks of functions that are off by so much, and no more', async () => {
    for (const [skewMs, objections] of [
      [0, 1],
      [5 * minute, 0],
    ] as const) {
      const set = await stage({ skewMs });
      const id = await set.instance();
      await set.emit('i', 'healed', await set.hang(id));
      expect(set.observer.violations.filter(({ promise }) => promise === 'healed-is-true')).toHaveLength(objections);
      await set.aws.close();
    }
  });

  test('judges an execution by the limits of the version that it began on', async () => {
    const set = await stage();
    const [before, after] = [await set.hang(await set.instance()), await set.hang(await set.instance())];
    await set.begin('before', before);
    set.observer.redeployed({ ...usual, dryRun: true });
    await set.begin('after', after);
    await set.as('before', () => set.reboot(before));
    await set.as('after', () => set.reboot(after));
    const objections = set.observer.violations.filter(({ promise }) => promise === 'dry-run');
    expect(objections.map(({ resource }) => resource)).toEqual([after]);
    await set.aws.close();
  });

  test('is content with the record of what was told again while the first could not be read', async () => {
    const set = await stage();
    const id = await set.instance();
    await set.begin('i', id);
    await set.emit('i', 'held', id);
    set.aws.faults.inject({ fault: 'fail-call', service: 'dynamodb', code: 'Throttling', status: 400 });
    await set.announce('i', 'failed', id);
    set.observer.finish();
    const unrecorded = () => set.observer.violations.filter(({ text }) => text.includes('not recorded'));
    expect(unrecorded()).toHaveLength(1);
    await set.emit('i', 'failed', id);
    set.observer.finish();
    expect(unrecorded()).toHaveLength(1);
    await set.aws.close();
  });

  test('notices two executions for one episode', async () => {
    const set = await stage();
    const id = await set.instance();
    await set.begin('a', id);
    await set.begin('b', id);
    expect(set.observer.violations).toMatchObject([{ promise: 'once' }]);
    await set.aws.close();
  });

  test('leaves what others do alone', async () => {
    const set = await stage();
    const id = await set.instance({ tagged: false });
    const { ec2 } = localClients(set.aws.handle, { accessKeyId: 'engineer' });
    await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    expect(set.observer.violations).toEqual([]);
    await set.aws.close();
  });

  test('notices a reader above the most, one that none is busy for, and the writer deleted, and not those that are right', async () => {
    const set = await stage({ readers: 2 });
    const { aws, selfheal, pass, observer } = set;
    aws.rds.place({ id: 'shop', kind: 'cluster', tags: { selfheal: 'on' } });
    for (const [i, zone] of (['a', 'b'] as const).entries())
      aws.rds.place({ id: `shop-${i}`, kind: 'instance', cluster: 'shop', writer: i === 0, zone });
    const add = (DBInstanceIdentifier: string) =>
      selfheal.rds.send(
        new CreateDBInstanceCommand({
          ...{ DBInstanceIdentifier, DBClusterIdentifier: 'shop', DBInstanceClass: 'db.r7g.large', Engine: 'aurora-postgresql' },
        }),
      );
    const texts = () => observer.violations.map(({ promise, text }) => `${promise}: ${text}`);
    const fault = aws.faults.inject({ fault: 'load-database', target: 'shop', percent: 90, on: 'readers' });
    await pass(10);
    await add('shop-2');
    await pass(30);
    expect(texts()).toEqual([]);
    aws.faults.end(fault);
    await pass(30);
    await add('shop-3');
    expect(texts()).toEqual(
      expect.arrayContaining([
        'own-readers: is given a reader beside 2, of at most 2',
        'not-failing: is given a reader, and none was busy',
      ]),
    );
    await pass(30);
    await selfheal.rds.send(new FailoverDBClusterCommand({ DBClusterIdentifier: 'shop', TargetDBInstanceIdentifier: 'shop-3' }));
    await pass(10);
    await selfheal.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-3', SkipFinalSnapshot: true }));
    expect(texts()).toContain('own-readers: is deleted while it takes writes');
    await aws.close();
  });

  test('notices a replica of what is not named, idle, or private, and one deleted that is none any more, and not those that are right', async () => {
    const set = await stage({ readers: 1 });
    const { aws, selfheal, pass, observer } = set;
    for (const id of ['orders', 'other']) aws.rds.place({ id, kind: 'instance', engine: 'mysql', tags: { selfheal: 'on' } });
    const add = (DBInstanceIdentifier: string, SourceDBInstanceIdentifier: string, more: object = {}) =>
      selfheal.rds.send(new CreateDBInstanceReadReplicaCommand({ DBInstanceIdentifier, SourceDBInstanceIdentifier, ...more }));
    const remove = (DBInstanceIdentifier: string) =>
      selfheal.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
    const texts = () => observer.violations.map(({ promise, text }) => `${promise}: ${text}`);
    const fault = aws.faults.inject({ fault: 'load-database', target: 'orders', percent: 90, on: 'readers' });
    await pass(10);
    await add('orders-1', 'orders');
    await pass(30);
    expect(texts()).toEqual([]);
    aws.faults.end(fault);
    await pass(30);
    await add('orders-2', 'orders', { PubliclyAccessible: true });
    await add('other-1', 'other');
    expect(texts()).toEqual(
      expect.arrayContaining([
        'own-readers: is given a reader beside 1, of at most 1',
        'not-failing: is given a reader, and none was busy',
        'not-failing: is given a replica, and those that it has are idle',
        'own-readers: is given a replica that is public',
        'own-readers: is given a replica, and the policy does not name it',
      ]),
    );
    const seen = observer.violations.length;
    await remove('orders-1');
    expect(texts().slice(seen)).toEqual([]);
    await pass(30);
    await selfheal.rds.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier: 'orders-2' }));
    await pass(30);
    await remove('orders-2');
    expect(texts()).toContain('own-readers: is deleted, and is no replica any more');
    await aws.close();
  });
});
