import { principalOf } from '../../core/principal.ts';
import type { Ec2, InstanceView, Kms, LaunchSpec } from '../../core/service-interfaces.ts';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { createKms } from '../kms/index.ts';
import { createHealthEvents } from './events/health-events.ts';
import { createElasticIps } from './model/elastic.ts';
import { createFaults } from './model/faults.ts';
import { createDisks } from './model/file-systems.ts';
import { createFleet } from './model/fleet.ts';
import { createImages } from './model/images.ts';
import { groupTag } from './model/instance.ts';
import { createInstanceLifecycle } from './model/instance-lifecycle.ts';
import { createLaunching, type Launch } from './model/launch.ts';
import { createMetrics, listMetrics } from './model/metrics.ts';
import { createModifications } from './model/modifications.ts';
import { createRecovery } from './model/recovery.ts';
import { createReleases } from './model/releases.ts';
import { createRetirement } from './model/retirement.ts';
import { createSnapshots } from './model/snapshots.ts';
import { createSoftware } from './model/software.ts';
import { createStartFailures } from './model/start-failures.ts';
import { createVolumes } from './model/volumes.ts';
import { addressOperations } from './operations/addresses.ts';
import { createAlarmAction } from './operations/alarm-action.ts';
import { attributeOperations } from './operations/attributes.ts';
import { zoneOperations } from './operations/availability-zones.ts';
import { seenInstances } from './operations/common.ts';
import { createDescribed } from './operations/described.ts';
import { imageOperations } from './operations/images.ts';
import { instanceLifecycleOperations, terminationRefusal } from './operations/instance-lifecycle.ts';
import { describeInstances } from './operations/instances.ts';
import { launchOptions, type Source } from './operations/launch-options.ts';
import { modificationOperations } from './operations/modifications.ts';
import { runOperations } from './operations/run.ts';
import { snapshotOperations } from './operations/snapshots.ts';
import { describeInstanceStatus } from './operations/status.ts';
import { tagOperations } from './operations/tags.ts';
import { createLaunchTemplates } from './operations/templates.ts';
import { volumeChanges } from './operations/volume-changes.ts';
import { volumeOperations } from './operations/volumes.ts';

/** EC2 of one account and region. What is true at once is in `get` and `list`; what the wire shows may lag by seconds. */
export const createEc2 = (world: World, kms: Kms = createKms(world)): Ec2 => {
  const fleet = createFleet(world);
  const volumes = createVolumes(fleet, kms);
  const modifications = createModifications(fleet);
  const snapshots = createSnapshots(fleet);
  const images = createImages(fleet);
  const releases = createReleases();
  const launching = createLaunching(fleet, { volumes, images, releases });
  const startFailures = createStartFailures(fleet, volumes);
  const software = createSoftware(fleet);
  const lifecycle = createInstanceLifecycle(fleet, { launching, failures: startFailures, releases, software });
  const healthEvents = createHealthEvents(fleet);
  const recovery = createRecovery(fleet, lifecycle, healthEvents);
  const templates = createLaunchTemplates(fleet);
  const elastic = createElasticIps(fleet);
  const described = createDescribed(fleet);

  /** Whoever sets a world up, without the wire. */
  const somebody = principalOf(world, 'operator').arn;
  /** https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html */
  const autoScalingRole = `arn:${world.partition}:iam::${world.account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;

  /** A group's launch has from its template what the group doesn't say itself. */
  const completed = (spec: LaunchSpec): Launch => {
    const { launchTemplateId, launchTemplateVersion } = spec;
    if (launchTemplateId === undefined || launchTemplateVersion === undefined) return spec;
    const { data } = templates.resolve({ LaunchTemplateId: launchTemplateId, Version: String(launchTemplateVersion) });
    return { ...launchOptions({ ...(data as Source), ImageId: spec.imageId }, images), ...spec };
  };

  const launchOne = (spec: LaunchSpec): InstanceView => {
    const launch = completed(spec);
    launching.checkLaunch(launch, 1, 1);
    const [instance] = lifecycle.launch(launch, 1, launch.groupName === undefined ? somebody : autoScalingRole);
    return fleet.view(instance?.id ?? '') as InstanceView;
  };

  const operations = {
    ...describeInstances(fleet),
    ...describeInstanceStatus(fleet),
    ...instanceLifecycleOperations(fleet, lifecycle, launching),
    ...runOperations(fleet, { lifecycle, launching, templates, images }),
    ...tagOperations(fleet, { templates, elastic, snapshots }),
    ...addressOperations(fleet, elastic),
    ...volumeOperations(fleet),
    ...volumeChanges(fleet, { volumes, modifications, snapshots }),
    ...snapshotOperations(fleet, snapshots),
    ...modificationOperations(fleet, modifications),
    ...attributeOperations(fleet),
    ...zoneOperations(fleet),
    ...imageOperations(fleet, images),
    ...templates.operations,
    ...described.operations,
  };

  const recover = (instanceId: string): void => {
    for (const { instance } of seenInstances(fleet, [instanceId])) recovery.recover(instance);
  };

  return {
    service: {
      signingName: 'ec2',
      protocols: ['ec2-query'],
      xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
      missingParameter: 'MissingParameter',
      operations,
    },
    alarmAction: createAlarmAction(world, operations, recover),
    metrics: createMetrics(fleet),
    listMetrics: () => listMetrics(fleet, world.clock.now()),
    get: fleet.view,
    list: fleet.views,
    launch: launchOne,
    placeVolume: volumes.place,
    placed: { ...described.place, snapshot: snapshots.place },
    terminate: (instanceId, by) => {
      const instance = fleet.expect(instanceId);
      const refusal = by === 'user' ? terminationRefusal(instance) : undefined;
      if (refusal instanceof AwsError) throw refusal;
      lifecycle.terminate(instance, 'user');
    },
    setLoad: (instanceId, percent) => {
      fleet.expect(instanceId).load.set(world.clock.now(), Math.min(100, Math.max(0, percent)));
    },
    shutDown: (instanceId, by) => {
      const instance = fleet.expect(instanceId);
      if (instance.described.state !== 'running') return;
      if (by === 'service') lifecycle.stop(instance, 'service-fault', { force: true });
      else lifecycle.shutDown(instance);
    },
    setOperator: (instanceId, principal) => {
      fleet.expect(instanceId).operator = principal;
    },
    setGroupName: (instanceId, groupName) => {
      const instance = fleet.expect(instanceId);
      const tags = new Map(instance.described.tags);
      if (groupName === null) tags.delete(groupTag);
      else tags.set(groupTag, groupName);
      fleet.change(instance, { tags });
    },
    scheduleRetirement: createRetirement(fleet, lifecycle, healthEvents),
    volume: (volumeId) => {
      const volume = fleet.volumes.get(volumeId);
      return volume && { tags: volume.tags, sizeGiB: volume.shape.sizeGiB, instanceId: volume.attachment?.instance.id ?? null };
    },
    launchTemplate: templates.find,
    zones: [...fleet.zones.values()],
    limitVcpus: (vcpus) => {
      const before = fleet.limits.vcpus;
      fleet.limits.vcpus = vcpus;
      return () => {
        fleet.limits.vcpus = before;
      };
    },
    deregisterImage: images.deregister,
    slowBoot: releases.slowBoot,
    badRelease: releases.badRelease,
    failStarts: startFailures.plan,
    software,
    disks: createDisks(fleet),
    failModification: modifications.failNext,
    faults: createFaults(fleet, lifecycle, recovery, healthEvents),
  };
};
