import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Call, CallRecord, Interceptor } from '#local-aws';
import { parseArn } from '../../shared/model/arn.ts';
import { parseJson } from '../../shared/model/json.ts';
import { isSamePlace, type Place } from '../../shared/model/place.ts';
import { thisProcess } from '../testbed/engine/process.ts';
import type { Host } from '../testbed/host.ts';
import { memberTopicArn, type Organization } from '../testbed/organization.ts';
import { killSwitchName } from '../testbed/surroundings.ts';
import { createMassesInCommon } from './masses-in-common.ts';
import type { Observer } from './observer.ts';
import type { Scenario } from './schema.ts';

/** The organisation of every scenario that has one. */
export const organizationId = 'o-scenarios1';

/** What the places of a scenario make of its account; undefined where it has none. */
export const organizationOf = ({ account, region, places }: Scenario): Organization | undefined => {
  const all = Object.values(places);
  if (all.length === 0) return undefined;
  const beside = (own: string, others: string[]) => [...new Set(others)].filter((one) => one !== own);
  return {
    id: organizationId,
    accounts: beside(
      account,
      all.map((one) => one.account),
    ),
    regions: beside(
      region,
      all.map((one) => one.region),
    ),
    members: all.filter(({ member }) => member).map(({ account, region, alarmsBy }) => ({ account, region, alarmsBy })),
  };
};

/** The host as seen from one of its places, in which a fleet is built and things happen as in the account of the stack itself. */
export const hostIn = (host: Host, place: Place): Host => {
  const aws = host.org?.world(place.account, place.region);
  if (!aws) throw new Error('the host has no organisation');
  const operator = host.operatorIn(place);
  return {
    ...host,
    aws,
    operator,
    // Unless the member has one, there is none: alarms come by the bus.
    alarmTopicArn: memberTopicArn(aws),
    setTrust: (trusts) => host.setTrustIn(place, trusts),
    setSwitch: async (position) => {
      await operator.ssm.send(new PutParameterCommand({ Name: killSwitchName, Value: position, Type: 'String', Overwrite: true }));
    },
  };
};

type Started = Place & { alarm?: { name: string; arn: string | null } | null };

/** selfheal's own call: by its role, or by a session of a member's. */
export const isOwn = ({ accessKey, userAgent }: Pick<CallRecord, 'accessKey' | 'userAgent'>): boolean =>
  accessKey === 'selfheal' || / app\/selfheal\b/.test(userAgent);
const changesNothing = /^(?:Describe|Get|List|Lookup|Search|BatchGet|AssumeRole)/;

const textOf = ({ input }: Call): string => {
  if (input.Payload !== undefined) return new TextDecoder().decode(input.Payload as Uint8Array);
  if (input.Message !== undefined) return String((parseJson(String(input.Message)) as { default?: string } | undefined)?.default ?? '');
  return String((input.Entries as { Detail?: string }[] | undefined)?.[0]?.Detail ?? '');
};

/** The place that what selfheal says, or starts, is about. */
const aboutOf = (call: Call): Started | null => {
  const said = parseJson(textOf(call)) as Partial<Started> | undefined;
  return typeof said?.account === 'string' && typeof said.region === 'string' ? (said as Started) : null;
};

/**
 * Lets each place's observer see what is called there, and what selfheal does, from its own account, about that place. And sees for itself that
 * nothing is changed anywhere but where the failure is, or where there is no stack of a member.
 */
export const observePlaces = (
  home: Place,
  observers: readonly { place: Place; member: boolean; observer: Observer }[],
  massFailure: { windowMs: number; zoneIdOf: (place: Place, name: string) => string } = { windowMs: 0, zoneIdOf: () => '' },
): Interceptor => {
  let now = 0;
  const placeOfExecution = new Map<string, Place>();
  const of = (place: Place) => observers.find((one) => isSamePlace(one.place, place));

  const check = (call: Call, here: Place): void => {
    const { service, operation, input } = call;
    const started = operation === 'Invoke' && input.DurableExecutionName !== undefined ? aboutOf(call) : null;
    if (started) {
      placeOfExecution.set(String(input.DurableExecutionName), { account: started.account, region: started.region });
      const alarm = parseArn(started.alarm?.arn);
      if (alarm && (alarm.account !== started.account || alarm.region !== started.region))
        object(
          started,
          String(alarm.account),
          `an alarm of ${alarm.account}, ${alarm.region} starts an incident in ${started.account}, ${started.region}`,
        );
      return;
    }
    if (/^(?:dynamodb|sns|events|lambda|sts|ssm|sqs)$/.test(service) && isSamePlace(here, home) && operation !== 'SendCommand') return;
    if (changesNothing.test(operation) || input.DryRun === true) return;
    const execution = thisProcess()?.name ?? '';
    const wanted = placeOfExecution.get(execution);
    if (wanted && !isSamePlace(wanted, here))
      object(here, execution, `${operation} in ${here.account}, ${here.region} for a failure in ${wanted.account}, ${wanted.region}`);
    if (of(here)?.member === false) object(here, execution, `${operation} where there is no stack of a member`);
  };
  const object = (place: Place, resource: string, text: string): void => {
    const { observer } = of(place) ?? observers[0] ?? {};
    observer?.object('own-place', resource, text);
  };

  const massesInCommon = createMassesInCommon(
    () => now,
    massFailure.windowMs,
    massFailure.zoneIdOf,
    (place, resource, text) => (of(place) ?? observers[0])?.observer.object('one-cause', resource, text),
  );
  /** An incident may be told by several topics. */
  const tolds = new Set<string>();
  const hear = (call: Call): void => {
    if (call.service !== 'sns' || call.operation !== 'Publish') return;
    const said = parseJson(textOf(call)) as Partial<Place & { incident: string; reason: string }> | undefined;
    const { account, region, incident, reason } = said ?? {};
    if (!account || !region || !incident || !reason || tolds.has(incident)) return;
    now = call.context.now;
    tolds.add(incident);
    massesInCommon({ account, region, incident, reason });
  };

  /** Whose observers a call concerns. */
  const concerned = (call: Call, here: Place): readonly Observer[] => {
    const own = of(here)?.observer;
    if (!isOwn(call.context) || !isSamePlace(here, home)) return own ? [own] : [];
    // The ledger has the incidents of all.
    if (call.service === 'dynamodb') return observers.map(({ observer }) => observer);
    const about = /^(?:lambda|sns|events)$/.test(call.service) ? aboutOf(call) : null;
    const found = of(about ?? here)?.observer;
    return found ? [found] : [];
  };
  /** A session of a member's role is selfheal as much as its own key is. */
  const asOwn = new WeakMap<Call, Call>();
  const told = (call: Call): Call => {
    if (!isOwn(call.context) || call.context.accessKey === 'selfheal') return call;
    // The same one before and after.
    const known = asOwn.get(call) ?? { ...call, context: { ...call.context, accessKey: 'selfheal' } };
    asOwn.set(call, known);
    return known;
  };
  const here = ({ context: { account, region } }: Call): Place => ({ account, region });

  return {
    before: (call) => {
      if (isOwn(call.context)) {
        check(call, here(call));
        hear(call);
      }
      for (const { interceptor } of concerned(call, here(call))) interceptor.before?.(told(call));
    },
    after: (call) => {
      for (const { interceptor } of concerned(call, here(call))) interceptor.after?.(told(call));
      return undefined;
    },
  };
};
