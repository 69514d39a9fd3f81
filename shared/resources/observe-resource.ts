import { classifyError, explain, isDenied } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import type { Incident } from '../model/incident.ts';
import { stageOf } from '../model/member-lifecycle.ts';
import { noRemedies } from '../model/remedies.ts';
import { typesOfResource } from '../model/resources/index.ts';
import { instanceToTreat, type ResourceSnapshot, type StatusFacts, sumTargets } from '../model/snapshot.ts';
import { certificatePermissions } from './acm-certificate.ts';
import { alarmPermissions, describeAlarm } from './alarm.ts';
import { agentPermissions } from './container-host.ts';
import { DescribeLagError } from './describe-lag.ts';
import { describeGroup, drainOf, groupPermissions } from './group.ts';
import { reportedLooks, treatedLooks } from './index.ts';
import { describeInParts, describeWithStatus, instancePermissions, typeOf } from './instance.ts';
import type { LookPolicy, Part } from './resource-kind.ts';
import { describeTargets } from './target-group.ts';

/** Read-only calls that the look of every incident may make. A test compares them with the packaged template. */
export const observePermissions = [
  ...instancePermissions,
  ...groupPermissions,
  ...alarmPermissions,
  'elasticloadbalancing:DescribeTargetHealth',
  ...agentPermissions,
  ...certificatePermissions,
] as const;

/** `full` reads everything; `status-only` reads what shows whether the resource has recovered, and reuses the rest of an earlier look. */
export type Depth = 'full' | 'status-only';

/**
 * Reads one part of a look. If an action may follow, a missing part makes the look useless, so errors are thrown. If no action will follow,
 * a refused part must not hide the rest: it is listed and null.
 */
const createPartReader =
  ({ disposition }: Incident, refused: string[]): Part =>
  async (what, run) => {
    if (disposition === 'remediate') return run();
    try {
      return await run();
    } catch (thrown) {
      const error = classifyError(thrown);
      if (error.kind !== 'refused') throw thrown;
      const denied = `selfheal isn't allowed to look at ${what} (${error.call ?? error.code})`;
      refused.push(isDenied(error) ? denied : `${what} could not be read: ${explain(error)}`);
      return null;
    }
  };

/** A failed host that works again is only seen by comparing looks: EC2 says since when a check fails, and not since when it passes. */
const hostRecovery = (
  { system }: StatusFacts,
  before: StatusFacts | null | undefined,
  now: number,
): Pick<StatusFacts, 'systemPassesSince'> => {
  const since = before?.system === 'impaired' ? now : before?.systemPassesSince;
  return system === 'impaired' || since === undefined ? {} : { systemPassesSince: since };
};

/**
 * Looks at the incident's resource, its group and its alarm. The live state is the source of truth, not the event.
 * `known` is an earlier look of the same incident, whose unchanging parts are reused. The alarm is reused too, unless `needsAlarm` says that
 * its state matters given the rest: CloudWatch has the lowest rate limit of these calls. `about` are additional instances that the incident
 * is about. `policy` names what may be done, where a look depends on that.
 * @throws whatever the SDK throws: the caller must retry or hold, never treat it as "nothing there". If no action will follow, only
 * retryable errors are thrown.
 */
export const observeResource = async (
  clients: Clients,
  incident: Incident,
  now: number,
  known?: ResourceSnapshot,
  depth: Depth = 'full',
  needsAlarm: (rest: ResourceSnapshot) => boolean = () => true,
  about: readonly string[] = [],
  policy: LookPolicy = noRemedies,
): Promise<ResourceSnapshot> => {
  const { resource, alarm } = incident;
  const own = typesOfResource[resource.type];
  const refused: string[] = [];
  const reported = reportedLooks[resource.type];
  const part = createPartReader(incident, refused);
  const describeItsAlarm = () => (alarm ? part(`alarm ${alarm.name}`, () => describeAlarm(clients, alarm.name)) : null);
  const later = depth === 'status-only' && known !== undefined;
  const [early, targets, treated] = await Promise.all([
    later ? known.alarm : describeItsAlarm(),
    own.targets ? part('the targets', () => describeTargets(clients, incident)) : null,
    incident.disposition === 'remediate'
      ? treatedLooks[resource.type]?.(clients, { incident, now, known, policy })
      : reported && part(reported.what, () => reported.look(clients, { incident, now, known, policy })),
  ]);
  const instanceId = own.machine ? resource.id : instanceToTreat(targets ?? [], known?.instance?.id);
  const before = depth === 'status-only' && known?.instance?.id === instanceId ? known?.instance : null;
  const [instance, status] = !instanceId
    ? [null, null]
    : incident.disposition === 'remediate'
      ? await describeWithStatus(clients, instanceId, before)
      : await describeInParts(clients, instanceId, part);
  if (instance?.instanceStore === null) {
    const type = await typeOf(clients, incident, instance);
    instance.instanceStore = type.instanceStore;
    instance.autoRecovery &&= type.autoRecovery !== false;
  }
  if (status) Object.assign(status, hostRecovery(status, known?.instance?.id === instanceId ? known.status : null, now));
  const groupName = own.group ? resource.id : (instance?.groupName ?? known?.group?.name ?? null);
  const ids = [instanceId, known?.instance?.id, treated?.task?.address, known?.task?.address, ...about].filter(
    (id) => typeof id === 'string',
  );
  const group = groupName ? await part(`group ${groupName}`, () => describeGroup(clients, groupName, ids)) : null;
  const listed = group?.members.find(({ instanceId: id }) => id === (instanceId ?? known?.instance?.id));
  if (instanceId && !instance && !status && refused.length === 0 && listed && stageOf(listed.lifecycleState) === 'in-service') {
    throw new DescribeLagError(`EC2 finds no instance ${instanceId}, but its group reports it in service`);
  }
  const drain = known?.group?.drainSeconds ?? null;
  if (group)
    group.drainSeconds = await part(`the hooks of group ${group.name}`, () =>
      drainOf(clients, group, instance?.id ?? known?.instance?.id, drain),
    );
  const refusals = () => (refused.length > 0 ? { refused } : {});
  const facts = {
    at: now,
    full: depth === 'full',
    instance,
    status,
    group,
    alarm: early,
    targets: targets && sumTargets(targets, ids),
    ...treated,
    ...refusals(),
  };
  return later && needsAlarm(facts) ? { ...facts, alarm: await describeItsAlarm(), ...refusals() } : facts;
};
