import { attempt, classifyError, explain, isDenied } from '../aws/call.ts';
import type { Clients } from '../aws/clients.ts';
import { clockTime, dayMs, formatDuration, minuteMs } from '../model/duration.ts';
import type { Incident } from '../model/incident.ts';
import { typesOfResource } from '../model/resources/index.ts';
import { plainLine, utc } from '../model/text.ts';
import type { CallError } from '../ports/call-result.ts';
import { resourceKinds } from './index.ts';
import type { Part, ResourceKind, Seen } from './resource-kind.ts';

/**
 * The result of a look. Plain data, because it is checkpointed.
 * - `gone`: AWS said that the resource doesn't exist.
 * - `nothing`: the response didn't contain the resource, which means nothing.
 * - `not-looked`: there is no look for it.
 */
export type Observation = {
  result: 'found' | 'gone' | 'nothing' | 'denied' | 'failed' | 'not-looked';
  /** One bounded line for people. */
  line: string;
  /** The resource's last change according to itself, if the failure followed soon after. In milliseconds since the epoch. */
  change: { text: string; at: number } | null;
};

/** In characters; a timeline line has 600. */
const limit = 550;
/** The length of a single fact, in characters. */
const factLimit = 160;
/** How long before a failure a change may be its cause, in milliseconds; as for CloudTrail. */
const lookBackTime = 90 * minuteMs;

const when = (at: number, now: number): string =>
  now - at < dayMs && at <= now
    ? `${clockTime(at)}, ${formatDuration((now - at) / 1000)} ago`
    : `${utc(at)}${at > now ? '' : `, ${Math.floor((now - at) / dayMs)} d ago`}`;

const nameOf = ({ noun }: ResourceKind, { resource }: Pick<Incident, 'resource'>): string => `${noun} ${plainLine(resource.id, 170)}`;

const notRead = (error: CallError): string =>
  isDenied(error) ? `selfheal isn't allowed to (${error.call ?? error.code})` : plainLine(explain(error), factLimit);

const changeOf = ({ changed }: Seen, { at: began }: Pick<Incident, 'at'>): Observation['change'] => {
  if (!changed || changed.at > began || began - changed.at > lookBackTime) return null;
  const before = formatDuration((began - changed.at) / 1000);
  return { at: changed.at, text: `${plainLine(changed.what, factLimit)} at ${clockTime(changed.at)}, ${before} before the failure` };
};

const lineOf = ({ state, since, createdAt, changed, facts }: Seen, now: number): string => {
  const parts = [`${plainLine(state, 60)}${since === null ? '' : ` since ${when(since, now)}`}`];
  if (changed) parts.push(`${plainLine(changed.what, factLimit)} at ${when(changed.at, now)}`);
  if (since === null && !changed) parts.push(createdAt === null ? "AWS doesn't say since when" : `created ${when(createdAt, now)}`);
  return [...parts, ...facts.filter((fact) => fact !== '').map((fact) => plainLine(fact, factLimit))].join('; ');
};

const couldNot = (name: string, error: CallError): string => `${name} could not be read: ${plainLine(explain(error), 300)}`;

const isGone = ({ notFound }: ResourceKind, { code }: CallError): boolean => notFound.includes(code.replace(/(Fault|Exception)$/, ''));

const observed = (result: Observation['result'], line: string, change: Observation['change'] = null): Observation => ({
  result,
  line: plainLine(line, limit),
  change,
});

/** Reads parts, and lists those that could not be read, with the reason. */
const readParts = (): { part: Part; missing: string[] } => {
  const missing: string[] = [];
  return {
    missing,
    part: async (what, run) => {
      const answer = await attempt(run);
      if (answer.ok) return answer.value;
      missing.push(`${what} could not be read: ${notRead(answer.error)}`);
      return null;
    },
  };
};

const observeAs = async (kind: ResourceKind, clients: Clients, incident: Incident, now: number): Promise<Observation> => {
  const { part, missing } = readParts();
  const name = nameOf(kind, incident);
  try {
    const seen = await kind.observe(clients, incident, part, now);
    if (!seen) return observed('nothing', `${name}: AWS returned an empty result, which doesn't mean that it was deleted`);
    return observed('found', `${name}: ${[lineOf(seen, now), ...missing].join('; ')}`, changeOf(seen, incident));
  } catch (thrown) {
    const error = classifyError(thrown);
    if (error.kind !== 'refused') throw thrown;
    if (isGone(kind, error)) return observed('gone', `${name}: AWS says that there is no such resource (${error.code})`);
    if (isDenied(error)) return observed('denied', `${name}: selfheal isn't allowed to look (${error.call ?? error.code})`);
    return observed('failed', couldNot(name, error));
  }
};

/** The possible kinds of an incident's resource: several if the id doesn't distinguish them. */
export const kindsOf = (incident: Parameters<ResourceKind['is']>[0]): readonly ResourceKind[] =>
  resourceKinds.filter((kind) => kind.types.includes(incident.resource.type) && kind.is(incident));

/** The name under which CloudTrail records calls on an incident's resource; null if it records none. */
export const trailNameOf = (incident: Parameters<ResourceKind['is']>[0]): string | null => {
  const { type, id } = incident.resource;
  const [kind] = kindsOf(incident);
  if (kind) return kind.trailName(incident);
  return typesOfResource[type].trail ? id : null;
};

/** Whether the incident's standard look already covers its resource. */
export const isObservedItself = ({ resource, disposition }: Pick<Incident, 'resource' | 'disposition'>): boolean => {
  const { observed } = typesOfResource[resource.type];
  return observed === 'own' || (observed === 'treated' && disposition === 'remediate');
};

/** There was no look, and why. */
export const notObserved = ({ resource: { type, id } }: Pick<Incident, 'resource'>): Observation =>
  observed('not-looked', `${type} ${plainLine(id, 170)} was not looked for: selfheal doesn't read ${typesOfResource[type].unread}`);

/** The look failed. */
export const unseen = ({ resource: { type, id } }: Pick<Incident, 'resource'>, error: CallError): Observation =>
  observed('failed', couldNot(`${type} ${plainLine(id, 170)}`, error));

/**
 * Looks at an incident's resource, read-only.
 * @throws whatever the SDK throws, if the call was throttled or its result is uncertain
 */
export const observe = async (clients: Clients, incident: Incident, now: number): Promise<Observation> => {
  const gone: Observation[] = [];
  for (const kind of kindsOf(incident)) {
    const seen = await observeAs(kind, clients, incident, now);
    // It may be of the next kind with the same name.
    if (seen.result !== 'gone') return seen;
    gone.push(seen);
  }
  return gone.length > 0 ? observed('gone', gone.map(({ line }) => line).join('; ')) : notObserved(incident);
};

const causesAskedOf = (incident: Incident): readonly NonNullable<ResourceKind['causes']>[] =>
  kindsOf(incident)
    .slice(0, 1)
    .flatMap(({ causes }) => (causes?.isAsked(incident) ? [causes] : []));

/** Whether more can be read about what may be behind a failure than a look tells. */
export const hasCauses = (incident: Incident): boolean => causesAskedOf(incident).length > 0;

/** What can be read about what may be behind a failure, in bounded lines for people, and what could not be read. */
export const readCauses = async (clients: Clients, incident: Incident, now: number): Promise<string[]> => {
  const { part, missing } = readParts();
  const lines = await Promise.all(causesAskedOf(incident).map(({ read }) => read(clients, incident, part, now)));
  return [...lines.flat(), ...missing].map((line) => plainLine(line, limit));
};
