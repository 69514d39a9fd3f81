import { has } from '../actions/action.ts';
import { actions } from '../actions/index.ts';
import { explain } from '../aws/call.ts';
import { isNotLetIn } from '../aws/members.ts';
import { silenceKey, wantedSide } from '../failures/classify.ts';
import { memberIsReplaced } from '../health/group.ts';
import { mayHaveActed } from '../model/action-result.ts';
import { brief } from '../model/backoff.ts';
import { rulesOf } from '../model/classification-rules.ts';
import { hourMs, minutes, secondsOf } from '../model/duration.ts';
import type { FailureId } from '../model/failure-id.ts';
import { beatOf, type Incident } from '../model/incident.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import type { ActionRecord } from '../model/outcome.ts';
import { isSamePlace, placedAt } from '../model/place.ts';
import type { PlaybookId } from '../model/playbook-id.ts';
import { typesOfResource } from '../model/resources/index.ts';
import { member, type ResourceSnapshot } from '../model/snapshot.ts';
import { isResolved } from '../model/status.ts';
import { watch } from '../playbooks/playbook.ts';
import { policyFor } from '../policy/effective-policy.ts';
import type { CallError } from '../ports/call-result.ts';
import { noKillSwitch } from '../ports/kill-switch.ts';
import { unknownHolder } from '../ports/ledger.ts';
import type { Observation } from '../resources/observe.ts';
import { sideOf } from '../signals/alarm-direction.ts';
import { createApprovals } from './approvals.ts';
import { awaitsAcm, oncePerStage, patienceWithAcm, settleCertificate } from './certificate.ts';
import { byAlarmTags, causeOf, classifyChildren } from './children.ts';
import { impairedUntil, isNotOurs, type Ladder, planOf } from './decide.ts';
import { deferToOwner } from './defer-to-owner.ts';
import type { DriverDeps } from './deps.ts';
import { describeSnapshot, isMissing } from './describe-snapshot.ts';
import { createDrain } from './drain.ts';
import { launchesOf, matterOf, noteTreatment, reportEpisode, reportFlapping } from './episode.ts';
import { createHeldLeases } from './held-leases.ts';
import type { Journal } from './journal.ts';
import { reportMissedBeat } from './missed-beat.ts';
import { noteCauses, observeResource } from './observed.ts';
import { forAnAction, type Operations, OperationsSpentError, operationLimits } from './operations.ts';
import type { OverdueNotice } from './overdue-notice.ts';
import { afterItsPause, heldByPause } from './paused.ts';
import { createResourceObserver } from './resource-observer.ts';
import { whyNoFailure } from './silence.ts';
import { runLadder, waitForSelfRecovery } from './step-runner.ts';
import type { Treated, Treatment, TreatmentResult } from './treatment-context.ts';
import { provenByUrls } from './url-checks.ts';

/** How long the whole may take to become healthy after its parts, in seconds. */
const finalVerificationTimeout = 900;

/** Actions that change nothing. */
const onlyRead: ReadonlySet<string> = new Set(actions.filter(({ onlyReads }) => onlyReads).map(({ id }) => id));

const startTreatment = (opened: Incident, operations: Operations, journal: Journal, deps: DriverDeps, late: OverdueNotice) => {
  const { durable } = operations;
  const { clients, ledger, policy, reporter, beats, nameServers, observeResource, killSwitch = noKillSwitch } = deps;
  let incident = opened;
  let other: { name: string; does: 'has treated' | 'has waited for' } | null = null;
  const acted: ActionRecord[] = [];
  const didAct = () => acted.some((one) => mayHaveActed(one) && !onlyRead.has(one.action));
  /** An event from the bus about any instance is not news if all is well in the end, and a group's own activities are routine. */
  const isNewsInItself = () =>
    opened.alarm !== null || (opened.disposition === 'remediate' && (observer.last()?.instance?.groupName ?? null) === null);
  const heldLeases = createHeldLeases(opened, ledger, journal, policy.lease.seconds);
  const observer = createResourceObserver(() => incident, {
    journal,
    clients,
    turns: ledger,
    renewLeases: heldLeases.renew,
    renewedBy: heldLeases.renewedBy,
    policy,
    onFailure: (error, seconds) => late.failing(error, seconds, didAct()),
    ...(beats ? { beats } : {}),
    ...(nameServers ? { nameServers } : {}),
    ...(observeResource ? { observeResource } : {}),
  });
  /** An instance that someone stopped and started did not fail; and a group replaces a stopped member. */
  const recoveredByItself = (because: string): TreatmentResult => {
    const stop = observer.stoppedOnPurpose();
    if (stop !== null && opened.alarm === null && (observer.last()?.instance?.groupName ?? null) === null) {
      return {
        status: 'held',
        verified: false,
        reason: `it was stopped on purpose (${stop}), and is healthy again: ${because}`,
        quiet: true,
      };
    }
    return {
      status: 'healed-itself',
      verified: true,
      reason: `${other === null ? 'no action was needed' : `${other.name} ${other.does} it`}: ${because}`,
      quiet: other !== null || !isNewsInItself(),
    };
  };
  const treatment: Treatment = {
    incident: () => incident,
    deps: { ...deps, killSwitch },
    durable,
    journal,
    late,
    observer,
    heldLeases,
    drain: createDrain({
      journal,
      clients,
      ledger,
      policy,
      killSwitch,
      incident: opened.key,
      parts: deps.drain,
      renewLeases: heldLeases.renew,
    }),
    approvals: createApprovals({ durable, journal, reporter, late, seconds: policy.approval.timeout }),
    record: (action) => acted.push(action),
    records: () => acted,
    begin: () => operations.require(forAnAction),
    othersTreat: (incident, waits) => {
      // What has once been treated was not only waited for.
      if (other === null || !waits)
        other = {
          does: waits ? 'has waited for' : 'has treated',
          name: incident === unknownHolder ? 'another incident' : `incident ${incident}`,
        };
    },
    attempts: () => acted.length,
    didAct,
    recovered: (because) => (didAct() ? { status: 'healed', verified: true, reason: because } : recoveredByItself(because)),
    unobservable: () => ({
      // After an action, a resource that can't be looked at needs a person, and so does a member that doesn't let the hub in.
      status: didAct() || isNotLetIn(observer.failure()) ? 'escalated' : 'held',
      verified: false,
      reason: observer.observationError(),
      ...(observer.failure() ? { cause: observer.failure() as CallError, unknown: observer.last() === undefined } : {}),
    }),
  };
  const become = (cause: Incident) => {
    incident = cause;
  };
  return { treatment, become, acted };
};

/** Runs the ladder once for each failing part of the resource; only the whole can be healed. */
const runPasses = async (treatment: Treatment, ladder: Ladder, first: ResourceSnapshot): Promise<TreatmentResult> => {
  const { journal, observer, recovered, unobservable } = treatment;
  let seen = first;
  for (let round = 1; ; round++) {
    const verdict = await runLadder(treatment, ladder, seen);
    if (ladder.maxPasses === undefined || !isResolved(verdict.status)) return verdict;
    const now = await observer.observe();
    if (!now) return unobservable();
    const failing = observer.health(ladder.failing, now);
    if (failing.state !== 'unhealthy') {
      const whole = await observer.verify([ladder.healthy], finalVerificationTimeout, now);
      if (whole === null) return unobservable();
      return whole.state === 'healthy'
        ? recovered(whole.because)
        : { status: 'escalated', verified: false, reason: `treated, but ${whole.because}` };
    }
    if (round === ladder.maxPasses) return { status: 'escalated', verified: false, reason: `after ${round} rounds: ${failing.because}` };
    journal.note('decide', `one is healthy; ${failing.because}: on to the next`);
    seen = now;
    observer.setBaseline(now);
  }
};

/** What we took out of service and haven't seen back; null if nothing. */
const outOfService = ({ observer }: Treatment, acted: readonly ActionRecord[]): string | null => {
  const removed = acted.findLast(
    (record) => mayHaveActed(record) && actions.some((one) => one.id === record.action && has(one, 'removesFromService')),
  );
  const { instance = null, group = null } = observer.last() ?? {};
  if (!removed) return null;
  if (group) {
    const { inService } = group.count;
    if (inService >= group.desired) return null;
    return `TERMINATED by selfheal: ${removed.target} of group ${group.name}; ${inService} of ${group.desired} members are in service`;
  }
  return instance?.state === 'running' ? null : `STOPPED by selfheal: ${removed.target} is ${instance?.state ?? 'in an unknown state'}`;
};

/** Looks, asks the guards, acts and verifies, rung by rung, until there is a verdict. Deterministic: all its knowledge comes from steps. */
export const treatIncident = async (
  opened: Incident,
  operations: Operations,
  journal: Journal,
  deps: DriverDeps,
  late: OverdueNotice,
): Promise<Treated> => {
  const { clients, ledger, policy, home } = deps;
  const { treatment, become, acted } = startTreatment(opened, operations, journal, deps, late);
  const { observer, heldLeases, unobservable, drain } = treatment;
  const { note, persist } = journal;
  const escalated = (reason: string): TreatmentResult => ({ status: 'escalated', verified: false, reason });
  let observed = null as Observation | null;
  let playbook = null as PlaybookId | null;
  /** Why there was no look. */
  let unlooked = null as string | null;
  const leftAlone = (reason: string): TreatmentResult => ({ status: 'held', verified: false, reason, quiet: true });

  const treat = async (): Promise<TreatmentResult> => {
    if (home && !isSamePlace(opened, home)) {
      const where = `account ${opened.account}, ${opened.region}`;
      unlooked = `${opened.resource.type} ${opened.resource.id} was not looked for: it is in ${where}`;
      return escalated(`${opened.reason}; it is in ${where}, and this deployment treats only ${home.account}, ${home.region}`);
    }
    let first = await observeFirst(treatment);
    if (!first) return unobservable();
    // Before looking for causes: a silenced composite alarm is silent like any other.
    const ownerDecision = deferToOwner(opened, first, policy);
    if (ownerDecision?.kind === 'end') return leftAlone(ownerDecision.reason);
    if (first.alarm?.composite) {
      // A hundred children may disagree; only a common cause counts.
      const { value } = await persist('children', async () => {
        const verdicts = await classifyChildren(clients, opened, rulesOf(policy));
        const said = verdicts.map(({ failure, resource }) => `${failure} on ${resource?.id ?? 'nothing'}`).join(', ');
        return { cause: causeOf(opened, verdicts), said: said.slice(0, 600) };
      });
      const text = value.ok
        ? `its children report ${value.value.said || 'nothing that matches a failure class'}`
        : `its children could not be read: ${explain(value.error)}`;
      note('look', text);
      const cause = value.ok ? value.value.cause : null;
      if (!cause) return escalated(`${opened.alarm?.name ?? opened.resource.id} is a composite alarm, and ${text}`);
      become(cause);
      first = await observeFirst(treatment);
      if (!first) return unobservable();
    }
    if (policy.classification.alarmTags === 'on' && opened.alarm && !first.alarm?.composite) {
      const { value } = await persist('alarm-tags', () => byAlarmTags(clients, opened, rulesOf(policy)));
      if (!value.ok) return escalated(`${opened.reason}; what the tags of its alarm say could not be read: ${explain(value.error)}`);
      if (value.value) {
        const { failure, resource } = opened;
        become(value.value);
        note('look', `the tags of alarm ${opened.alarm.name} say: ${value.value.reason}`);
        if (value.value.resource.id !== resource.id || value.value.failure !== failure) first = await observeFirst(treatment);
        if (!first) return unobservable();
      }
    }
    const incident = treatment.incident();
    observed = await observeResource(incident, journal, clients);
    await noteCauses(incident, journal, clients);
    const because = observed?.change ? `${incident.reason}; ${observed.change.text}` : incident.reason;
    const until = impairedUntil(incident, policy, journal.now());
    if (until !== null) {
      const { value } = await persist('note-zone', () => ledger.noteImpaired(incident, incident.resource.id, until));
      if (!value.ok) note('decide', `actions on single instances there are not held: ${explain(value.error)}`);
    }
    if (awaitsAcm(incident, first)) {
      const other = await treatedBy(treatment);
      if (other !== null) return leftAlone(`${because}; incident ${other} has restored its record, and reports it`);
      note('decide', 'the records that ACM asks for stand: it looks for them within hours');
      await journal.wait('certificate-wait', patienceWithAcm);
      first = await observeFirst(treatment);
      if (!first) return unobservable();
    }
    const settled = settleCertificate(incident, first);
    if (settled) return settled;
    const plan = planOf(incident, policyFor(policy, { incident, facts: first }), first, deps.playbooks);
    playbook = plan.playbook;
    const { ladder } = plan;
    if (ladder && incident.kind === typesOfResource[incident.resource.type].echo) {
      const other = await treatedBy(treatment);
      if (other !== null) return leftAlone(`${because}; incident ${other} is treating it, and reports it`);
    }
    if (!ladder) {
      const held = await heldByPause(treatment);
      if (held) return held;
      const other = await treatedBy(treatment);
      if (other !== null) {
        // What it has done is never ended quietly, so its echoes needn't wait.
        const isEcho = incident.kind === typesOfResource[incident.resource.type].echo;
        if (isEcho || (await isReportedBy(treatment, other)))
          return { ...escalated(`${because}; incident ${other} is treating it, and reports it`), quiet: true };
        note('decide', `incident ${other} was treating it, and nobody has heard how that ended`);
      }
      if (beatOf(incident) !== null)
        return reportMissedBeat(treatment, plan.left ? `the policy or its tags leave it to a person: ${because}` : because);
      const matter = matterOf(incident);
      if (matter !== null) return reportEpisode(treatment, matter, because);
      return escalated(plan.left ? `the policy or its tags leave it to a person: ${because}` : because);
    }
    const otherSide = wrongSide(incident, first);
    if (otherSide !== null) return escalated(`${incident.reason}; ${otherSide}`);
    if (incident.evidence[silenceKey] !== undefined && incident.alarm) {
      const { name } = incident.alarm;
      const { value } = await persist('silence', () => (deps.whyNoFailure ?? whyNoFailure)(clients, name));
      const why = value.ok ? value.value : `nothing tells whether it had data before: ${explain(value.error)}`;
      if (why !== null) return escalated(`${incident.reason}; no action: ${why}`);
    }
    const rules = deferToOwner(incident, first, policy);
    if (rules?.kind === 'end') return leftAlone(rules.reason);
    if (rules?.kind === 'wait') {
      const wait = { ...watch({ because: rules.because, atMost: rules.seconds }), or: [memberIsReplaced] };
      const seen = rules.seconds > 0 ? await waitForSelfRecovery(treatment, wait, ladder) : null;
      return seen ?? escalated(`${incident.reason}; ${rules.reason}`);
    }
    if (isNotOurs(plan, incident, first, policy)) return leftAlone(`${incident.reason}; ${first.instance?.id} has no opt-in tag`);
    await noteTreatment(treatment);
    return runPasses(treatment, ladder, first);
  };

  const endOf = async (error: unknown): Promise<TreatmentResult> => {
    if (!(error instanceof OperationsSpentError)) throw error;
    operations.conclude();
    const out = (await drain.back()) ?? outOfService(treatment, acted);
    const spent = `selfheal can't go on: ${operations.used()} of the ${operationLimits.most} operations of one execution are used up`;
    return { status: 'failed', verified: false, reason: out ? `${out}; ${spent}` : `${spent}; check the resource` };
  };
  const began = journal.now();
  let endedAt = began;
  const conclude = async (): Promise<TreatmentResult> => {
    const related = await relate(treatment, await provenByUrls(treatment, await treat()));
    const ended = withoutOldNews(afterItsPause(treatment, await oncePerStage(treatment, related)), opened, began);
    const treated = setByHand(treatment) ? ended : await oncePerGroup(treatment, ended);
    endedAt = journal.now();
    if (!isNews(treated, opened) || setByHand(treatment)) return treated;
    // A healthy resource needs no lease while waiting for its alarm to fire again.
    await heldLeases.release();
    return reportFlapping(treatment, treated);
  };
  const verdict = await conclude().catch(endOf);
  // The policy or a tag may have chosen another playbook than the class has.
  const incident = {
    ...treatment.incident(),
    ...(verdict.severity === undefined ? {} : { severity: verdict.severity }),
    ...(playbook === null ? {} : { playbook }),
  };
  const last = observer.last();
  const resourceState =
    observed?.line ?? (last && observer.isOfNow() ? describeSnapshot(last, incident) : (unlooked ?? observer.observationError()));
  const over = isResolved(verdict.status) ? { endedAt } : {};
  return { ...verdict, incident, actions: acted, leases: heldLeases.all(), resourceState, observed, facts: last, ...over };
};

/** Why the alarm's current configuration doesn't match this failure, if its event left that open; null if it does. */
const wrongSide = ({ evidence, alarm: about }: Incident, { alarm, refused }: ResourceSnapshot): string | null => {
  const wanted = evidence[wantedSide];
  if (wanted === undefined) return null;
  if (!alarm) {
    const why = refused ? refused.join('; ') : `CloudWatch lists no alarm ${about?.name ?? ''}`.trimEnd();
    return `no action: ${why}, so nothing shows on which side of its threshold it fired`;
  }
  if (!alarm.comparison) return 'no action: the definition of the alarm does not say on which side of its threshold it fires';
  const side = sideOf(alarm.comparison);
  return side === wanted ? null : `no action: the alarm fires ${side ?? 'on either side of'} its threshold, which is not this failure`;
};

/** A recovered failure that began longer ago is not news; in milliseconds. */
const maxNewsAge = hourMs;

/** A person who sets an alarm by hand waits for the result. */
const setByHand = ({ observer }: Treatment): boolean => observer.first()?.alarm?.evaluated === false;

/** That an alarm fired on a healthy resource is quiet if it is long over. */
const withoutOldNews = (verdict: TreatmentResult, { alarm, at }: Incident, began: number): TreatmentResult =>
  verdict.status === 'healed-itself' && alarm !== null && began - at > maxNewsAge ? { ...verdict, quiet: true } : verdict;

/** Whether to report that an alarm fired on a healthy resource. */
const isNews = ({ status, quiet }: TreatmentResult, { alarm }: Incident): boolean =>
  status === 'healed-itself' && alarm !== null && quiet !== true;

/** AWS's events about an instance under treatment, such as a failed recovery, and those of a database's reboot, are reported by its incident. */
const treatedBy = async ({ incident, journal, deps: { ledger } }: Treatment): Promise<string | null> => {
  const { kind, alarm, resource, key } = incident();
  const { machine, echo } = typesOfResource[resource.type];
  if (alarm !== null || !((machine && kind === 'aws-health') || kind === echo)) return null;
  const { value } = await journal.persist('holder', (at) => ledger.holderOf(placedAt(incident(), resource), at), brief);
  return value.ok && value.value !== key ? value.value : null;
};

/** How long the end of the incident that treats it is waited for between looks, in seconds: half a day in all. */
const holderWaits = [2, 8, 20, 60, 180, 480].map(minutes);

/**
 * Whether people hear from the incident that treats it how that ends, unless it is healed: one that can't go on for a cause that others have
 * reported ends quietly. One that is still open after all waits will tell them.
 */
const isReportedBy = async ({ journal, deps: { ledger } }: Treatment, other: string): Promise<boolean> => {
  const look = async (): Promise<'open' | 'reported' | 'quiet'> => {
    const outcome = (await ledger.read(other))?.outcome ?? null;
    if (outcome === null) return 'open';
    return outcome.quiet && !isResolved(outcome.status) ? 'quiet' : 'reported';
  };
  type Course = { looks: number; end: 'open' | 'reported' | 'quiet' };
  let looks = 0;
  for (let pause = holderWaits[looks]; pause !== undefined; pause = holderWaits[looks]) {
    await journal.wait('holder-wait', pause);
    const { value, error } = await journal.poll<Course>('holder-outcome', async (last) => {
      const count = (last?.looks ?? looks) + 1;
      const end = await look();
      return { value: { looks: count, end }, again: end === 'open' ? (holderWaits[count] ?? null) : null };
    });
    if (value && value.end !== 'open') return value.end === 'reported';
    looks = (value?.looks ?? looks) + (error ? 1 : 0);
  }
  return true;
};

/**
 * Relates an incident to a group that can't launch, if both have the same cause; if nothing else could be done, it is reported together.
 */
const relate = async (treatment: Treatment, verdict: TreatmentResult): Promise<TreatmentResult> => {
  const { incident, journal, observer, deps } = treatment;
  const about = incident();
  const group = about.failure === 'launch-failed' ? null : (observer.last()?.group?.name ?? null);
  if (group === null || verdict.status !== 'escalated' || verdict.quiet || treatment.didAct()) return verdict;
  const { value } = await journal.persist('group-episode', () => deps.ledger.readEpisode(about, launchesOf(group)), brief);
  const open = value.ok ? value.value : null;
  if (!open || journal.now() - open.lastAt > secondsOf(deps.policy.episodes.quiet) * 1000) return verdict;
  const reason = `${verdict.reason}; incident ${open.opener} reports that group ${group} can't launch`;
  return { ...verdict, reason, quiet: classesWithSharedCause.has(about.failure) };
};

/**
 * What members of one group have come to that it has lost or replaced is news once an hour: people look at the group, whichever member they
 * read of, and many fail together.
 */
const oncePerGroup = async (treatment: Treatment, verdict: TreatmentResult): Promise<TreatmentResult> => {
  const { incident, journal, observer, deps } = treatment;
  const { failure, resource, evidence, account, region, key } = incident();
  const seen = observer.last();
  if (!typesOfResource[resource.type].machine || !seen?.group || verdict.quiet || treatment.didAct() || evidence.deadline) return verdict;
  const group = seen.group.name;
  const own = member(seen);
  if (own && stageOf(own.lifecycleState) !== 'leaving') return verdict;
  const isLost = verdict.status === 'escalated' && failure === 'instance-terminated';
  if (!isLost && verdict.status !== 'healed-itself') return verdict;
  const news = `members that group ${group} has ${isLost ? 'lost' : 'replaced'}`;
  const { value } = await journal.persist(
    'group-news',
    (at) => {
      const hour = new Date(at).toISOString().slice(0, 'yyyy-mm-ddThh'.length);
      return deps.ledger.electReporter(`${news} in ${account}/${region} at ${hour}`, key, at, hourMs);
    },
    brief,
  );
  if (!value.ok || value.value) return verdict;
  return { ...verdict, reason: `${verdict.reason}; people know of other ${news} in this hour`, quiet: true };
};

/** Classes for which nothing else can be done while the group can't launch. */
const classesWithSharedCause: ReadonlySet<FailureId> = new Set<FailureId>(['instance-terminated', 'spot-interruption', 'target-unhealthy']);

/** Between the two looks that confirm that something is gone, in seconds. */
const confirmationDelay = 60;

/**
 * Two looks must confirm that a resource doesn't exist: EC2 may not know a new instance yet or return outdated data. Null if the look
 * failed.
 */
const observeFirst = async ({ incident, journal, observer }: Treatment): Promise<ResourceSnapshot | null> => {
  const note = (facts: ResourceSnapshot) => {
    const line = describeSnapshot(facts, incident());
    if (line) journal.note('look', line);
  };
  let seen = await observer.observe();
  if (seen && isMissing(seen, incident())) {
    note(seen);
    await journal.wait('look-lag', confirmationDelay);
    seen = await observer.observe();
  }
  if (seen) note(seen);
  return seen;
};
