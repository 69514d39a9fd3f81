import type { Agent, Delivery } from '../../../core/world.ts';
import type { HttpRequest, HttpResponse } from '../../../wire/protocol/http.ts';
import type { Asker } from '../../messaging/model/topic-access.ts';
import type { Sender } from './buses.ts';

/** Another account or region, as far as what is sent there must know. */
export type Neighbour = {
  deliver(delivery: Delivery): void;
  /** Whether a bus, by its name, lets a sender put events; `invited` where it names him as welcome. Undefined for no such bus. */
  takesEvents(bus: string, sender: Sender): 'invited' | 'admitted' | 'denied' | undefined;
  /** Whether a function's policy lets a service invoke it for a resource of somebody else's. */
  takesInvocation(functionArn: string, agent: Agent): boolean;
  /** Answers what somebody from outside asks of a topic, as far as its policy lets him. */
  serveTopic(request: HttpRequest, asker: Asker): Promise<HttpResponse>;
};

/** As far as its buses matter. */
export type BusNeighbour = Pick<Neighbour, 'deliver' | 'takesEvents'>;
export type BusNeighbours = (account: string, region: string) => BusNeighbour | undefined;

/** Those that there are; undefined for an account or a region that doesn't exist. */
export type Neighbours = (account: string, region: string) => Neighbour | undefined;
