import type { ResourceType } from '../model/resource.ts';
import { acmCertificate, describeCertificate } from './acm-certificate.ts';
import { availabilityZone } from './availability-zone.ts';
import { capacityReservation } from './capacity-reservation.ts';
import { asksForReaders } from './cluster-readers.ts';
import { lookAtContainerHost } from './container-host.ts';
import { lookAtTasks } from './container-task.ts';
import { lookAtDisks } from './disks.ts';
import { ebsSnapshot } from './ebs-snapshot.ts';
import { ebsVolume } from './ebs-volume.ts';
import { ec2Fleet } from './ec2-fleet.ts';
import { ecsService } from './ecs-service.ts';
import { ecsTask } from './ecs-task.ts';
import { lambdaFunction } from './lambda-function.ts';
import { loadBalancer } from './load-balancer.ts';
import { rdsBlueGreen } from './rds-blue-green.ts';
import { describeCluster, rdsCluster } from './rds-cluster.ts';
import { rdsClusterSnapshot } from './rds-cluster-snapshot.ts';
import { describeDatabase, rdsInstance } from './rds-instance.ts';
import { rdsProxy } from './rds-proxy.ts';
import { rdsSnapshot } from './rds-snapshot.ts';
import type { ResourceKind, TreatedLook } from './resource-kind.ts';
import { describeService } from './service.ts';
import { spotFleet } from './spot-fleet.ts';
import { describeQueue, sqsQueue } from './sqs-queue.ts';
import { syntheticsCanary } from './synthetics-canary.ts';
import { targetGroup } from './target-group.ts';

/** All kinds of resource with a look of their own. If a name may mean several, they are tried in this order. */
export const resourceKinds: readonly ResourceKind[] = [
  lambdaFunction,
  ecsService,
  ecsTask,
  rdsInstance,
  rdsCluster,
  rdsSnapshot,
  rdsClusterSnapshot,
  rdsProxy,
  rdsBlueGreen,
  sqsQueue,
  acmCertificate,
  ebsVolume,
  ebsSnapshot,
  targetGroup,
  loadBalancer,
  syntheticsCanary,
  ec2Fleet,
  spotFleet,
  capacityReservation,
  availabilityZone,
];

/** A cluster is looked at as one only where something may be done about it; a member whose load it is about, as its cluster. */
const lookAtDatabase: TreatedLook = async (clients, input) => {
  const { incident, policy } = input;
  const readers = asksForReaders(incident, policy);
  if ((policy.databases.failover === 'on' || readers) && rdsCluster.is(incident) && !rdsInstance.is(incident))
    return describeCluster(clients, input);
  const seen = await describeDatabase(clients, input);
  const cluster = readers ? seen.database?.cluster : null;
  return cluster == null ? seen : describeCluster(clients, input, cluster);
};

/** How an incident's standard look reads what actions may target, beyond instances and groups. */
export const treatedLooks: Readonly<Partial<Record<ResourceType, TreatedLook>>> = {
  database: lookAtDatabase,
  queue: describeQueue,
  instance: async (clients, input) => ({ ...(await lookAtContainerHost(clients, input)), ...(await lookAtDisks(clients, input)) }),
  service: describeService,
  'target-group': lookAtTasks,
  certificate: describeCertificate,
};

/** What a standard look reads beyond the usual even where no action may follow, and what people read of it if it is refused. */
export const reportedLooks: Readonly<Partial<Record<ResourceType, { what: string; look: TreatedLook }>>> = {
  instance: { what: 'the agent', look: lookAtContainerHost },
  certificate: { what: 'the certificate', look: describeCertificate },
};

/** Read-only IAM actions of all looks. A test compares them with the packaged template. */
export const resourcePermissions: readonly string[] = [...new Set(resourceKinds.flatMap(({ permissions }) => permissions))].sort();
