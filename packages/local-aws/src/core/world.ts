import { type Clock, createClock } from './clock.ts';
import { createRandom, evened, type Random } from './random.ts';
import type { Session } from './session.ts';

/** What leaves the world for somebody outside it: what AWS would deliver to a subscriber. */
export type Delivery =
  /** To a bus by its name, the default one where it is left out; `forwarded` by the rule of another bus. */
  | { to: 'eventbridge'; event: EventBridgeEvent; bus?: string; forwarded?: Forwarded }
  | { to: 'sns'; topicArn: string; subject: string; message: string; by?: Agent }
  | { to: 'lambda'; functionArn: string; payload: unknown; by?: Agent };

/** A service of AWS that does something for one of its resources, such as a topic or a rule: what policies of others let in. */
export type Agent = { service: string; sourceArn: string };

/** What lies between the bus that an event was put to and the one that a rule has sent it on to. */
export type Forwarded = 'account' | 'region' | 'bus';

export type EventBridgeEvent = {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** ISO 8601 to the second, as EventBridge writes it. */
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
};

/** One call as it happened: the history of a run, and what CloudTrail tells of it. */
export type CallRecord = {
  at: number;
  requestId: string;
  service: string;
  operation: string;
  input: unknown;
  /** The error's code, or null for a call that succeeded. */
  error: string | null;
  accessKey: string;
  userAgent: string;
  /** The call took effect, but its answer never arrived. */
  answerLost: boolean;
  /** Ids of what it has made. */
  made?: readonly string[];
  /** The service of AWS that made the call for itself, by the role that it has for this. */
  by?: { service: string; role: string };
};

/** Something that happened inside the world, so that one service can follow another without knowing it. */
export type WorldEvent =
  | { type: 'instance-state'; instanceId: string; from: string | null; to: string; at: number }
  /** Whether software on it answers has changed, for another reason than its state. */
  | { type: 'instance-reachable'; instanceId: string; at: number }
  /** A process on it has died or been started. */
  | { type: 'instance-process'; instanceId: string; process: string; at: number }
  /** An Auto Scaling group wants a member in these target groups, or no longer. */
  | { type: 'group-targets'; targetGroupArns: readonly string[]; at: number }
  | { type: 'alarm-state'; alarmName: string; from: string; to: string; at: number }
  | { type: 'note'; at: number; text: string };

/** Where and when a world is, and the seed from which all that it draws follows. */
export type WorldOptions = {
  seed: number;
  /** Where simulated time begins, in milliseconds since the epoch. */
  start: number;
  /** 12 digits. */
  account: string;
  region: string;
  /**
   * Whether what EC2 and Auto Scaling do takes as long every time, and succeeds or fails every time: two histories of one world then
   * differ by what is done in them and not by luck. False unless said otherwise.
   */
  even?: boolean;
  /** How far the zones' names are shifted against their ids: 1 makes `us-east-1a` the zone `use1-az2`. None unless said otherwise. */
  zoneShift?: number;
};

/** What all services of one local AWS share: one account, one region, one clock, one source of randomness, one history. */
export type World = WorldOptions & {
  partition: 'aws' | 'aws-cn' | 'aws-us-gov';
  clock: Clock;
  random: Random;
  /** A source for what the world itself does, with even draws where it has them. */
  chances(name: string): Random;
  calls: CallRecord[];
  /** What waits to be delivered outside, oldest first; whoever hosts the world takes it from here. */
  outbox: Delivery[];
  deliver(delivery: Delivery): void;
  /** Builds an EventBridge event of this account and region and puts it into the outbox. */
  putEvent(event: { source: string; detailType: string; resources: string[]; detail: Record<string, unknown> }): void;
  emit(worldEvent: WorldEvent): void;
  subscribe(listener: (worldEvent: WorldEvent) => void): void;
  arn(service: string, resource: string): string;
  /** The session that an access key was given out to. */
  sessionOf(accessKey: string): Session | undefined;
};

/** What a world may have in common with others. */
export type Shared = { clock?: Clock | undefined; sessionOf?: World['sessionOf'] | undefined };

export const partitionOf = (region: string): World['partition'] =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

/** A world without services. Worlds of one organisation share a clock, and know the sessions of each other. */
export const createWorld = (
  options: WorldOptions,
  { clock = createClock(options.start), sessionOf = () => undefined }: Shared = {},
): World => {
  const random = createRandom(options.seed);
  const eventIds = random.fork('event-ids');
  const listeners: ((worldEvent: WorldEvent) => void)[] = [];
  const partition = partitionOf(options.region);
  const world: World = {
    ...options,
    partition,
    clock,
    random,
    chances: (name) => (options.even ? evened(random.fork(name)) : random.fork(name)),
    calls: [],
    outbox: [],
    deliver: (delivery) => {
      world.outbox.push(delivery);
    },
    putEvent: ({ source, detailType, resources, detail }) =>
      world.deliver({
        to: 'eventbridge',
        event: {
          version: '0',
          id: eventIds.uuid(),
          'detail-type': detailType,
          source,
          account: options.account,
          time: new Date(clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
          region: options.region,
          resources,
          detail,
        },
      }),
    emit: (worldEvent) => {
      for (const listener of listeners) listener(worldEvent);
    },
    subscribe: (listener) => {
      listeners.push(listener);
    },
    arn: (service, resource) => `arn:${partition}:${service}:${options.region}:${options.account}:${resource}`,
    sessionOf,
  };
  return world;
};
