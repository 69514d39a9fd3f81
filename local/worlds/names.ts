import { nearest } from '../../shared/model/nearest.ts';
import { databaseNames } from './databases.ts';
import type { Expectation } from './expect-schema.ts';
import { instanceNames, type ScenarioFleet } from './fleet-schema.ts';
import type { Step } from './steps.ts';
import { memberOf, placeholder, textsIn } from './values.ts';

export type Issue = { path: (string | number)[]; message: string };
type Named = { fleet: ScenarioFleet; timeline: readonly Step[]; expect: Expectation };

/** What a step is about, where that isn't an instance or a member. */
const onGroup: readonly Step['do'][] = [
  'add-load',
  'resize',
  'delete-group',
  'suspend',
  'resume',
  'deploy',
  'bad-release',
  'break-template',
  'break-image',
  'answer-hooks',
];
const onAny: readonly Step['do'][] = ['tag', 'untag', 'redeliver', 'slow-boot'];

/** Names in a scenario that stand for nothing. */
export const unknownNames = ({ fleet, timeline, expect }: Named): Issue[] => {
  const { instances, groups, targetGroups, alarms, keys } = fleet;
  const issues: Issue[] = [];
  const lone = instanceNames(instances);
  const names = {
    instance: lone,
    group: Object.keys(groups),
    'target group': Object.keys(targetGroups),
    alarm: Object.keys(alarms),
    key: Object.keys(keys),
    function: Object.keys(fleet.functions),
    cluster: [...Object.keys(fleet.clusters), ...Object.values(fleet.services).map(({ cluster }) => cluster)],
    service: Object.keys(fleet.services),
    database: databaseNames(fleet.databases),
    queue: Object.keys(fleet.queues),
    zone: Object.keys(fleet.zones),
    certificate: Object.keys(fleet.certificates),
  };
  const isMember = (ref: string): boolean => {
    const member = memberOf(ref);
    return member !== null && Object.hasOwn(groups, member.group) && member.index < (groups[member.group]?.max ?? 0);
  };
  const isInstance = (ref: string): boolean => isMember(ref) || lone.includes(ref);
  const isAny = (ref: string): boolean => isInstance(ref) || Object.hasOwn(groups, ref) || Object.hasOwn(targetGroups, ref);
  const there = (kind: keyof typeof names, ref: string): boolean => (kind === 'instance' ? isInstance(ref) : names[kind].includes(ref));
  const missing = (path: Issue['path'], kind: keyof typeof names, ref: string): void => {
    const meant = nearest(ref, names[kind]);
    issues.push({ path, message: `there is no ${kind} ${ref} in the fleet${meant ? `; did you mean ${meant}?` : ''}` });
  };
  const want = (path: Issue['path'], kind: keyof typeof names, ref: string | undefined): void => {
    if (ref !== undefined && !there(kind, ref)) missing(path, kind, ref);
  };
  const filled = (path: Issue['path'], text: string): void => {
    for (const [whole, asked = ''] of text.matchAll(placeholder))
      if (!['now', 'account', 'region'].includes(asked) && !/^zone-[abc]$/.test(asked) && !isAny(asked))
        issues.push({ path, message: `${whole} stands for nothing here` });
  };

  for (const kind of ['instances', 'groups'] as const)
    for (const [own, { volumes = [] }] of Object.entries(fleet[kind]))
      for (const [i, { key }] of volumes.entries()) if (key !== 'aws') want(['fleet', kind, own, 'volumes', i, 'key'], 'key', key);
  for (const [own, { id, volumes }] of Object.entries(instances))
    if (id !== undefined && volumes !== undefined)
      issues.push({ path: ['fleet', 'instances', own], message: 'an instance with an id of its own has its volumes as usual' });
  for (const [own, { targetGroup }] of Object.entries(groups)) {
    if (lone.includes(own)) issues.push({ path: ['fleet', 'groups', own], message: 'an instance has the same name' });
    want(['fleet', 'groups', own, 'targetGroup'], 'target group', targetGroup);
  }
  for (const [own, { instances: registered }] of Object.entries(targetGroups))
    for (const [i, one] of registered.entries()) want(['fleet', 'targetGroups', own, 'instances', i], 'instance', one.replace(/:\d+$/, ''));
  for (const [own, { groups: hosts }] of Object.entries(fleet.clusters))
    for (const [i, group] of hosts.entries()) want(['fleet', 'clusters', own, 'groups', i], 'group', group);
  for (const [own, { targetGroup }] of Object.entries(fleet.services))
    want(['fleet', 'services', own, 'targetGroup'], 'target group', targetGroup);
  for (const [own, { deadLetters, consumer }] of Object.entries(fleet.queues)) {
    const path = ['fleet', 'queues', own];
    want([...path, 'deadLetters'], 'queue', deadLetters);
    want([...path, 'consumer', 'group'], 'group', consumer?.group);
    want([...path, 'consumer', 'service'], 'service', consumer?.service);
    want([...path, 'consumer', 'function'], 'function', consumer?.function?.replace(/:.*/, ''));
  }
  for (const [own, { replicaOf }] of Object.entries(fleet.databases)) want(['fleet', 'databases', own, 'replicaOf'], 'database', replicaOf);
  for (const [own, alarm] of Object.entries(alarms)) {
    const path = ['fleet', 'alarms', own];
    for (const { text, path: below } of textsIn(alarm)) {
      filled([...path, ...below], text);
      const [, group = '', policy = ''] = /^policy:(.+?)\/(.+)$/.exec(text) ?? [];
      if (text.startsWith('policy:') && !Object.hasOwn(groups[group]?.policies ?? {}, policy))
        issues.push({ path: [...path, ...below], message: `there is no scaling policy ${text.slice('policy:'.length)} in the fleet` });
    }
    if ('rule' in alarm) continue;
    if (typeof alarm.metric === 'string' && alarm.on === undefined) issues.push({ path, message: 'needs on, the name of what it watches' });
    if (alarm.on !== undefined && !isAny(alarm.on)) missing([...path, 'on'], 'instance', alarm.on);
  }
  for (const [i, step] of timeline.entries()) {
    const path = ['timeline', i];
    if (step.note !== undefined) filled([...path, 'note'], step.note);
    if ('on' in step && step.on !== undefined && !(onAny.includes(step.do) && isAny(step.on)))
      want([...path, 'on'], step.do === 'send-requests' ? 'target group' : onGroup.includes(step.do) ? 'group' : 'instance', step.on);
    if ('alarm' in step) filled([...path, 'alarm'], step.alarm);
    if (step.do === 'change-key') want([...path, 'key'], 'key', step.key);
    if ('function' in step) want([...path, 'function'], 'function', step.function);
    if ('service' in step && step.do !== 'fail-calls') want([...path, 'service'], 'service', step.service);
    if (step.do === 'lose-container-agent') {
      want([...path, 'cluster'], 'cluster', step.cluster);
      if ((step.cluster === undefined) === (step.on === undefined)) issues.push({ path, message: 'needs either on or a cluster' });
    }
    if ('database' in step) want([...path, 'database'], 'database', step.database);
    if (step.do === 'fail-over') want([...path, 'to'], 'database', step.to);
    if ('certificate' in step) want([...path, 'certificate'], 'certificate', step.certificate);
    if (step.do === 'wrong-delegation' || step.do === 'delete-record') want([...path, 'zone'], 'zone', step.zone);
    if (step.do === 'delete-record' && (step.certificate === undefined) !== (step.zone !== undefined && step.name !== undefined))
      issues.push({ path, message: 'needs either a certificate, or a zone and a name' });
    if ('queue' in step) want([...path, 'queue'], 'queue', step.queue);
    if (step.do === 'attach') want([...path, 'group'], 'group', step.group);
    if (step.do === 'sick-target') want([...path, 'targetGroup'], 'target group', step.targetGroup);
    if (step.do !== 'deliver') continue;
    if ((step.event === undefined) === (step.file === undefined)) issues.push({ path, message: 'needs either an event or a file' });
    for (const { text, path: below } of textsIn(step.event)) filled([...path, 'event', ...below], text);
  }
  // An id of AWS's own may be anything; what looks like one of our names must be one.
  for (const [i, { resource }] of expect.outcomes.entries())
    if (resource !== undefined && memberOf(resource)) want(['expect', 'outcomes', i, 'resource'], 'instance', resource);
  for (const ref of Object.keys(expect.resources ?? {}))
    if (!isInstance(ref) && !Object.hasOwn(groups, ref)) missing(['expect', 'resources', ref], 'instance', ref);
  for (const ref of Object.keys(expect.failedRequests ?? {})) want(['expect', 'failedRequests', ref], 'target group', ref);
  for (const ref of Object.keys(expect.services ?? {})) want(['expect', 'services', ref], 'service', ref);
  for (const ref of Object.keys(expect.databases ?? {})) want(['expect', 'databases', ref], 'database', ref);
  for (const ref of Object.keys(expect.queues ?? {})) want(['expect', 'queues', ref], 'queue', ref);
  for (const ref of Object.keys(expect.certificates ?? {})) want(['expect', 'certificates', ref], 'certificate', ref);
  for (const ref of Object.keys(expect.fileSystems ?? {})) want(['expect', 'fileSystems', ref], 'instance', ref);
  return issues;
};
