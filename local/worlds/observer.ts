import type { Call, InstanceView, Interceptor, LocalAws } from '#local-aws';
import { minuteMs } from '../../shared/model/duration.ts';
import { thisProcess } from '../testbed/engine/process.ts';
import { createAlarmWatch } from './alarm-watch.ts';
import { createCommandsSent } from './commands-sent.ts';
import { createContainerHosts } from './container-hosts.ts';
import { createDatabaseChanges } from './database-changes.ts';
import { createDrained, drainingCalls } from './drained.ts';
import { createLooks } from './looks.ts';
import { createMassTold } from './mass-told.ts';
import { createOutcomesTold } from './outcomes-told.ts';
import { type OwnerKind, ownedBy } from './owned.ts';
import { createPages } from './pages.ts';
import type { PeopleLog } from './people.ts';
import type { PromiseId, Violation } from './promises.ts';
import { createPromotions } from './promotions.ts';
import { createReadersMade } from './readers-made.ts';
import { createRecords } from './records.ts';
import { createRedrives } from './redrives.ts';
import { createReleases, serviceOf } from './releases.ts';
import { createReplaced, type GroupBudget } from './replaced.ts';
import { createTakenOut } from './taken-out.ts';
import { createTreatments } from './treatments.ts';
import { createVolumes } from './volumes.ts';

/** The limits in the simulated account; the observer gets them independently of selfheal. */
export type Limits = {
  budget: { actions: number; windowSeconds: number };
  blastShare: number;
  massFailure: { resources: number; windowSeconds: number; share: number };
  /** More than this share of a group's members that fail are one failure. */
  groupShare: number;
  /** As long a lease outlives its last renewal. */
  leaseSeconds: number;
  /** How far the clocks of functions may be from the true time, in milliseconds. */
  skewMs: number;
  /** Actions that need a person's consent, by their ids. */
  asks: ReadonlySet<string>;
  dryRun: boolean;
  /** Whether there is a pager. */
  pages: boolean;
  groupBudget: GroupBudget;
  /** How long an alarm that reboots or recovers its instance gets, in seconds. */
  ownHealing: number;
  /** Commands that may be run, by `commandKey`. */
  commands: ReadonlySet<string>;
  /** The most GiB that the storage of a database may grow to; null if it may not grow. */
  storage: number | null;
  /** The most readers that a cluster may have once one is added; null if none may be. */
  readers: number | null;
  /** The instances that may get replicas. */
  replicated: ReadonlySet<string>;
  /** Ids of the zones in which the policy lets records be restored. */
  zones: ReadonlySet<string>;
  /** Volumes are not grown above this size in GiB; null: not at all. */
  volumeMost: number | null;
  /** Owners whose instances are left alone. */
  left: readonly OwnerKind[];
};

const second = 1000;

/** Failures of something on an instance, which say nothing of the instance itself. */
const ofSoftware: ReadonlySet<string> = new Set(['agent-lost', 'application-down', 'disk-full', 'volume-impaired']);

/** The actions of which calls are the first ones, as a policy names them. */
const asking: Readonly<Record<string, readonly string[]>> = {
  RebootInstances: ['reboot-instance'],
  StopInstances: ['stop-start-instance'],
  TerminateInstanceInAutoScalingGroup: ['replace-member'],
  SetInstanceHealth: ['replace-member'],
  SetDesiredCapacity: ['scale-out'],
};

/** A person's action in the last minute may not be visible yet: a look lies between it and the action. */
const grace = minuteMs;

const isMutating = ({ service, operation }: Call): boolean =>
  (service === 'ec2' || service === 'autoscaling') && !/^(Describe|Get)/.test(operation);

/** What may be done elsewhere, beyond looks. */
const knownElsewhere: Readonly<Record<string, RegExp>> = {
  lambda: /^(Invoke|UpdateAlias|PutFunctionConcurrency|\w*DurableExecution\w*)$/,
  ecs: /^(UpdateService|StopServiceDeployment|StopTask|UpdateContainerInstancesState)$/,
  sqs: /^(StartMessageMoveTask|CancelMessageMoveTask)$/,
  rds: /^(RebootDBInstance|ModifyDBInstance|FailoverDBCluster|PromoteReadReplica|CreateDBInstance|CreateDBInstanceReadReplica|DeleteDBInstance)$/,
  acm: /^$/,
  route53: /^ChangeResourceRecordSets$/,
};
const isUnknown = ({ service, operation }: Call): boolean =>
  !/^(Describe|Get|List)/.test(operation) && knownElsewhere[service]?.test(operation) === false;

/** What has a member's group replace it. */
const replacing = new Set(['TerminateInstanceInAutoScalingGroup', 'SetInstanceHealth']);

const instancesOf = ({ input }: Call): string[] =>
  (input.InstanceIds as string[] | undefined) ?? (input.InstanceId ? [String(input.InstanceId)] : []);

/** The change points of what is true or not, by instance. */
type Course = Map<string, { at: number; is: boolean }[]>;

/** A call that had an effect. */
type Effective = { at: number; operation: string; execution: string };

/** What a new version may change while incidents of an older one are open. */
type Changing = Pick<Limits, 'budget' | 'asks' | 'dryRun'>;

/**
 * An independent observer: it sees selfheal's calls to AWS and the true state of the world, but neither selfheal's records nor its reasons.
 * It reports into `violations`.
 */
export const createObserver = (people: PeopleLog, limits: Limits) => {
  const violations: Violation[] = [];
  /** Those of the version that what begins now runs on, and of the one that each execution began on. */
  let newest: Changing = limits;
  const begunUnder = new Map<string, Changing>();
  const history: { at: number; text: string }[] = [];
  let aws: LocalAws | undefined;
  let actions = 0;

  /** Effective calls by resource, for what may not follow what. */
  const effective = new Map<string, Effective[]>();
  /** Change points of each instance's health, and of whether it passes its checks: of what breaks they tell minutes later. */
  const health: Course = new Map();
  const passing: Course = new Map();
  /** Those of whether it serves no longer. */
  const gone: Course = new Map();
  /** The group that each instance is or was a member of. */
  const groupOf = new Map<string, string>();
  /** The groups whose members are or were in a target group, by its name in outcomes. */
  const groupsBehind = new Map<string, Set<string>>();
  /** When each instance last came to run. */
  const ranAt = new Map<string, number>();
  const lastLoaded = new Map<string, number>();
  /** Of groups, in seconds. */
  const cooldowns = new Map<string, number>();
  /** Members that selfheal has terminated, with the execution: until that calls it healed, or the group is whole again. */
  const inTreatment = new Map<string, Map<string, string>>();
  const actedLately: { at: number; resource: string }[] = [];
  /** Executions by what they were started for, and outcomes by execution. */
  const started = new Map<string, string>();
  const incidents = new Map<string, StartedIncident>();
  const episodes = new Map<string, string>();
  const outcomes = createOutcomesTold();
  /** Executions whose calls have had an effect. */
  const acted = new Set<string>();
  const messages = new Map<string, number>();
  const saidHealed = new Set<string>();
  /** Incidents of which people were told before their end. */
  const announced = new Set<string>();
  const leaking = new Set<string>();
  const retiring = new Set<string>();
  /** Instances whose software is sick until it starts again, with how often it had started. */
  const sick = new Map<string, number>();
  /** Processes that somebody killed, by instance. */
  const killed = new Map<string, Set<string>>();

  const the = (): LocalAws => {
    if (!aws) throw new Error('the observer has no world yet');
    return aws;
  };
  const now = () => the().world.clock.now();
  const pages = createPages(limits.pages);

  const object = (promise: PromiseId, resource: string, text: string) => {
    violations.push({ promise, at: now(), resource, text });
    history.push({ at: now(), text: `VIOLATION of ${promise}: ${resource}: ${text}` });
  };

  const alarms = createAlarmWatch(now);
  const looks = createLooks(now);
  const treatments = createTreatments(now, { leaseMs: limits.leaseSeconds * 1000 }, outcomes.endingSince, (resource, text) =>
    object('alone', resource, text),
  );
  const memberOf = (id: string) => {
    const group = the().ec2.get(id)?.groupName ?? null;
    return { group, size: group === null ? 1 : (the().autoScaling.get(group)?.desired ?? 0) };
  };
  /** So many may fail, or be acted upon, before it is a mass failure, if selfheal knows how many have opted in. */
  const maxTogether = (): number => {
    const { resources, share } = limits.massFailure;
    const optedIn = [...the().ec2.list()].filter(
      ({ state, tags }) => (state === 'running' || state === 'pending') && tags.get('selfheal') === 'on',
    );
    return Math.max(resources, Math.floor(share * optedIn.length));
  };
  const massTold = createMassTold(now, { ...limits.massFailure, maxTogether, groupShare: limits.groupShare }, memberOf, (resource, text) =>
    object('one-cause', resource, text),
  );
  const takenOut = createTakenOut(the, (resource, text) => object('taken-out-is-told', resource, text));
  const drained = createDrained(the, object);
  const commands = createCommandsSent(limits.commands, object);
  const replaced = createReplaced(the, people, limits.groupBudget, object);
  const releases = createReleases(the, object);
  const records = createRecords(the, limits.zones, object);
  const databases = createDatabaseChanges(the, limits.storage, object);
  const redrives = createRedrives(the, object);
  const promotions = createPromotions(people, object);
  const readers = createReadersMade(the, limits.readers, limits.replicated, object);
  const containerHosts = createContainerHosts(the, limits.blastShare, object);
  const volumes = createVolumes(the, limits.volumeMost, object);
  const execution = () => thisProcess()?.name ?? 'nobody';
  const limitsOf = (by: string): Changing => begunUnder.get(by) ?? newest;

  const isHealthy = (instance: InstanceView): boolean =>
    instance.state === 'running' && instance.reachable && instance.systemStatus !== 'impaired' && instance.instanceStatus !== 'impaired';

  /** Whether it was healthy all the time since `since`. */
  const healthySince = (id: string, since: number): boolean => {
    const points = health.get(id) ?? [];
    const last = points.at(-1);
    return last?.is === true && last.at <= since;
  };

  /** Since when what people said is known. */
  const longAgo = (since: number | null | undefined): boolean => since != null && now() - since > grace;

  /** Whether it was so at some time between the two. */
  const wasSo = (course: Course, id: string, from: number, to: number): boolean => {
    const points = course.get(id) ?? [];
    return points.some(({ at, is }, i) => is && at <= to && (points[i + 1]?.at ?? Number.POSITIVE_INFINITY) >= from);
  };

  const wasSoAtEnd = (course: Course, id: string, ended: number): boolean =>
    wasSo(course, id, ended - minuteMs - limits.skewMs, ended + limits.skewMs);

  const change = (course: Course, id: string, is: boolean, at: number) => {
    const own = course.get(id) ?? [];
    if (own.at(-1)?.is !== is) own.push({ at, is });
    course.set(id, own);
  };

  /** Whether the world refuses calls, or loses answers. */
  const faulty = (service?: string): boolean =>
    the()
      .faults.active()
      .some(({ fault }) => fault.fault === 'fail-call' && (service === undefined || fault.service === service));

  /** What keeps selfheal from acting, whatever fails. */
  const noteHindrance = (): void => {
    if (people.switchedOff !== null || faulty()) massTold.hinders();
  };

  /** A group that is whole has nothing under treatment any more. */
  const forgetWhole = (group: ReturnType<LocalAws['autoScaling']['get']>): void => {
    if (group && group.inServiceIds.length >= group.desired) inTreatment.delete(group.name);
  };

  /** Looks at the truth; called every few seconds of simulated time. */
  const tick = () => {
    const at = now();
    for (const instance of the().ec2.list()) {
      change(health, instance.id, isHealthy(instance), at);
      change(gone, instance.id, isReplaced(instance.id), at);
      if (instance.groupName !== null) groupOf.set(instance.id, instance.groupName);
      if (instance.state === 'running' && !isHealthy(instance)) massTold.fails(instance.id);
      change(passing, instance.id, instance.state === 'running' && instance.systemStatus === 'ok' && instance.instanceStatus === 'ok', at);
    }
    const backlogs = redrives.backlogs();
    for (const group of the().autoScaling.list()) {
      const cpu = the().autoScaling.metrics('CPUUtilization', { AutoScalingGroupName: group.name }, at);
      if ((cpu !== undefined && cpu > 75) || backlogs.has(group.name)) lastLoaded.set(group.name, at);
      forgetWhole(group);
    }
    for (const { arn, targets } of the().loadBalancing.list()) {
      const id = arn.slice(arn.lastIndexOf(':') + 1);
      for (const { instanceId } of targets) {
        const group = groupOf.get(instanceId);
        if (group !== undefined) groupsBehind.set(id, (groupsBehind.get(id) ?? new Set()).add(group));
      }
    }
    noteHindrance();
    treatments.look();
    takenOut.look();
    drained.look();
    redrives.look();
    releases.look();
    containerHosts.look(the().ecs.clusters());
  };

  /** Whether it starts what the same execution has stopped, once more where that came to nothing: part of one action. */
  const finishes = ({ operation, execution: by }: Effective, before: readonly Effective[]): boolean => {
    const last = before.findLast((one) => one.operation !== 'StartInstances' || one.execution !== by);
    return operation === 'StartInstances' && last?.operation === 'StopInstances' && last.execution === by;
  };

  const effectOn = (resource: string, operation: string): void => {
    const at = now();
    const by = execution();
    treatments.acts(resource, by, operation);
    acted.add(by);
    looks.acted(by);
    checkConsent(resource, operation);
    const before = effective.get(resource) ?? [];
    const last = before.findLast((call) => call.operation === operation);
    // What ran meanwhile, and was stopped once more by something else, is started for another reason.
    const isAnew = operation === 'StartInstances' && (ranAt.get(resource) ?? 0) > (last?.at ?? 0);
    if (last && at - last.at < 100 * second && !isAnew)
      object('once', resource, `${operation} again after ${Math.round((at - last.at) / 1000)} s`);
    const other = before.at(-1);
    const mine = before.findLastIndex((call) => call.execution === by);
    if (other && other.execution !== by && mine >= 0 && at - (before[mine]?.at ?? 0) < 40 * minuteMs) {
      object('alone', resource, `${by} goes on with ${operation} after ${other.execution} did ${other.operation}`);
    }
    const call = { at, operation, execution: by };
    const isOneMore = !finishes(call, before);
    before.push(call);
    effective.set(resource, before);
    if (!isOneMore) return;
    actions++;
    const from = at - limitsOf(execution()).budget.windowSeconds * 1000;
    const recent = before.filter((one, i) => one.at > from && !finishes(one, before.slice(0, i)));
    if (recent.length > limitsOf(execution()).budget.actions)
      object('budget', resource, `action ${recent.length} in the window, of ${limitsOf(execution()).budget.actions}`);
    actedLately.push({ at, resource });
    const lately = new Set(actedLately.filter((act) => act.at > at - limits.massFailure.windowSeconds * 1000).map((act) => act.resource));
    if (lately.size > maxTogether()) object('mass-failure', resource, `the ${lately.size}th resource acted upon within minutes`);
  };

  /** Whether people want it left alone, or to be asked before. */
  const checkConsent = (resource: string, operation: string): void => {
    // What was begun is brought to its end.
    if (finishes({ at: now(), operation, execution: execution() }, effective.get(resource) ?? [])) return;
    const group = the().ec2.get(resource)?.groupName ?? null;
    for (const one of group === null ? [resource] : [resource, group]) {
      const pause = people.paused.get(one);
      if (pause && longAgo(pause.from) && now() < pause.to) object('said-no', resource, `${operation} while somebody has paused ${one}`);
      if (longAgo(people.forbidden.get(one))) object('said-no', resource, `${operation} though a tag of ${one} forbids it`);
    }
    if (longAgo(people.closed)) object('said-no', resource, `${operation} while a calendar is closed`);
    const asks = (asking[operation] ?? []).some((action) => limitsOf(execution()).asks.has(action));
    if (asks && !promotions.agreedTo(resource)) object('approved', resource, `${operation} without anybody's yes`);
  };

  const checkAlways = (resource: string, operation: string): void => {
    if (limitsOf(execution()).dryRun) object('dry-run', resource, `${operation} in a dry run`);
    if (people.switchedOff !== null && now() - people.switchedOff > grace + 5 * second)
      object('kill-switch', resource, `${operation} while switched off`);
  };

  /** The alarm that reported the failure, if it is known how that was made. */
  const alarmOf = (by: string) => alarms.get(incidents.get(by)?.alarm?.name ?? '');

  /** Checks the alarm behind an action: not silenced, and not healing by itself at the moment. */
  const checkAlarm = (resource: string, operation: string): void => {
    const at = now();
    const alarm = alarmOf(execution());
    if (!alarm) return;
    const { name, disabledSince, does, scales, ranAt } = alarm;
    if (disabledSince !== null) {
      if (at - disabledSince > grace && !alarms.saidElsewhere(alarm))
        object('silenced', resource, `${operation} on ${name}, which is silenced`);
      return;
    }
    const sinceRan = ranAt === null ? Number.POSITIVE_INFINITY : at - ranAt;
    const within = (seconds: number) => sinceRan > grace && sinceRan < seconds * 1000;
    if (does === 'stop' || does === 'terminate') object('one-healer', resource, `${operation}, where ${name} has it ${does}`);
    else if (does !== null && within(limits.ownHealing))
      object('one-healer', resource, `${operation} ${Math.round(sinceRan / 1000)} s after ${name} did ${does}`);
    const cooldown = cooldowns.get(resource) ?? 0;
    if (operation === 'SetDesiredCapacity' && scales === resource && within(cooldown + 2 * alarm.evaluation))
      object('one-healer', resource, `scaled out ${Math.round(sinceRan / 1000)} s after ${name} did`);
  };

  const checkOptIn = (id: string, operation: string): void => {
    const out = people.optedOut.get(id);
    const last = effective.get(id)?.at(-1);
    // A stop that was begun while it was opted in may be brought to its end: it would stay stopped otherwise.
    const known = operation === 'StartInstances' && last?.operation === 'StopInstances' ? last.at : now();
    const optedIn = the().ec2.get(id)?.tags.get('selfheal') === 'on';
    if (!optedIn && (out === undefined || known - out > grace)) object('opt-in', id, `${operation} without the tag`);
  };

  const checkInstance = (id: string, operation: string): void => {
    const instance = the().ec2.get(id);
    checkAlways(id, operation);
    if (!instance) return;
    checkOptIn(id, operation);
    const last = effective.get(id)?.at(-1);
    // A start after a stop puts back what was there.
    if (!(operation === 'StartInstances' && last?.operation === 'StopInstances')) checkAlarm(id, operation);
    const inGroup = instance.groupName !== null;
    if (inGroup && !replacing.has(operation)) object('group-member', id, `${operation} on a member of ${instance.groupName}`);
    const stopped = people.stopped.get(id);
    if (operation === 'StartInstances' && stopped !== undefined && now() - stopped > grace && last?.operation !== 'StopInstances') {
      object('people-first', id, 'started what somebody had stopped');
    }
    if (operation === 'StopInstances' && instance.instanceType === 'm5d.large')
      object('instance-store', id, 'stopped an instance with an instance store');
    const troubled = leaking.has(id) || retiring.has(id) || containerHosts.isLost(id) || sick.get(id) === instance.softwareStarts;
    // To a load balancer it fails for some checks more.
    const well = inGroup && replaced.isBalanced(instance.groupName) ? 4 * minuteMs : 30 * second;
    if (operation !== 'StartInstances' && !troubled && healthySince(id, now() - well))
      object('not-failing', id, `${operation} on a healthy instance`);
  };

  const checkTermination = (id: string): void => {
    const name = the().ec2.get(id)?.groupName;
    const group = name ? the().autoScaling.get(name) : undefined;
    if (!group) return;
    const suspended = ['Launch', 'Terminate']
      .map((process) => people.suspended.get(`${group.name}/${process}`))
      .find((since) => since !== undefined);
    if (suspended !== undefined && now() - suspended > grace)
      object('would-not-replace', id, `terminated while ${group.name} does not replace`);
    if (longAgo(people.protected.get(id)) && !promotions.agreedTo(id)) object('protected', id, 'terminated though somebody protects it');
    if (longAgo(people.aside.get(id))) object('set-aside', id, `terminated on standby in ${group.name}`);
    if (longAgo(people.deleted.get(group.name))) object('people-first', id, `terminated though somebody has deleted ${group.name}`);
    const deployed = people.deployed.get(group.name);
    // With more than one member to replace, that takes longer.
    if (longAgo(deployed) && now() - (deployed ?? 0) < 4 * minuteMs && group.desired > 1)
      object('one-healer', id, `terminated while somebody replaces the members of ${group.name}`);
    const treated = inTreatment.get(group.name) ?? new Map<string, string>();
    treated.set(id, execution());
    inTreatment.set(group.name, treated);
    const most = Math.max(1, Math.floor(Math.max(group.memberIds.length, group.desired) * limits.blastShare));
    replaced.note(group.name, id, incidents.get(execution())?.failure);
    takenOut.note(id, group.name, execution());
    if (treated.size > most) object('blast-radius', group.name, `${treated.size} members under treatment, of at most ${most}`);
  };

  const checkCapacity = (name: string): void => {
    checkAlways(name, 'SetDesiredCapacity');
    checkAlarm(name, 'SetDesiredCapacity');
    const group = the().autoScaling.get(name);
    const out = people.optedOut.get(name);
    if (group && group.tags.get('selfheal') !== 'on' && (out === undefined || now() - out > grace))
      object('opt-in', name, 'scaled out without the tag');
    if (now() - (lastLoaded.get(name) ?? 0) > 12 * minuteMs) object('not-failing', name, 'scaled out without load');
  };

  /** Records calls before AWS may refuse them. */
  const before = (call: Call): void => {
    const { context, operation, input } = call;
    if (context.accessKey !== 'selfheal') return;
    outcomes.before(call, now());
    drained.before(call);
    if (releases.isRollback(call)) releases.before(call);
    if (operation === 'ChangeResourceRecordSets') records.before(call);
    databases.before(call);
    readers.before(call);
    for (const id of isMutating(call) && input.DryRun !== true ? instancesOf(call) : []) {
      const instance = the().ec2.get(id);
      if (instance?.groupName) forgetWhole(the().autoScaling.get(instance.groupName));
      const owner = instance && ownedBy(instance);
      if (owner && limits.left.includes(owner)) object('owners', id, `${operation} on what ${owner} owns`);
    }
    if (operation === 'SetDesiredCapacity') {
      const group = the().autoScaling.get(String(input.AutoScalingGroupName));
      if (group && Number(input.DesiredCapacity) > group.max)
        object('max-size', group.name, `asked for ${input.DesiredCapacity}, of at most ${group.max}`);
    }
  };

  const publish = (call: Call): void => {
    const { operation, input } = call;
    if (operation === 'Publish') {
      promotions.asked(call);
      const parsed = parseOutcome(String(input.Message ?? ''));
      if (parsed?.incident) takenOut.told(parsed.incident);
      if (parsed && parsed.kind !== 'interim' && parsed.kind !== 'incident.opened')
        messages.set(parsed.incident, (messages.get(parsed.incident) ?? 0) + 1);
      else if (parsed) announced.add(parsed.incident);
      return;
    }
    for (const { Detail, Source } of (input.Entries ?? []) as { Detail?: string; Source?: string }[]) {
      if (Source !== 'selfheal' || !Detail) continue;
      const outcome = JSON.parse(Detail) as PublishedOutcome & { kind?: string };
      if (outcome.kind !== undefined) {
        takenOut.told(outcome.incident);
        drained.told(outcome.incident, outcome.reason ?? '', false);
        continue;
      }
      outcomes.announced(outcome.incident, { ...outcome, at: now() }, faulty('dynamodb'));
      history.push({ at: now(), text: `${outcome.incident} ends ${outcome.status}: ${outcome.reason}` });
      drained.told(outcome.incident, outcome.reason, true);
      if (outcome.status === 'healed') checkHealed(outcome);
      if (outcome.verified) checkLooks(outcome);
      checkTold(outcome);
    }
  };

  /** A member that is replaced, or was detached by somebody, is no longer what serves. */
  const isReplaced = (id: string): boolean => {
    const instance = the().ec2.get(id);
    if (!instance || instance.state === 'terminated' || instance.state === 'shutting-down') return true;
    const of = instance.groupName ?? people.detached.get(id);
    const group = of === undefined ? undefined : the().autoScaling.get(of);
    return group !== undefined && !group.inServiceIds.includes(id) && group.inServiceIds.length >= group.desired;
  };

  /** Now, or at the end of an incident, of which people may hear much later. */
  const wasReplaced = (id: string, ended: number): boolean => isReplaced(id) || wasSoAtEnd(gone, id, ended);

  const checkLooks = ({ incident, status, resource, endedAt }: PublishedOutcome): void => {
    if (status === 'healed')
      for (const treated of inTreatment.values()) for (const [id, by] of treated) if (by === incident) treated.delete(id);
    if (resource.type !== 'instance' || wasReplaced(resource.id, Date.parse(endedAt))) return;
    const said = {
      resource: resource.id,
      alarm: incidents.get(incident)?.alarm?.name ?? null,
      endedAt: Date.parse(endedAt) + limits.skewMs,
    };
    // What else is reported of an instance may be well while its checks fail.
    const byChecks = !ofSoftware.has(incidents.get(incident)?.failure ?? '');
    const wasWell = (id: string, from: number, to: number) => !byChecks || wasSo(passing, id, from, to);
    const why = looks.unproven(incident, said, wasWell, alarms.wasQuiet);
    if (why !== null) object('two-looks', resource.id, `${incident} is called ${status} ${why}`);
  };

  const checkTold = ({ incident, status, resource, quiet }: PublishedOutcome): void => {
    if (quiet && acted.has(incident)) object('told-aloud', resource.id, `${incident} has acted, and ends ${status} quietly`);
    if (quiet || status !== 'held' || resource.type !== 'instance' || acted.has(incident)) return;
    const instance = the().ec2.get(resource.id);
    const isPlain =
      instance?.tags.get('selfheal') === 'on' &&
      ownedBy(instance) === null &&
      !people.stopped.has(resource.id) &&
      !people.aside.has(resource.id) &&
      !limitsOf(incident).dryRun &&
      alarmOf(incident)?.disabledSince === null &&
      alarmOf(incident)?.does === null;
    noteHindrance();
    massTold.held(resource.id, isPlain);
  };

  const checkHealed = ({ incident, resource, endedAt }: PublishedOutcome): void => {
    // What is said again, minutes later, was judged when it was said first.
    const said = `${incident} ${endedAt}`;
    if (saidHealed.has(said)) return;
    saidHealed.add(said);
    const ended = Date.parse(endedAt);
    if (resource.type === 'instance') {
      if (wasReplaced(resource.id, ended)) return;
      if (!wasSoAtEnd(passing, resource.id, ended)) object('healed-is-true', resource.id, 'is called healed, and was not healthy');
    }
    if (resource.type === 'service' && releases.stillFails(resource.id))
      object('healed-is-true', resource.id, 'is called healed, and still fails');
    const down = incidents.get(incident)?.failure === 'application-down' ? (killed.get(resource.id) ?? []) : [];
    for (const process of down) {
      const { runs, since } = the().ec2.software.process(resource.id, process);
      if (!runs && since < ended - minuteMs) object('healed-is-true', resource.id, `is called healed, and ${process} does not run`);
    }
    if (resource.type === 'group' && ended - (lastLoaded.get(resource.id) ?? 0) < 0)
      object('healed-is-true', resource.id, 'is called healed under load');
  };

  /** Records other users' calls that later actions must respect. */
  const follow = (call: Call): void => {
    alarms.follow(call);
    databases.after(call);
    if (call.operation !== 'CreateAutoScalingGroup') return;
    const { AutoScalingGroupName: name, TargetGroupARNs, DefaultCooldown } = call.input;
    replaced.made(String(name), (TargetGroupARNs ?? []) as string[]);
    cooldowns.set(String(name), Number(DefaultCooldown ?? 300));
  };

  /** What is done to a function, a service, a queue or a certificate. */
  const checkTreated = (of: string, { operation, input }: Call, isOptedIn: boolean): void => {
    history.push({ at: now(), text: `${operation} ${of} ${JSON.stringify(input)} by ${execution()}` });
    checkAlways(of, operation);
    if (!isOptedIn) object('opt-in', of, `${operation} without the tag`);
    checkAlarm(of, operation);
    effectOn(of, operation);
  };

  const after = (call: Call): undefined => {
    if (call.context.accessKey !== 'selfheal') return follow(call) as undefined;
    const { service, operation, input } = call;
    outcomes.after(call);
    treatments.after(call, execution());
    looks.after(call, execution());
    if ((service === 'events' && operation === 'PutEvents') || (service === 'sns' && operation === 'Publish')) publish(call);
    if (service === 'lambda' && operation === 'Invoke' && input.DurableExecutionName) noteStart(call);
    if (drainingCalls.has(operation)) {
      drained.after(call, execution());
      for (const { id } of drained.takenBy(call)) checkAlways(id, operation);
      return void history.push({ at: now(), text: `${operation} ${JSON.stringify(input)} by ${execution()}` }) as undefined;
    }
    if (isUnknown(call)) object('known-calls', `${service}:${operation}`, 'is no action of a playbook');
    if (releases.isRollback(call)) {
      const of = releases.after(call);
      checkTreated(of, call, releases.isOptedIn(of));
      return;
    }
    if (service === 'ecs' && (operation === 'UpdateService' || operation === 'StopTask')) {
      const of = serviceOf(call);
      if (input.forceNewDeployment === true) containerHosts.restarted(call);
      checkTreated(of, call, operation === 'StopTask' || releases.isOptedIn(of));
      return;
    }
    if (service === 'ecs' && operation === 'UpdateContainerInstancesState') {
      for (const id of containerHosts.changed(call)) {
        history.push({ at: now(), text: `${operation} ${id} ${String(input.status)} by ${execution()}` });
        checkAlways(id, operation);
        checkOptIn(id, operation);
      }
      return;
    }
    if (service === 'lambda' && operation === 'PutFunctionConcurrency') {
      const of = String(input.FunctionName);
      checkTreated(of, call, releases.isOptedIn(of));
      return;
    }
    if (operation === 'ChangeResourceRecordSets') {
      const own = records.certificatesOf(call);
      const of = own.find((arn) => arn === incidents.get(execution())?.resource.id) ?? own[0];
      if (of !== undefined) checkTreated(of, call, records.isOptedIn(of));
      return;
    }
    if (service === 'rds' && !/^(Describe|List)/.test(operation)) {
      databases.after(call);
      if (operation === 'PromoteReadReplica') promotions.promoted(call);
      if (operation === 'DeleteDBInstance') {
        checkAlways(String(input.DBInstanceIdentifier), operation);
        return void history.push({ at: now(), text: `${operation} ${JSON.stringify(input)} by ${execution()}` }) as undefined;
      }
      const kind = input.DBClusterIdentifier === undefined ? 'instance' : 'cluster';
      const named = kind === 'cluster' ? input.DBClusterIdentifier : (input.SourceDBInstanceIdentifier ?? input.DBInstanceIdentifier);
      const of = String(named);
      checkTreated(of, call, the().rds.get(kind, of)?.tags.get('selfheal') === 'on');
      return;
    }
    if (service === 'sqs' && operation === 'StartMessageMoveTask') {
      const of = redrives.began(call);
      checkTreated(of, call, redrives.isOptedIn(of));
      return;
    }
    if (operation === 'SendCommand') {
      commands.sent(call);
      for (const id of instancesOf(call)) {
        history.push({ at: now(), text: `SendCommand ${id} ${String(input.DocumentName)} by ${execution()}` });
        checkAlways(id, operation);
        checkOptIn(id, operation);
        effectOn(id, `SendCommand ${String(input.DocumentName)}`);
      }
      return;
    }
    if (!isMutating(call) || input.DryRun === true) return;
    if (operation === 'ModifyVolume' || operation === 'CreateSnapshot') {
      const of = String(input.VolumeId);
      history.push({ at: now(), text: `${operation} ${of} ${String(input.Size ?? '')} by ${execution()}` });
      checkAlways(of, operation);
      const id = volumes.after(call);
      checkOptIn(id, operation);
      checkAlarm(id, operation);
      if (operation === 'ModifyVolume') effectOn(of, operation);
      return;
    }
    const ids = instancesOf(call);
    for (const id of ids) {
      history.push({ at: now(), text: `${operation} ${id} by ${execution()}` });
      checkInstance(id, operation);
      if (replacing.has(operation)) checkTermination(id);
      if (operation === 'StopInstances') takenOut.note(id, null, execution());
      effectOn(id, operation);
    }
    if (operation === 'SetDesiredCapacity') {
      const name = String(input.AutoScalingGroupName);
      history.push({ at: now(), text: `SetDesiredCapacity ${name} ${input.DesiredCapacity} by ${execution()}` });
      checkCapacity(name);
      effectOn(name, operation);
    } else if (ids.length === 0) object('known-calls', `${service}:${operation}`, 'is no action of a playbook');
  };

  const noteStart = (call: Call): void => {
    const name = String(call.input.DurableExecutionName);
    const payload = JSON.parse(new TextDecoder().decode(call.input.Payload as Uint8Array)) as StartedIncident;
    started.set(name, payload.resource.id);
    incidents.set(name, payload);
    if (!begunUnder.has(name)) begunUnder.set(name, newest);
    const episode = JSON.stringify([payload.account, payload.region, payload.failure, payload.resource, payload.at, payload.alarm?.name]);
    const first = episodes.get(episode);
    if (first !== undefined && first !== name) object('once', payload.resource.id, `two executions for one episode: ${first} and ${name}`);
    episodes.set(episode, name);
  };

  const interceptor: Interceptor = { before, after };

  return {
    interceptor,
    object,
    violations,
    history,
    watch: (world: LocalAws) => {
      aws = world;
      world.world.clock.every(10 * second, tick);
      world.world.subscribe((worldEvent) => {
        if (worldEvent.type === 'instance-state' && worldEvent.to === 'running') ranAt.set(worldEvent.instanceId, worldEvent.at);
        if (worldEvent.type === 'instance-state')
          history.push({ at: worldEvent.at, text: `${worldEvent.instanceId} ${worldEvent.from ?? 'new'} -> ${worldEvent.to}` });
        if (worldEvent.type !== 'alarm-state') return;
        alarms.changed(worldEvent.alarmName, worldEvent.to);
        history.push({ at: worldEvent.at, text: `alarm ${worldEvent.alarmName} ${worldEvent.from} -> ${worldEvent.to}` });
      });
    },
    /** Something of selfheal's connects to an address of the web. */
    connected: (address: string) => {
      if (/^(0|10|127|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168)\.|^(::|f[cde])/i.test(address))
        object('probe-public', address, 'is requested, and is not public');
    },
    /** Something reaches the pager. */
    paged: (action: string, key: string) => {
      history.push({ at: now(), text: `pager: ${action} ${key}` });
      pages.take(action, key);
    },
    /** A new version has other limits, for what begins from now on. */
    redeployed: (changed: Changing): void => {
      newest = changed;
    },
    note: (text: string) => {
      history.push({ at: now(), text });
    },
    /** A process that somebody killed, which status checks don't show. */
    killed: (id: string, process: string) => {
      leaking.add(id);
      killed.set(id, (killed.get(id) ?? new Set()).add(process));
    },
    /** Software that fails its load balancer's checks. */
    sickened: (id: string): void => {
      sick.set(id, the().ec2.get(id)?.softwareStarts ?? 0);
    },
    /** A failure that status checks don't show. */
    excuse: (kind: 'leaking' | 'retiring', id: string) => {
      (kind === 'leaking' ? leaking : retiring).add(id);
    },
    /** At the end of the run: every execution that was started has come to one outcome, and to one only. */
    finish: (): void => {
      const settled = new Set<string>();
      for (const [name, told] of outcomes.all())
        for (const { quiet, resource, status, reason } of told.values())
          if (!quiet || announced.has(name) || status === 'healed' || status === 'healed-itself') {
            settled.add(resource.id);
            // Whoever is told of a member that its group has lost, by the group's name, looks at the group.
            const group = groupOf.get(resource.id);
            if (!quiet && group !== undefined && reason.includes(` ${group};`)) settled.add(group);
          }
      for (const [name, resource] of started) {
        const told = outcomes.of(name);
        const [only] = told;
        if (!only) object('one-outcome', resource, `${name} never ended in an outcome`);
        else if (told.length > 1)
          object('one-outcome', resource, `${name} ended in ${told.map(({ status, reason }) => `${status} (${reason})`).join(' and ')}`);
        else if (!messages.has(name) && !only.quiet) object('one-outcome', resource, `${name} ended, and nobody was told`);
        else if (!outcomes.isRecorded(name, only)) object('one-outcome', resource, `${name} ended ${only.status}, which is not recorded`);
        if (!only || told.length !== 1) continue;
        const { status, quiet } = only;
        // Members of a cluster of databases are told of with it, those of a group and its target groups with what is told of that, and tasks
        // with their service.
        const cluster = /:task\/([^/]+)\//.exec(only.resource.id)?.[1];
        const isKnown =
          settled.has(only.resource.id) ||
          settled.has(groupOf.get(only.resource.id) ?? '') ||
          [...(groupsBehind.get(only.resource.id) ?? [])].some((group) => settled.has(group)) ||
          only.resource.type === 'database' ||
          (cluster !== undefined && [...settled].some((id) => id.startsWith(`${cluster}/`) || id.includes(`:service/${cluster}/`)));
        if (quiet && (status === 'escalated' || status === 'failed') && !isKnown)
          object('told-aloud', resource, `${name} ended ${status} quietly, and nothing else was said of it`);
        for (const wrong of pages.wrongAt(name, status, quiet)) object('pages-end', resource, `${name} ended ${status}, and ${wrong}`);
      }
    },
    counts: () => {
      const byStatus: Record<string, number> = {};
      for (const [, told] of outcomes.all())
        for (const status of new Set([...told.values()].map((one) => one.status))) byStatus[status] = (byStatus[status] ?? 0) + 1;
      return { incidents: started.size, actions, outcomes: byStatus };
    },
  };
};

export type Observer = ReturnType<typeof createObserver>;

type PublishedOutcome = {
  kind?: string;
  incident: string;
  status: string;
  resource: { type: string; id: string };
  endedAt: string;
  quiet: boolean;
  verified?: boolean;
  reason: string;
};
type StartedIncident = {
  account: string;
  region: string;
  failure: string;
  resource: { type: string; id: string };
  at: number;
  alarm?: { name: string } | null;
};

const parseOutcome = (message: string): PublishedOutcome | null => {
  try {
    return JSON.parse((JSON.parse(message) as { default: string }).default) as PublishedOutcome;
  } catch {
    return null;
  }
};
