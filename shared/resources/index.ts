import type { ResourceType } from '../model/resource.ts';
import { acmCertificate } from './acm-certificate.ts';
import { availabilityZone } from './availability-zone.ts';
import { capacityReservation } from './capacity-reservation.ts';
import { ebsSnapshot } from './ebs-snapshot.ts';
import { ebsVolume } from './ebs-volume.ts';
import { ec2Fleet } from './ec2-fleet.ts';
import { ecsService } from './ecs-service.ts';
import { ecsTask } from './ecs-task.ts';
import { lambdaFunction } from './lambda-function.ts';
import { loadBalancer } from './load-balancer.ts';
import { rdsBlueGreen } from './rds-blue-green.ts';
import { rdsCluster } from './rds-cluster.ts';
import { rdsClusterSnapshot } from './rds-cluster-snapshot.ts';
import { rdsInstance } from './rds-instance.ts';
import { rdsProxy } from './rds-proxy.ts';
import { rdsSnapshot } from './rds-snapshot.ts';
import type { ResourceKind } from './resource-kind.ts';
import { spotFleet } from './spot-fleet.ts';
import { sqsQueue } from './sqs-queue.ts';
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

/** Read-only IAM actions of all looks. A test compares them with the packaged template. */
export const resourcePermissions: readonly string[] = [...new Set(resourceKinds.flatMap(({ permissions }) => permissions))].sort();

type Unclaimed = {
  /**
   * `own`: every incident's standard look covers it (`shared/aws/look.ts`). `treated`: that look covers it if an action may follow. `none`:
   * it is never looked at, and `what` describes it.
   */
  look: 'own' | 'treated' | 'none';
  what: string;
  /** Whether CloudTrail finds calls that changed it by its id. */
  trail: boolean;
};

/** Resource types that no kind claims. */
export const unclaimed: Readonly<Record<ResourceType, Unclaimed>> = {
  instance: { look: 'own', what: 'instances', trail: true },
  group: { look: 'own', what: 'Auto Scaling groups', trail: true },
  alarm: { look: 'own', what: 'alarms', trail: true },
  volume: { look: 'none', what: 'this kind of volume', trail: true },
  'target-group': { look: 'treated', what: 'this kind of target group', trail: true },
  'load-balancer': { look: 'none', what: 'Classic Load Balancers', trail: true },
  database: { look: 'none', what: 'databases other than those of RDS, Aurora, DocumentDB and Neptune', trail: true },
  queue: { look: 'none', what: 'queues other than those of SQS', trail: true },
  service: { look: 'none', what: 'this kind of service', trail: false },
  task: { look: 'none', what: 'tasks whose cluster is unknown', trail: false },
  canary: { look: 'none', what: 'this kind of canary', trail: false },
  certificate: { look: 'none', what: 'this kind of certificate', trail: false },
  snapshot: { look: 'none', what: 'this kind of snapshot', trail: false },
  fleet: { look: 'none', what: 'this kind of fleet', trail: false },
  'capacity-reservation': { look: 'none', what: 'this kind of capacity reservation', trail: false },
  zone: { look: 'none', what: 'this kind of zone', trail: false },
  region: { look: 'none', what: 'regions', trail: false },
};
