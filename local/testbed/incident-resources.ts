import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { dayMs, hourMs, minuteMs } from '../../shared/model/duration.ts';
import type { Incident } from '../../shared/model/incident.ts';
import { kindsOf } from '../../shared/resources/observe.ts';
import { optInTag } from './fleet.ts';
import type { Host } from './host.ts';

/** What is made by a call has been there since now; everything else since `at`. */
type Place = (host: Pick<Host, 'aws' | 'operator'>, incident: Incident, at: number) => void | Promise<void>;

/** The parts of an ARN's resource, or of what metrics name in its place. */
const partsOf = ({ resource: { id } }: Incident): string[] => (id.startsWith('arn:') ? id.split('/').slice(1) : id.split('/'));

const nothingBehind = (id: string): boolean => !/^(?!-|internal-)[a-zA-Z0-9-]{1,32}(?<!-)$/.test(id.split('/')[1] ?? '');

/** One that launches nothing, where that is what the event is about. */
const placeFleet: Place = ({ aws: { ec2 } }, { resource: { id }, failure }, createdAt) =>
  ec2.placed.fleet({ id, createdAt, ...(failure === 'launch-failed' ? { activity: 'error', fulfilled: 0 } : {}) });

/** How what an event names is put into the world, by the kind of resource that the look takes it for. */
export const places: Readonly<Record<string, Place>> = {
  'lambda-function': ({ aws: { lambda } }, { resource: { id } }, at) => {
    const [name = '', qualifier] = id.split(':');
    if (!/^[\w-]{1,64}$/.test(name)) return;
    if (qualifier === undefined || qualifier === '$LATEST') lambda.place({ name, modifiedAt: at });
    else if (!/^\d+$/.test(qualifier)) lambda.place({ name, modifiedAt: at, published: [at], aliases: { [qualifier]: '1' } });
    else {
      // As many as are needed for one of this number, and no more than anybody has.
      const count = Math.min(Number(qualifier), 100);
      lambda.place({ name, modifiedAt: at, published: Array.from({ length: count }, () => at) });
    }
  },
  'ecs-service': ({ aws: { ecs } }, incident, at) => {
    const [cluster = '', name = ''] = partsOf(incident);
    ecs.place({ cluster, name, createdAt: at });
  },
  'ecs-task': ({ aws: { ecs } }, { evidence, ...incident }) => {
    const [cluster = '', id = ''] = partsOf({ evidence, ...incident });
    const { stopCode: code, stoppedReason: reason } = evidence;
    const stopped = { at: incident.at, code: code ?? 'EssentialContainerExited', reason: reason ?? 'Essential container in task exited' };
    ecs.placeTask({ cluster, id, createdAt: incident.at - hourMs, stopped });
  },
  'rds-instance': ({ aws: { rds } }, { resource: { id } }, createdAt) =>
    rds.place({ id, kind: 'instance', createdAt, tags: { [optInTag.Key]: optInTag.Value } }),
  'rds-cluster': ({ aws: { rds } }, { resource: { id } }, createdAt) => {
    rds.place({ id, kind: 'cluster', createdAt, engine: 'aurora-postgresql' });
    rds.place({ id: `${id}-1`, kind: 'instance', createdAt, engine: 'aurora-postgresql', cluster: id.toLowerCase(), writer: true });
  },
  'rds-snapshot': ({ aws: { rds } }, { resource: { id }, at: created }) =>
    rds.placed.snapshot({ id, of: 'instance', database: 'orders', createdAt: created - hourMs }),
  'rds-cluster-snapshot': ({ aws: { rds } }, { resource: { id }, at: created }) =>
    rds.placed.snapshot({ id, of: 'cluster', database: 'orders', createdAt: created - hourMs }),
  'rds-proxy': ({ aws: { rds } }, { resource: { id: name } }, createdAt) => rds.placed.proxy({ name, createdAt }),
  'rds-blue-green': ({ aws: { rds } }, { resource: { id }, at: created }) =>
    rds.placed.deployment({
      id: id.startsWith('bgd-') ? id : `bgd-${id}`,
      name: id,
      database: 'orders',
      createdAt: created - hourMs,
    }),
  'acm-certificate': ({ aws: { acm } }, { resource: { id: arn }, evidence, at }) => {
    const left = Number(evidence.daysToExpiry ?? 30);
    acm.place({ arn, domain: evidence.commonName ?? 'example.com', issuedAt: at - 300 * dayMs, notAfter: at + left * dayMs });
  },
  'sqs-queue': async ({ operator }, { resource: { id: QueueName } }) => {
    const fifo = QueueName.endsWith('.fifo') ? { Attributes: { FifoQueue: 'true' } } : {};
    await operator.of(SQSClient).send(new CreateQueueCommand({ QueueName, ...fifo }));
  },
  'synthetics-canary': ({ aws: { synthetics } }, { resource: { id: name }, evidence, ...incident }, createdAt) => {
    const runs = [{ at: incident.at - minuteMs, state: 'FAILED' as const, ...(evidence.message ? { reason: evidence.message } : {}) }];
    synthetics.place({ name, createdAt, runs });
  },
  'ebs-volume': ({ aws: { ec2 } }, { resource: { id } }, at) => ec2.placeVolume(id, at),
  'ebs-snapshot': ({ aws: { ec2 } }, { resource: { id: snapshot }, at: ended, evidence }) =>
    ec2.placed.snapshot({
      id: snapshot,
      startedAt: ended - hourMs,
      ...(evidence.cause ? { state: 'error', message: evidence.cause } : {}),
    }),
  'ec2-fleet': placeFleet,
  'spot-fleet': placeFleet,
  'capacity-reservation': ({ aws: { ec2 } }, { resource: { id } }, createdAt) => ec2.placed.reservation({ id, createdAt }),
  // Every region has its zones.
  'availability-zone': () => {},
  'target-group': ({ aws: { loadBalancing, world } }, { resource: { id } }) => {
    if (!nothingBehind(id)) loadBalancing.place(id.startsWith('arn:') ? id : world.arn('elasticloadbalancing', id), []);
  },
  'load-balancer': ({ aws: { loadBalancing, world } }, { resource: { id } }, at) => {
    const name = `loadbalancer/${id.replace(/^gateway\//, 'gwy/')}`;
    loadBalancing.placeBalancer(id.startsWith('arn:') ? id : world.arn('elasticloadbalancing', name), at);
  },
};

/** Makes the world have what an incident is about, as it was long before: the event told of it, so it is there. */
export const placeResource = async (host: Parameters<Place>[0], incident: Incident): Promise<void> => {
  const [kind] = kindsOf(incident);
  if (kind) await places[kind.id]?.(host, incident, host.aws.world.clock.now() - 30 * dayMs);
};
