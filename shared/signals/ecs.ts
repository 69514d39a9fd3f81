import * as z from 'zod';
import { parseArn } from '../model/arn.ts';
import { once } from '../model/once.ts';
import type { Resource } from '../model/resource.ts';
import { resourceOf } from '../model/resource-id.ts';
import { anything, defineSignal, type Envelope, eventSignal, read } from './module.ts';

const schema = once(() =>
  z.object({
    eventType: z.string().nullish(),
    eventName: z.string().nullish(),
    reason: anything,
    lastStatus: z.string().nullish(),
    stopCode: z.string().nullish(),
    stoppedReason: anything,
    taskArn: anything,
    group: z.string().nullish(),
    clusterArn: anything,
    agentConnected: z.boolean().nullish(),
    status: z.string().nullish(),
    ec2InstanceId: anything,
    containerInstanceArn: anything,
    containers: z.array(z.object({ exitCode: anything, name: anything })).nullish(),
  }),
);

type ParsedDetail = z.output<ReturnType<typeof schema>>;
const facts = ['task-failed', 'service-impaired', 'deployment-failed', 'agent-lost', 'activity'] as const;
type Reading = { fact: (typeof facts)[number]; quiet: string | null; what: string };

/** Requested stops; every other one is a failure. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html */
const wantedStops: Readonly<Record<string, string>> = {
  UserInitiated: 'the task was stopped on purpose',
  ServiceSchedulerInitiated: 'the service stopped the task itself, to scale or to deploy',
  SpotInterruption: 'EC2 reclaims the capacity under the task; ECS starts it elsewhere',
  TerminationNotice: 'the host of the task is being removed; ECS starts it elsewhere',
};

/**
 * Such as `Task failed ELB health checks in (target-group …)` and `Task failed container health checks`: the scheduler stops these tasks as
 * well.
 */
const failedHealthCheck = (reason: unknown): boolean =>
  typeof reason === 'string' && reason.includes('failed') && reason.includes('health check');

const readTask = ({ lastStatus, stopCode, stoppedReason, containers, group }: ParsedDetail): Reading => {
  const quiet = (why: string): Reading => ({ fact: 'activity', quiet: why, what: '' });
  if (lastStatus !== 'STOPPED') return quiet('the task is in transition');
  const exits = (containers ?? []).flatMap(({ exitCode }) => (typeof exitCode === 'number' ? [exitCode] : []));
  const why = stopCode ? wantedStops[stopCode] : undefined;
  if (why !== undefined && !failedHealthCheck(stoppedReason)) return quiet(why);
  // Older agents send no code.
  if (!stopCode && exits.every((exit) => exit === 0) && !failedHealthCheck(stoppedReason)) return quiet('the task ended without a failure');
  const done = exits.length > 0 && exits.length === containers?.length && exits.every((exit) => exit === 0);
  // A service's task must keep running; a standalone one may complete.
  if (stopCode === 'EssentialContainerExited' && done && !(group ?? '').startsWith('service:'))
    return quiet('the task did its work and ended');
  const exit = exits.find((code) => code !== 0);
  const how = stopCode || (exit === undefined ? 'no exit code' : `exit code ${exit}`);
  return { fact: 'task-failed', quiet: null, what: `the task stopped with ${how}${stoppedReason ? `: ${String(stoppedReason)}` : ''}` };
};

const readings: Record<string, (parsed: ParsedDetail) => Reading> = {
  'ECS Service Action': ({ eventType, eventName, reason }) => {
    const bad = eventType === 'WARN' || eventType === 'ERROR';
    return {
      fact: bad ? 'service-impaired' : 'activity',
      quiet: bad ? null : 'the service works as requested',
      what: `ECS says ${eventName ?? eventType}${typeof reason === 'string' ? `: ${reason}` : ''}`,
    };
  },
  'ECS Deployment State Change': ({ eventName, reason }) => {
    const bad = eventName === 'SERVICE_DEPLOYMENT_FAILED';
    return {
      fact: bad ? 'deployment-failed' : 'activity',
      quiet: bad ? null : 'the deployment is in progress or completed',
      what: `ECS says ${eventName}${typeof reason === 'string' ? `: ${reason}` : ''}`,
    };
  },
  'ECS Task State Change': readTask,
  // Agents disconnect and reconnect in normal operation, which a look some minutes later shows. One that leaves its cluster has no agent to
  // lose, one that is drained is on its way out already, and what is none of EC2 is nobody's to replace.
  'ECS Container Instance State Change': ({ agentConnected, status, ec2InstanceId, clusterArn }) => {
    const lost = agentConnected === false && status === 'ACTIVE' && typeof ec2InstanceId === 'string';
    return lost
      ? {
          fact: 'agent-lost',
          quiet: null,
          what: `its agent is disconnected from ${parseArn(clusterArn)?.resource.replace('/', ' ') ?? 'its cluster'}`,
        }
      : { fact: 'activity', quiet: 'a container instance changed, which alone is not a failure', what: '' };
  },
};

const subjectOf = ({ taskArn, ec2InstanceId }: ParsedDetail, { detailType, resources }: Envelope, { fact }: Reading): Resource | null => {
  const [resource] = resources;
  if (detailType === 'ECS Task State Change') return resourceOf('task', arnText(taskArn ?? resource), 'detail.taskArn');
  if (fact === 'agent-lost') return resourceOf('instance', ec2InstanceId, 'detail.ec2InstanceId');
  if (detailType === 'ECS Container Instance State Change' || resource === undefined) return null;
  return resourceOf('service', arnText(resource), 'resources');
};

/** The owner of a task: its service, else the family of its task definition. A service is named in the same way. */
const ownerOf = ({ group, clusterArn }: ParsedDetail, subject: Resource | null): string | undefined => {
  if (group) return `${group} in ${parseArn(clusterArn)?.resource ?? 'its cluster'}`.slice(0, 500);
  const [, cluster, name] = /:service\/([^/]+)\/([^/]+)$/.exec(subject?.id ?? '') ?? [];
  return name === undefined ? undefined : `service:${name} in cluster/${cluster}`.slice(0, 500);
};

/** The ARN, the id of ECS services and tasks; null for anything else. */
const arnText = (value: unknown): unknown => parseArn(value)?.text ?? null;

const decode = (detail: unknown, envelope: Envelope) => {
  const parsed = read(schema, detail, 'detail');
  const reading = readings[envelope.detailType]?.(parsed) ?? { fact: 'activity', quiet: 'the service works normally', what: '' };
  const subject = reading.quiet === null || envelope.resources.length > 0 ? subjectOf(parsed, envelope, reading) : null;
  const evidence = {
    owner: ownerOf(parsed, subject),
    eventName: parsed.eventName,
    stopCode: parsed.stopCode,
    stoppedReason: parsed.stoppedReason,
    what: reading.what,
    ...(reading.fact === 'agent-lost'
      ? { clusterArn: parseArn(parsed.clusterArn)?.text, containerInstanceArn: parseArn(parsed.containerInstanceArn)?.text }
      : {}),
  };
  return [eventSignal(envelope, { kind: 'ecs', fact: reading.fact, subject, quiet: reading.quiet, evidence })];
};

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html */
export const ecs = defineSignal({ kind: 'ecs', facts, events: { source: 'aws.ecs', detailTypes: Object.keys(readings), decode } });
