import { ownAction } from '../model/alarm-action.ts';
import { describeMembers } from '../model/cluster-members.ts';
import { volumeOf } from '../model/disk.ts';
import { clockTime, dayMs, formatDuration } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { describeReplica } from '../model/replica.ts';
import { isUnseen, typesOfResource } from '../model/resources/index.ts';
import { type FunctionFacts, type InstanceFacts, member, type ResourceSnapshot, type StatusFacts } from '../model/snapshot.ts';
import { utc } from '../model/text.ts';

const spanOf = (since: number, now: number): string =>
  now - since >= dayMs ? `${Math.floor((now - since) / dayMs)} d` : formatDuration((now - since) / 1000);

/** The age of an instance: since its launch, or since it stopped. */
const ageOf = ({ state, stoppedAt, launchedAt }: InstanceFacts, now: number): string => {
  if (state === 'running' || state === 'pending')
    return launchedAt === 0 || launchedAt > now ? '' : `, launched ${spanOf(launchedAt, now)} ago`;
  return stoppedAt === null || stoppedAt > now ? '' : ` for ${spanOf(stoppedAt, now)}`;
};

const systemOf = ({ system, systemImpairedSince }: StatusFacts): string =>
  `system check ${system}${systemImpairedSince === null ? '' : ` since ${clockTime(systemImpairedSince)}`}`;

/** Whether a look succeeded but didn't find its resource. */
export const isMissing = (facts: ResourceSnapshot, { resource: { type } }: Incident): boolean =>
  (facts.refused ?? []).length === 0 && isUnseen(type, facts);

/** Only says that a resource doesn't exist if no part of the look was refused. */
const absentOf = (facts: ResourceSnapshot, { resource: { type, id } }: Incident): string | null => {
  const { absent } = typesOfResource[type];
  return (facts.refused ?? []).length === 0 && absent?.is(facts) ? absent.says(id) : null;
};

const describeFunction = ({ id, alias, concurrency, release, shifting }: FunctionFacts): string[] => {
  const parts = [`function ${id}${alias ? `, alias ${alias.name} is version ${alias.version}` : ''}`];
  if (shifting !== null) parts.push(shifting);
  if (concurrency) parts.push(`reserved concurrency ${concurrency.reserved ?? 'none'}, ${concurrency.throttles} throttled lately`);
  if (release && !('unread' in release)) {
    const { newer, since } = release;
    const served = since === null ? '' : ` since ${clockTime(since)}`;
    parts.push(`${newer.name} serves${served}, ${newer.errors} of ${newer.requests} requests failed`);
  }
  return parts;
};

/** Describes a look in one line; empty if the look doesn't cover the incident's resource. */
export const describeSnapshot = (facts: ResourceSnapshot, incident: Incident): string => {
  const {
    instance,
    status,
    group,
    alarm,
    targets,
    database,
    queue,
    service,
    task,
    host,
    certificate,
    beat,
    disabledMappings = [],
    refused = [],
  } = facts;
  const parts: string[] = [];
  const absent = absentOf(facts, incident);
  if (absent !== null) parts.push(absent);
  if (instance) parts.push(`${instance.id} ${instance.state} in ${instance.availabilityZone}${ageOf(instance, facts.at)}`);
  if (status) parts.push(`${systemOf(status)}, instance check ${status.instance}`);
  if (group) {
    const { name, count, desired, max, createdAt = null } = group;
    const age = createdAt === null || createdAt > facts.at ? '' : `, created ${spanOf(createdAt, facts.at)} ago`;
    parts.push(`group ${name} ${count.all}/${desired} (max ${max})${age}`);
  }
  const own = member(facts);
  if (own) parts.push(`member ${own.lifecycleState}, ${own.health}`);
  if (targets) parts.push(`${targets.healthy} of ${targets.all} targets healthy`);
  if (database) {
    const { id, state, availabilityZone, pending, storage, members, replica = null } = database;
    const of = members ? `, ${describeMembers(members)}` : '';
    const size = storage ? ` with ${storage.allocated} GiB` : '';
    const zone = members ? '' : ` in ${availabilityZone}`;
    parts.push(`${id} ${state}${zone}${size}${pending.length > 0 ? `, pending changes: ${pending.join(', ')}` : ''}${of}`);
    if (replica) parts.push(describeReplica(replica));
  }
  if (queue) {
    const { id, messages, consumer, sources } = queue;
    const from = sources && sources.length > 0 ? `, dead letters of ${sources.map((one) => one.id).join(', ')}` : '';
    parts.push(`${messages ?? 'an unknown number of'} messages in ${id}${from}${consumer === null ? '' : `, processed by ${consumer}`}`);
  }
  if (service?.kind === 'function') parts.push(...describeFunction(service));
  if (service?.kind === 'ecs-service') {
    const { id, running, desired, taskDefinition, rollout, failed } = service;
    const many = failed ? failed.newer + failed.others : 0;
    const tasks = `${running} of ${desired} tasks of ${taskDefinition}`;
    const deployment = rollout === null ? '' : `, deployment ${rollout}`;
    parts.push(`service ${id}: ${tasks}${deployment}${many > 0 ? `, ${many} failed in the last hour` : ''}`);
  }
  if (task) parts.push(`task ${task.id.slice(task.id.lastIndexOf('/') + 1)} of service ${task.service} at ${task.address} ${task.state}`);
  if (host) {
    const { cluster, status: state, connected, tasks, hosts } = host;
    const agent = connected ? 'connected' : 'disconnected';
    parts.push(`host of cluster ${cluster} ${state}, agent ${agent}, ${tasks} tasks; ${hosts.able} of ${hosts.all} hosts can take tasks`);
  }
  if (certificate) {
    const { domain, status, renewal, expiresAt, records } = certificate;
    const ends = expiresAt === null ? '' : `, until ${utc(expiresAt).slice(0, 10)}`;
    parts.push(`certificate for ${domain} ${status}${ends}${renewal === null ? '' : `, renewal ${renewal.status}`}`);
    for (const { name, state, zone } of records)
      parts.push(`record ${name} ${state ?? 'in no zone that is named'}${zone === null ? '' : ` in zone ${zone.name}`}`);
  }
  const under = volumeOf(facts);
  if ('volume' in under) {
    const { id, size, modification } = under.volume;
    parts.push(`${under.path} is on volume ${id} of ${size} GiB${modification ? `, modification ${modification.state}` : ''}`);
  }
  if (alarm) {
    // A user's own healer may be among them, which the reader has to know.
    const invoked = alarm.actions.map(ownAction).flatMap((action) => (action.kind === 'function' ? [action.name] : []));
    const since = alarm.updatedAt === null ? '' : ` since ${clockTime(alarm.updatedAt)}`;
    parts.push(`alarm ${alarm.name} ${alarm.state}${since}${invoked.length > 0 ? `, which also invokes ${invoked.join(', ')}` : ''}`);
  }
  if (beat) parts.push(`last beat of ${beat.name}: ${beat.lastAt === null ? 'never' : utc(beat.lastAt)}`);
  parts.push(...disabledMappings);
  parts.push(...refused);
  return parts.join('; ');
};
