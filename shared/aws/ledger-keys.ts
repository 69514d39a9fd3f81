import type { Place } from '../model/place.ts';
import { shortName } from './item.ts';

/**
 * Every key of the ledger begins with the layout's version. Keys change only together with it, so that no version reads or overwrites what
 * another has written.
 */
export const layout = 'v1';

/**
 * What the ledger keeps, by the kind in the key. All but these carry the account and the region, since names are unique in no more than that:
 * - `incident`, `inbox`: the incident's key, which is a digest of account and region among others
 * - `approval`: the id of the question
 * - `announcement`: its topic, which names account and region where it concerns one
 * - `sweep`, `layout`: one item each
 */
type Unplaced = 'incident' | 'inbox' | 'approval' | 'announcement' | 'sweep' | 'layout';
type Placed = 'lease' | 'episode' | 'replacements' | 'failing' | 'impaired';

export type Key = { pk: { S: string } };

/** A partition key takes 2,048 bytes. */
const longestKey = 1024;

const key = (text: string): Key => ({ pk: { S: Buffer.byteLength(text) <= longestKey ? text : shortName(text, longestKey) } });

/** What all keys of a kind begin with: `v1#incident#`. */
export const prefixOf = (kind: Unplaced | Placed): string => `${layout}#${kind}#`;

/** `v1#incident#NAME` */
export const keyOf = (kind: Unplaced, name: string): Key => key(`${prefixOf(kind)}${name}`);

/** `v1#lease#111122223333/us-east-1#NAME` */
export const placedKeyOf = (kind: Placed, { account, region }: Place, name: string): Key =>
  key(`${prefixOf(kind)}${account}/${region}#${name}`);
