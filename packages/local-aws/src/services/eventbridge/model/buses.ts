import type { Target } from '@aws-sdk/client-eventbridge';
import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Ask } from '../../iam/model/condition.ts';
import { type Policy, type PolicyText, readPolicy, textOfPolicy } from '../../iam/model/document.ts';
import { type Caller, judge } from '../../iam/model/judge.ts';
import type { Pattern } from './pattern.ts';

export type Rule = {
  name: string;
  arn: string;
  patternText: string;
  pattern: Pattern;
  enabled: boolean;
  description: string | undefined;
  roleArn: string | undefined;
  targets: Map<string, Target>;
};

export type Bus = {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly description: string | undefined;
  policy: { text: string; policy: Policy } | undefined;
  /** By their names. */
  readonly rules: Map<string, Rule>;
};

/** Who puts events to a bus: himself, or by a rule whose target it is. */
export type Sender = { caller: Caller; ask: Ask };

const defaultBus = 'default';
/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html */
const mostPolicyBytes = 10_240;

/** The buses of an account and region, each with its rules and with what it lets others do. */
export const createBuses = (world: World) => {
  const buses = new Map<string, Bus>();
  const arnPrefix = world.arn('events', 'event-bus/');

  const add = (name: string, description?: string): Bus => {
    const bus: Bus = { name, arn: `${arnPrefix}${name}`, createdAt: world.clock.now(), description, policy: undefined, rules: new Map() };
    buses.set(name, bus);
    return bus;
  };
  add(defaultBus);

  /** By its name or ARN; the default one where none is named. */
  const find = (asked = defaultBus): Bus | undefined => buses.get(asked.startsWith(arnPrefix) ? asked.slice(arnPrefix.length) : asked);

  const expect = (asked: string | undefined): Bus => {
    const bus = find(asked);
    if (!bus) throw new AwsError('ResourceNotFoundException', `Event bus ${asked} does not exist.`);
    return bus;
  };

  const setPolicy = (bus: Bus, written: PolicyText | undefined): void => {
    const text = written === undefined ? '' : textOfPolicy(written);
    if (Buffer.byteLength(text) > mostPolicyBytes)
      throw new AwsError('PolicyLengthExceededException', `The event bus policy is longer than ${mostPolicyBytes} bytes.`);
    bus.policy = written === undefined ? undefined : { text, policy: readPolicy(written, 'resource', 'ValidationException') };
  };

  return {
    find,
    expect,
    setPolicy,
    all: (): Bus[] => [...buses.values()],
    create: (name: string, description?: string): Bus => {
      if (!/^[/.\-_A-Za-z0-9]{1,256}$/.test(name) || name.startsWith('aws.'))
        throw new AwsError(
          'ValidationException',
          `Parameter ${name.slice(0, 256)} is not valid. Reason: it can't be the name of an event bus.`,
        );
      if (buses.has(name)) throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
      return add(name, description);
    },
    remove: (name: string): void => {
      const bus = find(name);
      if (bus?.name === defaultBus) throw new AwsError('ValidationException', 'Cannot delete event bus default.');
      if ((bus?.rules.size ?? 0) > 0) throw new AwsError('ValidationException', "Event bus can't be deleted since it has rules.");
      if (bus) buses.delete(bus.name);
    },

    /**
     * Whether a bus takes events of a sender, whose own policies have let him pass. Its policy may keep out those of its own account; all
     * others need it to let them in. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-perms.html
     */
    admits: (bus: Bus, { caller, ask }: Sender): boolean => {
      const verdict = judge(bus.policy ? [bus.policy.policy] : [], { action: 'events:PutEvents', resource: bus.arn, ask }, caller);
      return verdict === 'silent' ? caller.account === world.account : verdict !== 'deny';
    },
    /** Whether a bus names a sender as welcome, so that he needs no policy of his own within its account. */
    invites: (bus: Bus, { caller, ask }: Sender): boolean =>
      ['allow', 'account'].includes(
        judge(bus.policy ? [bus.policy.policy] : [], { action: 'events:PutEvents', resource: bus.arn, ask }, caller),
      ),
  };
};

export type Buses = ReturnType<typeof createBuses>;
