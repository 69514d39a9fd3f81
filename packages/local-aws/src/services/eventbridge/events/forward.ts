import { eventBridgeParameters } from '../../../core/model-parameters.ts';
import type { Delivery, Forwarded, World } from '../../../core/world.ts';
import { verdictOf } from '../../iam/model/access.ts';
import type { Ask } from '../../iam/model/condition.ts';
import type { Identity } from '../../iam/model/identity.ts';
import { judge } from '../../iam/model/judge.ts';
import type { Sender } from '../model/buses.ts';
import type { BusNeighbours } from '../model/neighbours.ts';
import type { Routed } from '../operations/rules.ts';

/** Why an event didn't reach a target, as its dead letter says: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export type Undelivered = { code: string; message: string };

type OfBus = Extract<Delivery, { to: 'eventbridge' }>;

const busArn = /^arn:aws[a-z-]*:events:([a-z0-9-]+):(\d{12}):event-bus\/(.+)$/;

const service = 'events.amazonaws.com';

/**
 * Sends an event on to a target that is a bus, here or in another account or region. What the event says of where it is from stays as it
 * is. One that has come from another account or region goes on to no third one, and within an account none goes over three buses.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
 */
export const createForwarding = (world: World, identity: Identity, neighbours: BusNeighbours) => {
  const random = world.random.fork('bus-to-bus');
  const { account, region, partition, clock } = world;

  /** As whom a rule sends: its target's role, or its account where it names none. */
  const senderOf = ({ rule, target }: Routed, { event }: OfBus): { sender: Sender; permitted: boolean } | Undelivered => {
    const keys: Record<string, readonly string[] | undefined> = {
      'aws:principalaccount': [account],
      'aws:sourceaccount': [account],
      'aws:sourcearn': [rule.arn],
      'aws:requestedregion': [region],
      'aws:securetransport': ['true'],
      'events:source': [event.source],
      'events:detail-type': [event['detail-type']],
      // An organisation is only known of a role: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
      'aws:principalorgid': undefined,
      'aws:principalarn': undefined,
    };
    const ask: Ask = (key) => (Object.hasOwn(keys, key.toLowerCase()) ? keys[key.toLowerCase()] : 'unknown');
    if (target.RoleArn === undefined) return { sender: { caller: { partition, account, arns: [] }, ask }, permitted: false };
    const role = identity.roles(account)?.byArn(target.RoleArn);
    const trusted =
      role &&
      judge([role.trust.policy], { action: 'sts:AssumeRole', resource: role.arn, ask }, { partition, account, arns: [], service }) ===
        'allow';
    if (!trusted) return { code: 'FAILURE_TO_ASSUME_ROLE', message: `EventBridge can't assume the role ${target.RoleArn}` };
    const organization = identity.organizationOf(account);
    keys['aws:principalorgid'] = organization === undefined ? undefined : [organization];
    keys['aws:principalarn'] = [role.arn];
    const asked = { action: 'events:PutEvents', resource: target.Arn, ask };
    const permitted = verdictOf(identity, { account, role, policies: [] }, asked) === 'allow';
    return { sender: { caller: { partition, account, arns: [role.arn] }, ask }, permitted };
  };

  return (routed: Routed, delivery: OfBus): Undelivered | undefined => {
    const { Arn } = routed.target;
    const [, thatRegion = '', thatAccount = '', bus = ''] = busArn.exec(Arn) ?? [];
    const hop: Forwarded = thatAccount !== account ? 'account' : thatRegion !== region ? 'region' : 'bus';
    if (delivery.forwarded !== undefined)
      return {
        code: `THIRD_${hop === 'region' ? 'REGION' : 'ACCOUNT'}_HOP_DETECTED`,
        message: 'The event has come from another event bus.',
      };
    const there = neighbours(thatAccount, thatRegion);
    const from = senderOf(routed, delivery);
    if ('code' in from) return from;
    const taken = there?.takesEvents(bus, from.sender);
    if (!there || taken === undefined) return { code: 'NO_RESOURCE', message: `Event bus ${Arn} does not exist.` };
    // Another account needs both sides' permission, one's own account either's.
    const role = routed.target.RoleArn !== undefined;
    const allowed =
      hop === 'account' ? taken !== 'denied' && (from.permitted || !role) : taken === 'invited' || (taken === 'admitted' && from.permitted);
    if (!allowed) return { code: 'NO_PERMISSIONS', message: `Not authorized to perform events:PutEvents on ${Arn}` };
    const { least, most } = eventBridgeParameters.busToBusSeconds;
    clock.after(random.between(least, most) * 1000, () => there.deliver({ to: 'eventbridge', event: delivery.event, bus, forwarded: hop }));
    return undefined;
  };
};
