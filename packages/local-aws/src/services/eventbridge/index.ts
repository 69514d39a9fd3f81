import { principalOf } from '../../core/principal.ts';
import type { CloudWatch } from '../../core/service-interfaces.ts';
import type { EventBridgeEvent, World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import type { CallContext, Service } from '../../wire/protocol/service.ts';
import { callerKeys } from '../iam/model/context.ts';
import { type Identity, identityOf } from '../iam/model/identity.ts';
import { createCounting } from './events/count.ts';
import { createForwarding, type Undelivered } from './events/forward.ts';
import { createBuses, type Sender } from './model/buses.ts';
import type { BusNeighbour, BusNeighbours, Neighbour } from './model/neighbours.ts';
import { busOperations } from './operations/buses.ts';
import { putEvents, type Sending } from './operations/put-events.ts';
import { createRules, type Routed, targetsOf } from './operations/rules.ts';

export type EventBridge = {
  service: Service;
  /** The ARNs of the targets that an event goes to: those of all enabled rules of the default bus that match it. */
  route(event: unknown): string[];
  /** The same of any bus, by its name, with the rules, for an event that is delivered now: it counts in the metrics of the rules. */
  routed(event: unknown, bus: string | undefined): Routed[];
  /** Sends an event on to a target that is a bus; why it can't, where it can't. */
  forward: ReturnType<typeof createForwarding>;
  takesEvents: Neighbour['takesEvents'];
};

export type { Routed, Undelivered };

export type EventBridgeOptions = {
  identity?: Identity | undefined;
  neighbours?: BusNeighbours | undefined;
  /** Takes the metrics of rules; without it there are none. */
  publish?: CloudWatch['publish'] | undefined;
};

/** EventBridge: buses, their policies and their rules. */
export const createEventBridge = (
  world: World,
  { identity, neighbours = () => undefined, publish }: EventBridgeOptions = {},
): EventBridge => {
  const { account, region, partition } = world;
  const known = identity ?? identityOf(world);
  const buses = createBuses(world);
  const rules = createRules(world, buses);
  const count = createCounting(world, publish);

  const takesEvents: Neighbour['takesEvents'] = (name, sender) => {
    const bus = buses.find(name);
    if (!bus) return undefined;
    if (!buses.admits(bus, sender)) return 'denied';
    return buses.invites(bus, sender) ? 'invited' : 'admitted';
  };
  const here: BusNeighbour = { deliver: world.deliver, takesEvents };
  const reach: BusNeighbours = (thatAccount, thatRegion) =>
    thatAccount === account && thatRegion === region ? here : neighbours(thatAccount, thatRegion);

  const senderOf = (accessKey: string, source: string, detailType: string): Sender => {
    const { arn, grantee } = principalOf(world, accessKey);
    const keys: Record<string, readonly string[] | undefined> = {
      ...callerKeys(world, known, accessKey),
      'events:source': [source],
      'events:detail-type': [detailType],
    };
    return {
      caller: { partition, account, arns: [arn, grantee] },
      ask: (key) => (Object.hasOwn(keys, key.toLowerCase()) ? keys[key.toLowerCase()] : 'unknown'),
    };
  };

  const sending: Sending = ({ EventBusName = 'default', Source = '', DetailType = '' }, { accessKey }: CallContext) => {
    const [, , , ofRegion = region, ofAccount = account, resource = `event-bus/${EventBusName}`] = EventBusName.split(':');
    const name = resource.replace(/^event-bus\//, '');
    // A call reaches the region that it is sent to, and no other one.
    const there = ofRegion === region ? reach(ofAccount, ofRegion) : undefined;
    const taken = there?.takesEvents(name, senderOf(accessKey, Source, DetailType));
    if (taken === 'denied') {
      const { arn } = principalOf(world, accessKey);
      const of = `arn:${partition}:events:${region}:${ofAccount}:event-bus/${name}`;
      const because = 'because no resource-based policy allows the events:PutEvents action';
      throw new AwsError(
        'AccessDeniedException',
        `User: ${arn} is not authorized to perform: events:PutEvents on resource: ${of} ${because}`,
      );
    }
    return (event: EventBridgeEvent) => {
      // As on AWS, what is sent to a bus that isn't there is lost.
      if (taken === undefined) return;
      const named = name === 'default' ? {} : { bus: name };
      there?.deliver({ to: 'eventbridge', event, ...named, ...(ofAccount !== account && { forwarded: 'account' as const }) });
    };
  };

  return {
    service: {
      signingName: 'events',
      protocols: ['json'],
      targetPrefix: 'AWSEvents',
      missingParameter: 'ValidationException',
      operations: { ...rules.operations, ...busOperations(world, buses), PutEvents: putEvents(world, sending) },
    },
    route: (event) => targetsOf(rules.matching(event)).map(({ target }) => target.Arn),
    routed: (event, bus) => {
      const matching = rules.matching(event, bus);
      count(matching, bus);
      return targetsOf(matching);
    },
    forward: createForwarding(world, known, reach),
    takesEvents,
  };
};
