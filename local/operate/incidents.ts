import type { RecordedAct } from '../../shared/aws/acts.ts';
import { formatDuration } from '../../shared/model/duration.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { Place } from '../../shared/model/place.ts';
import type { Resource } from '../../shared/model/resource.ts';
import type { RecordedIncident } from '../../shared/ports/incident-archive.ts';
import type { IncidentRecord } from '../../shared/ports/ledger.ts';
import { outcomeLine } from '../terminal/outcome-line.ts';
import { paintStatus } from '../terminal/story.ts';
import type { Style } from '../terminal/style.ts';
import { jsonOfAct, tellAct } from './acts.ts';
import type { Deployment } from './deployment.ts';
import { shortKey } from './find.ts';
import { minuteOf } from './minute.ts';
import { tellWaits, type Waits, waitsOf } from './waits.ts';
import { isThere, type Where } from './where.ts';

/** Which incidents are asked for. */
export type Wanted = { open: boolean; sinceSeconds: number; resource: string | undefined; where: Where };

/** An incident as it stands. */
export type Listed = { incident: string; openedAt: number; acts: RecordedAct[] } & (
  | { outcome: Outcome }
  | { outcome: null; failure: string; resource: Resource | null; place: Place | null; waits: Waits }
);

/** Incidents that are read at once; more than these are named by a shorter time. */
export const most = 1000;

/** How many records are read at the same time. */
const readsAtOnce = 8;

const failureOf = (key: string): string => key.replace(/-[0-9a-f]+(?:-2)?$/, '');

const isAbout = (resource: Resource | null, asked: string | undefined): boolean =>
  asked === undefined || (resource !== null && `${resource.type}/${resource.id}`.includes(asked));

const openOne = async (
  deployment: Deployment,
  { incident, openedAt, acts }: RecordedIncident & Pick<Listed, 'acts'>,
  now: number,
): Promise<Listed | null> => {
  const record: IncidentRecord | null = await deployment.ledger.read(incident);
  if (!record) return null;
  const { outcome, incident: about } = record;
  // It has ended meanwhile.
  if (outcome) return { incident, openedAt, acts, outcome };
  const { failure = failureOf(incident), resource = null } = about ?? {};
  const place = about ? { account: about.account, region: about.region } : null;
  return { incident, openedAt, acts, outcome: null, failure, resource, place, waits: await waitsOf(deployment, incident, record, now) };
};

/** The incidents that are asked for, newest first, and whether there are more. */
export const listIncidents = async (deployment: Deployment, { open, sinceSeconds, resource, where }: Wanted) => {
  const now = await deployment.now();
  const from = now - sinceSeconds * 1000;
  const [found, acts] = await Promise.all([deployment.archive.recent({ from, to: now, limit: most }), deployment.acts.list(from, now)]);
  const listed: Listed[] = [];
  for (let i = 0; i < found.length; i += readsAtOnce) {
    const some = found.slice(i, i + readsAtOnce).map(async (one): Promise<Listed | null> => {
      const { incident, openedAt, outcome } = one;
      const own = acts.filter((act) => act.incident === incident);
      return outcome ? { incident, openedAt, acts: own, outcome } : openOne(deployment, { ...one, acts: own }, now);
    });
    listed.push(...(await Promise.all(some)).filter((one) => one !== null));
  }
  const wanted = listed.filter(
    (one) =>
      (!open || one.outcome === null) &&
      isAbout((one.outcome ?? one).resource, resource) &&
      isThere(where, one.outcome ? one.outcome : one.place),
  );
  return { now, incidents: wanted, isCut: found.length >= most };
};

/** What one line of JSON says of an incident. */
export const jsonOf = (one: Listed): object => {
  const openedAt = new Date(one.openedAt).toISOString();
  const acts = one.acts.map(jsonOfAct);
  if (one.outcome) {
    const { account, region } = one.outcome;
    return { ...outcomeLine(one.outcome), account, region, openedAt, acts };
  }
  const { incident, failure, resource, place, waits } = one;
  const questions = waits.questions.map((question) => ({ ...question, expiresAt: new Date(question.expiresAt).toISOString() }));
  return {
    incident,
    failure,
    resource,
    account: place?.account ?? null,
    region: place?.region ?? null,
    status: 'open',
    openedAt,
    waits: { questions, last: waits.last, holder: waits.holder, stop: waits.stop },
    acts,
  };
};

/** What is said of an incident: its state, its key, where and when, and why. */
const partsOf = (one: Listed, keys: readonly string[], now: number) => {
  const { outcome, incident, openedAt } = one;
  const { resource } = outcome ?? one;
  const seconds = ((outcome ? Date.parse(outcome.endedAt) : now) - openedAt) / 1000;
  return {
    status: outcome?.status ?? 'open',
    key: shortKey(incident, keys),
    where: resource === null ? 'resource not recorded' : `${resource.type} ${resource.id}`,
    lasted: `${outcome ? 'after' : 'for'} ${formatDuration(Math.max(0, seconds))}`,
    opened: minuteOf(openedAt),
    why: [...(one.outcome ? [one.outcome.reason] : tellWaits(one.waits)), ...one.acts.map(tellAct)],
    quiet: outcome?.quiet === true,
  };
};

/** One line for a pipe: everything of an incident. */
export const lineOf = (one: Listed, keys: readonly string[], now: number): string => {
  const { status, key, where, lasted, opened, why } = partsOf(one, keys, now);
  return [opened, status, key, where, lasted, why.join('; ')].join('  ').replaceAll('\n', ' ');
};

/** An incident on a terminal, in lines that fit. */
export const blockOf = (one: Listed, keys: readonly string[], now: number, style: Style): string => {
  const { status, key, where, lasted, opened, why, quiet } = partsOf(one, keys, now);
  const painted = one.outcome ? paintStatus(one.outcome.status, style) : style.bold(style.warn(status));
  const head = style.wrap(`${status.padEnd(13)}  ${key}`, 15).replace(status, painted);
  const lines = [style.wrap(`${where}, opened ${opened} UTC, ${lasted}`, 2, '  '), ...why.map((text) => style.wrap(text, 2, '  '))];
  return [head, ...(quiet ? lines.map(style.dim) : lines)].join('\n');
};
