import type { Place } from '../model/place.ts';

/**
 * A reader that selfheal has added to a cluster of databases, for an alarm; `replica`: a read replica of the instance that `cluster` names.
 * `place`: the member that it is in, if it isn't in the account and region of the stack. `calmFrom`: it stays for the calm of the policy from then on at
 * least. `removing`: since when selfheal takes it away. Times are milliseconds since the epoch.
 */
export type MadeReader = {
  id: string;
  cluster: string;
  place?: Place | undefined;
  replica?: true | undefined;
  alarm: string | null;
  incident: string;
  calmFrom: number;
  removing?: number | undefined;
};

/** The readers that selfheal has added, and takes away once it has been calm. Throws whatever the SDK throws. */
export type MadeReaders = {
  /** Records one before it is made, or what has become of it. */
  noteReader(one: MadeReader): Promise<void>;
  madeReaders(): Promise<MadeReader[]>;
  /** It is gone, or is not selfheal's any more. */
  forgetReader(one: Pick<MadeReader, 'id' | 'place'>): Promise<void>;
};
