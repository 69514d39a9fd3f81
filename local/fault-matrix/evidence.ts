import type { CallRecord, InstanceView, Interceptor } from '#local-aws';
import { parseJson } from '../../shared/model/json.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { repeatNotice } from '../../shared/notifications/message.ts';
import { thisProcess } from '../testbed/engine/process.ts';
import type { Host } from '../testbed/host.ts';
import { functions } from '../testbed/surroundings.ts';
import type { Violation } from '../worlds/promises.ts';
import { isChange, isOurs, nameOf } from './fault.ts';

/** The true condition of a resource, from best to worst. */
export const conditions = ['well', 'ill', 'stopped', 'gone'] as const;
export type Condition = (typeof conditions)[number];

/**
 * One of selfheal's calls. `change`: it changes a managed resource and is not a dry run. `incident`: the incident that it was made for, if
 * known.
 */
export type Made = {
  at: number;
  call: string;
  targets: string[];
  error: string | null;
  lost: boolean;
  change: boolean;
  incident: string | null;
};

/** A notification: by a topic, on the bus, or by an alarm on selfheal itself. */
export type Telling = {
  at: number;
  channel: string;
  incident: string;
  kind: 'outcome' | 'interim' | 'approval' | 'alarm';
  /** Its content without anything that differs between two notifications of the same. */
  gist: string;
  text: string;
  /** It pages nobody. */
  quiet: boolean;
  /** It is marked as a possible duplicate. */
  repeat?: boolean;
  outcome: Outcome | null;
};

/** Everything observed of one world, from the wire and the true state only. Times are milliseconds since the epoch. */
export type Evidence = {
  began: number;
  ended: number;
  /** The id of what is at stake. */
  subject: string | null;
  /** Change points of every instance's and group's condition. */
  conditions: ReadonlyMap<string, readonly { at: number; is: Condition }[]>;
  /** Which group each instance belonged to. */
  groupOf: ReadonlyMap<string, string>;
  /** How groups were left. */
  groups: ReadonlyMap<string, { desired: number; well: number }>;
  calls: readonly Made[];
  tellings: readonly Telling[];
  executions: readonly { name: string; status: string; endedAt: number | undefined }[];
  /** When a person's answer was accepted. */
  answered: readonly number[];
  /** Broken promises, as the simulation's observer sees them. */
  violations: readonly Violation[];
};

const second = 1000;
/** In percent. Above it, memory has run out, or a group is overloaded. */
const full = 90;

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const json = (text: unknown): Record<string, unknown> => record(parseJson(String(text)));

const targetsOf = (input: Record<string, unknown>): string[] => [
  ...((input.InstanceIds as string[] | undefined) ?? []),
  ...[
    input.InstanceId,
    input.AutoScalingGroupName,
    input.DBInstanceIdentifier,
    input.DBClusterIdentifier,
    input.SourceDBInstanceIdentifier,
    input.task,
    input.FunctionName,
  ].filter((id) => typeof id === 'string'),
  ...(typeof input.service === 'string' ? [`${input.cluster}/${input.service}`] : []),
  ...(/:service-deployment\/([^/]+\/[^/]+)\//.exec(String(input.serviceDeploymentArn)) ?? []).slice(1),
  // Of a task that moves messages.
  ...(typeof input.SourceArn === 'string' ? [input.SourceArn.slice(input.SourceArn.lastIndexOf(':') + 1)] : []),
];

const outcomeTelling = (at: number, channel: string, outcome: Outcome, text: string): Telling => ({
  ...{ at, channel, incident: outcome.incident, kind: 'outcome', text, quiet: outcome.quiet, outcome },
  gist: `${outcome.status}: ${outcome.reason}`,
  repeat: (outcome as { repeat?: boolean }).repeat === true,
});

/** The content of a message to a topic; each protocol's text counts. */
const published = (at: number, { TopicArn, Message }: Record<string, unknown>): Telling => {
  const channel = String(TopicArn).split(':').at(-1) ?? '';
  const message = json(Message);
  const text = [message.email, message.sms].filter(Boolean).join('\n');
  if (message.metadata !== undefined) {
    const { threadId, eventType } = record(message.metadata);
    const said = String(record(message.content).description);
    const kind = /outcome|interim|approval/.exec(String(eventType))?.[0] as 'outcome' | 'interim' | 'approval';
    return {
      at,
      channel,
      incident: String(threadId),
      kind,
      gist: said.split('\n')[0] ?? '',
      text: said,
      quiet: false,
      repeat: said.includes(repeatNotice),
      outcome: null,
    };
  }
  const program = json(message.default);
  if (program.status !== undefined) return outcomeTelling(at, channel, program as unknown as Outcome, text);
  const kind = program.kind === 'approval' ? 'approval' : 'interim';
  const gist = kind === 'approval' ? `${program.what} until ${program.expiresAt}` : String(program.reason);
  return {
    at,
    channel,
    incident: String(program.incident),
    kind,
    gist,
    text,
    quiet: false,
    repeat: program.repeat === true,
    outcome: null,
  };
};

/** The notifications sent by selfheal's calls that took effect. */
const tellingsOf = (calls: readonly CallRecord[]): Telling[] =>
  calls.flatMap(({ at, service, operation, input, error, accessKey }) => {
    if (error !== null || !isOurs(accessKey)) return [];
    if (service === 'sns' && operation === 'Publish') return [published(at, record(input))];
    if (service !== 'events' || operation !== 'PutEvents') return [];
    const entries = (record(input).Entries ?? []) as Record<string, unknown>[];
    return entries
      .filter(({ Source }) => Source === 'selfheal')
      .map(({ Detail }) => json(Detail))
      .map((detail): Telling => {
        const text = String(detail.reason);
        if (detail.status !== undefined) return outcomeTelling(at, 'bus', detail as unknown as Outcome, text);
        return { at, channel: 'bus', incident: String(detail.incident), kind: 'interim', gist: text, text, quiet: false, outcome: null };
      });
  });

/**
 * `hosts`: the instances that container instances are, by the ends of their ARNs, and those of volumes, by their ids. `validated`: the certificates that a record validates, by
 * its name.
 */
const made = (
  { at, service, operation, input, error, answerLost }: CallRecord,
  incident: string | null,
  { hosts, validated }: { hosts: ReadonlyMap<string, string>; validated: ReadonlyMap<string, readonly string[]> },
): Made => {
  const containers = (record(input).containerInstances ?? []) as unknown[];
  const instances = containers.flatMap((arn) => hosts.get(String(arn).split('/').at(-1) ?? '') ?? []);
  const { Changes = [] } = record(record(input).ChangeBatch) as { Changes?: { ResourceRecordSet?: { Name?: string } }[] };
  const certificates = Changes.flatMap(({ ResourceRecordSet: set }) => validated.get(set?.Name ?? '') ?? []);
  const volume = hosts.get(String(record(input).VolumeId));
  const targets = [...targetsOf(record(input)), ...instances, ...certificates, ...(volume === undefined ? [] : [volume])];
  return {
    ...{ at, call: nameOf({ service, operation }), targets, error, lost: answerLost, incident },
    change: isChange({ service, operation, input }),
  };
};

/** Observes a world once its fleet is up. */
export const createWitness = () => {
  let host: Host | undefined;
  let began = 0;
  const points = new Map<string, { at: number; is: Condition }[]>();
  const groupOf = new Map<string, string>();
  /** Instances by the container instances that they are, and by their volumes. */
  const hosts = new Map<string, string>();
  const validated = new Map<string, string[]>();
  const answered: number[] = [];
  const alarms: Telling[] = [];
  let read = 0;
  /** Incidents by the requests of their changes. */
  const incidents = new Map<string, string>();

  const conditionOf = ({ aws }: Host, instance: InstanceView): Condition => {
    if (instance.state === 'terminated' || instance.state === 'shutting-down') return 'gone';
    if (instance.state === 'stopped' || instance.state === 'stopping') return 'stopped';
    const memory = aws.ec2.metrics('mem_used_percent', { InstanceId: instance.id }, aws.world.clock.now());
    const impaired = instance.systemStatus === 'impaired' || instance.instanceStatus === 'impaired';
    return instance.reachable && !impaired && (memory ?? 0) < full ? 'well' : 'ill';
  };
  const note = (id: string, is: Condition, at: number): void => {
    const own = points.get(id) ?? [];
    if (own.at(-1)?.is !== is) own.push({ at, is });
    points.set(id, own);
  };
  const wellIn = (of: Host, name: string): number =>
    (of.aws.autoScaling.get(name)?.inServiceIds ?? []).filter((id) => {
      const instance = of.aws.ec2.get(id);
      return instance !== undefined && conditionOf(of, instance) === 'well';
    }).length;

  /** Records the true state. */
  const look = (of: Host): void => {
    const { ec2, autoScaling, world } = of.aws;
    const at = world.clock.now();
    const here = new Set<string>();
    for (const instance of ec2.list()) {
      here.add(instance.id);
      note(instance.id, conditionOf(of, instance), at);
      for (const { serial } of ec2.disks.blockDevices(instance.id)) if (serial) hosts.set(serial.replace(/^vol/, 'vol-'), instance.id);
      if (instance.groupName !== null) groupOf.set(instance.id, instance.groupName);
    }
    for (const cluster of of.aws.ecs.clusters()) for (const { id, instanceId } of of.aws.ecs.hosts(cluster)) hosts.set(id, instanceId);
    for (const { arn, records } of of.aws.acm.list())
      for (const { Name } of records) validated.set(Name, [...new Set([...(validated.get(Name) ?? []), arn])]);
    // EC2 forgets terminated instances after a while.
    for (const id of points.keys()) if (id.startsWith('i-') && !here.has(id)) note(id, 'gone', at);
    for (const { name, desired } of autoScaling.list()) {
      const busy = autoScaling.metrics('CPUUtilization', { AutoScalingGroupName: name }, at) ?? 0;
      note(name, wellIn(of, name) >= desired && busy < full ? 'well' : 'ill', at);
    }
    for (; read < of.log.length; read++) {
      const text = of.log[read] ?? '';
      // The template has an alarm on intake's queue, which notifies people of unprocessed events.
      if (!text.includes('event kept in the dead-letter queue') || json(text).functionName !== functions.intake) continue;
      alarms.push({ at, channel: 'alarm', incident: '', kind: 'alarm', gist: text, text, quiet: false, outcome: null });
    }
  };

  const interceptor: Interceptor = {
    before: ({ service, operation, input, context }) => {
      const process = thisProcess();
      if (process && isChange({ service, operation, input })) incidents.set(context.requestId, process.name);
    },
  };

  return {
    interceptor,
    /** The fleet is up, and the timeline begins. */
    begin: (of: Host): void => {
      host = of;
      began = of.aws.world.clock.now();
      look(of);
      of.aws.world.clock.every(10 * second, () => look(of));
    },
    onAnswer: (error: string | null): void => {
      if (host && error === null) answered.push(host.aws.world.clock.now());
    },
    /** The evidence of a finished world. */
    evidence: (subject: string | null, violations: readonly Violation[] = []): Evidence => {
      if (!host) throw new Error('the world never began');
      const of = host;
      look(of);
      const { world, autoScaling } = of.aws;
      const calls = world.calls.filter(({ accessKey, at }) => isOurs(accessKey) && at >= began);
      return {
        ...{ began, ended: world.clock.now(), subject, conditions: points, groupOf, answered, violations },
        groups: new Map([...autoScaling.list()].map(({ name, desired }) => [name, { desired, well: wellIn(of, name) }])),
        calls: calls.map((call) => made(call, incidents.get(call.requestId) ?? null, { hosts, validated })),
        tellings: [...tellingsOf(calls), ...alarms].sort((a, b) => a.at - b.at),
        executions: [...of.engine.executions.values()].map(({ name, status, endedAt }) => ({ name, status, endedAt })),
      };
    },
  };
};
