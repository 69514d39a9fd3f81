import type { Delivery } from '../../../core/world.ts';
import type { Sender } from './buses.ts';

/** Another account or region, as far as what is sent there must know. */
export type Neighbour = {
  deliver(delivery: Delivery): void;
  /** Whether a bus, by its name, lets a sender put events; `invited` where it names him as welcome. Undefined for no such bus. */
  takesEvents(bus: string, sender: Sender): 'invited' | 'admitted' | 'denied' | undefined;
};

/** Those that there are; undefined for an account or a region that doesn't exist. */
export type Neighbours = (account: string, region: string) => Neighbour | undefined;
