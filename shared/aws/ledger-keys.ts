import type { Place } from '../model/place.ts';
import { shortName } from './item.ts';

/**
 * The version of the layout, with which every key of the ledger begins. If keys change, it changes, so that no version of selfheal reads or
 * overwrites another's items.
 */
export const layout = 'v1';

/**
 * Kinds of items whose keys have no account and region. All others have them, since names are only unique within both.
 * - `incident`, `inbox`: the incident's key, a digest that includes account and region
 * - `approval`: the id of the request
 * - `announcement`: its topic, which names account and region where needed, or what mass failures of several have in common
 * - `beat`: the name of a heartbeat, which the policy has once
 * - `act`: the id of what a person did
 * - `pauses`: one item for all
 * - `sweep`, `layout`, `digest`: one item for each part
 */
type Unplaced = 'incident' | 'inbox' | 'approval' | 'announcement' | 'beat' | 'act' | 'pauses' | 'sweep' | 'layout' | 'digest';
type Placed = 'lease' | 'episode' | 'replacements' | 'failing' | 'impaired' | 'opted-in' | 'turn';

/** A key of the ledger's table. */
export type Key = { pk: { S: string } };

/**
 * In characters. A partition key is limited to 2,048 bytes:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
const longestKey = 1024;

const key = (text: string): Key => ({ pk: { S: Buffer.byteLength(text) <= longestKey ? text : shortName(text, longestKey) } });

/** The prefix of all keys of a kind: `v1#incident#`. */
export const prefixOf = (kind: Unplaced | Placed): string => `${layout}#${kind}#`;

/** The key `v1#incident#NAME`. */
export const keyOf = (kind: Unplaced, name: string): Key => key(`${prefixOf(kind)}${name}`);

/** The one item that says which mass failures of several accounts and regions `watch` has to look at. */
export const openMassesKey = keyOf('announcement', 'mass failures in several places');

/** The key `v1#lease#111122223333/us-east-1#NAME`. */
export const placedKeyOf = (kind: Placed, { account, region }: Place, name: string): Key =>
  key(`${prefixOf(kind)}${account}/${region}#${name}`);
