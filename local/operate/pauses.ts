import { parseDuration } from '../../shared/model/duration.ts';
import { UsageError } from '../../shared/model/errors.ts';
import { maxPauses, type Pause, pauseLimits, tellPause } from '../../shared/model/pause.ts';
import { resourceTypes } from '../../shared/model/resource.ts';
import { actAs } from './acts.ts';
import type { Deployment } from './deployment.ts';
import { inWords, type Where } from './where.ts';

/** A resource as it is named on the command line: `TYPE/ID`, or an id of any type. Ids of services have slashes as well. */
export const resourceOf = (asked: string): Pause['resource'] => {
  if (asked === '' || asked.length > 300 || /\s/.test(asked))
    throw new UsageError(`${JSON.stringify(asked.slice(0, 40))} names no resource`);
  const [type = '', ...rest] = asked.split('/');
  const isType = rest.length > 0 && (resourceTypes as readonly string[]).includes(type);
  return isType ? { type, id: rest.join('/') } : { type: null, id: asked };
};

export const nameOf = ({ type, id }: Pause['resource']): string => (type === null ? id : `${type}/${id}`);

const isSame = (a: Where, b: Where): boolean => a.account === b.account && a.region === b.region;

export const forOf = (text: string | undefined): number => {
  const milliseconds = (text === undefined || text.startsWith('+') ? 0 : (parseDuration(text) ?? 0)) * 1000;
  if (milliseconds < pauseLimits.least || milliseconds > pauseLimits.most)
    throw new UsageError('--for must be a duration from 1m to 30d, such as 2h or 1d12h');
  return milliseconds;
};

/** What is paused, with what that has held; `over`: the next sweep ends it. */
export const listPauses = async (deployment: Deployment) => {
  const now = await deployment.now();
  return (await deployment.ledger.pauses()).map((pause) => ({ ...pause, over: pause.until <= now })).sort((a, b) => a.until - b.until);
};

/** Whether a pause holds anything there: one of everywhere does. */
export const holdsIn = (pause: Where, { account, region }: Where): boolean =>
  (account === undefined || (pause.account ?? account) === account) && (region === undefined || (pause.region ?? region) === region);

const heldText = ({ held }: Pause): string =>
  held === 0 ? 'nothing held so far' : `${held} ${held === 1 ? 'incident' : 'incidents'} held`;

export const tellPaused = (pause: Pause & { over: boolean }): string =>
  `${nameOf(pause.resource)}${inWords(pause)} ${pause.over ? 'was ' : ''}${tellPause(pause)}; ${heldText(pause)}${pause.over ? ', and it ends within two minutes' : ''}`;

/** What a pause is of, and where it holds. */
export const whatIsPaused = ({ resource, account, region }: Pick<Pause, 'resource' | 'account' | 'region'>) => ({
  resource,
  ...(account === undefined ? {} : { account }),
  ...(region === undefined ? {} : { region }),
});

export const jsonOfPause = ({ until, at, by, because, held, last, over, ...pause }: Pause & { over: boolean }) => ({
  ...whatIsPaused(pause),
  until: new Date(until).toISOString(),
  at: new Date(at).toISOString(),
  ...{ by, because, held, last, over },
});

/** Pauses a resource, or changes its pause. Returns until when. */
export const pauseResource = async (
  deployment: Deployment,
  resource: Pause['resource'],
  milliseconds: number,
  because: string,
  where: Where,
): Promise<number> => {
  const known = await deployment.ledger.pauses();
  const isNew = !known.some((pause) => nameOf(pause.resource) === nameOf(resource) && isSame(pause, where));
  if (isNew && known.length >= maxPauses) throw new UsageError(`${maxPauses} resources are paused, and no more can be`);
  return actAs(deployment, { kind: 'pause', what: `${nameOf(resource)}${inWords(where)}`, incident: null, because }, async ({ at, by }) => {
    const until = at + milliseconds;
    await deployment.ledger.setPause({ resource, ...where, until, at, by, because });
    return until;
  });
};

/** What is said of resources in a record, where all of them are meant. */
const everything = 'everything that was paused';

/**
 * Ends the pauses of a resource, or of all: those that held something are looked at by the next sweep. Returns them; none if nothing is paused.
 */
export const resumeResource = async (
  deployment: Deployment,
  asked: Pause['resource'] | 'all',
  because: string | null,
  where: Where,
): Promise<Pause[]> => {
  const now = await deployment.now();
  const isIt = ({ resource, account, region, until }: Pause) =>
    until > now &&
    (asked === 'all' || (resource.id === asked.id && (asked.type === null || asked.type === resource.type))) &&
    (where.account ?? account) === account &&
    (where.region ?? region) === region;
  const found = (await deployment.ledger.pauses()).filter(isIt);
  if (found.length === 0) return [];
  const what = `${asked === 'all' ? everything : nameOf(asked)}${inWords(where)}`;
  return actAs(deployment, { kind: 'resume', what, incident: null, because }, async ({ at }) => {
    for (const pause of found) await deployment.ledger.setPause({ ...pause, until: at });
    return found;
  });
};
