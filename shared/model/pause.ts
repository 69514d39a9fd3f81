import * as z from 'zod';
import { nameInArn } from './act.ts';
import { dayMs, minuteMs } from './duration.ts';
import type { Place } from './place.ts';
import type { Resource } from './resource.ts';

/** How long a pause may last, in milliseconds: one that is forgotten must end. */
export const pauseLimits = { least: minuteMs, most: 30 * dayMs } as const;

/** The maximum number of pauses at a time: all of them have to fit into one item. */
export const maxPauses = 200;

/** A resource of which selfheal keeps its hands for a while, because a person says so. Times are milliseconds since the epoch. */
export const pauseSchema = z.object({
  /** Of any type, if none is named. */
  resource: z.object({ type: z.string().nullable(), id: z.string() }),
  /** Where it holds: everywhere, if neither is named. */
  account: z.string().optional(),
  region: z.string().optional(),
  until: z.number(),
  at: z.number(),
  /** The ARN of whoever paused it. */
  by: z.string(),
  because: z.string(),
});

/** With how many incidents it has held, and the last of them. */
export type Pause = z.infer<typeof pauseSchema> & { held: number; last: string | null };

const isIt = ({ resource }: Pick<Pause, 'resource'>, { type, id }: { type: string; id: string }): boolean =>
  resource.id === id && (resource.type === null || resource.type === type);

/** Where it isn't known where something is, a pause of any place holds it. */
const isThere = ({ account, region }: Pick<Pause, 'account' | 'region'>, at: Place | null): boolean =>
  at === null || ((account ?? at.account) === at.account && (region ?? at.region) === at.region);

/** The pause that one of these resources is under at that time; undefined for none. A group's pause covers its members. */
export const pauseOf = (
  pauses: readonly Pause[],
  resources: readonly Pick<Resource, 'type' | 'id'>[],
  group: string | null,
  at: Place | null,
  now: number,
): Pause | undefined => {
  const named = group === null ? resources : [...resources, { type: 'group', id: group }];
  return pauses.find((pause) => pause.until > now && isThere(pause, at) && named.some((one) => isIt(pause, one)));
};

const whose = ({ by }: Pick<Pause, 'by'>): string => `the pause by ${nameInArn(by)}`;

/** Why nothing is done under it. */
export const tellPause = ({ by, until, because }: Pause): string =>
  `paused until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC by ${nameInArn(by)} because ${because}`;

/** The evidence of an incident that looks at what is left of a pause once it is over: whose it was. */
export const afterPauseKey = 'after-pause';
export const afterPause = (pause: Pause): string => whose(pause).slice(0, 200);
/** What people read then. */
export const stillFails = (afterwards: string): string => `${afterwards} is over, and it still fails`;
