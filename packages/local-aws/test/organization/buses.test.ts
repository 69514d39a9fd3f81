import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DescribeEventBusCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { EventBridgeEvent } from '../../src/core/world.ts';
import type { Invocation } from '../../src/services/lambda/model/hooks.ts';
import { refusal } from '../harness.ts';
import { abroad, allow, home, hub, id, member, organization, policy, roleArn, trusting } from './setup.ts';

const minute = 60_000;
const hubBus = `arn:aws:events:${home}:${hub}:event-bus/selfheal`;
const ofOrganization = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: id };
const sendRole = roleArn(member, 'send');

type Invoked = Invocation & { account: string; region: string; at: number };
let bed: ReturnType<typeof organization>;
let invoked: Invoked[];

const setUp = () => {
  invoked = [];
  bed = organization({}, (account, region) => ({
    onInvoke: (invocation) => {
      invoked.push({ ...invocation, account, region, at: bed.org.aws.world.clock.now() });
      return {};
    },
  }));
};
beforeEach(setUp);
afterEach(() => bed.org.close());

const rule = async (
  account: string,
  region: string,
  target: Partial<Target> & { Arn: string },
  { bus = 'default', pattern = { source: ['aws.ec2'] } as object } = {},
) => {
  const { eventBridge } = bed.as(account, region);
  const named = { EventBusName: bus };
  await eventBridge.send(new PutRuleCommand({ Name: 'forward', EventPattern: JSON.stringify(pattern), ...named }));
  await eventBridge.send(new PutTargetsCommand({ Rule: 'forward', Targets: [{ Id: '1', ...target }], ...named }));
};

/** A bus in the hub that takes events of the organisation, and hands all of them to a function. */
const placeHubBus = async (permission: object = { Principal: '*', Condition: ofOrganization }) => {
  const { eventBridge } = bed.as(hub);
  await eventBridge.send(new CreateEventBusCommand({ Name: 'selfheal' }));
  const put = { Action: 'events:PutEvents', StatementId: 'organization', EventBusName: 'selfheal', ...permission };
  await eventBridge.send(new PutPermissionCommand(put));
  const target = { Arn: `arn:aws:lambda:${home}:${hub}:function:intake` };
  await rule(hub, home, target, { bus: 'selfheal', pattern: { version: ['0'] } });
};
const placeSendRole = (statements: object[] = [allow('events:PutEvents', hubBus)], trust: object = { Service: 'events.amazonaws.com' }) =>
  bed.org.world(member).iam.putRole({ name: 'send', trust: trusting(trust), policies: { send: policy(...statements) } });
const toHub = { Arn: hubBus, RoleArn: sendRole };

const happens = (account: string, region: string) =>
  bed.org.world(account, region).world.putEvent({ source: 'aws.ec2', detailType: 'Test', resources: [], detail: { a: 1 } });
const pass = (time: number) => bed.org.advanceTo(bed.org.aws.world.clock.now() + time);
const heard = () => invoked.map(({ payload }) => payload as EventBridgeEvent);

describe('a rule whose target is a bus of another account', () => {
  test.each([home, abroad])('sends events of %s on as they are, a little later', async (region) => {
    await placeHubBus();
    placeSendRole();
    await rule(member, region, toHub);
    const at = bed.org.aws.world.clock.now();
    happens(member, region);
    const [sent] = bed.org.world(member, region).world.outbox;
    await pass(minute);
    expect(heard()).toEqual([(sent as { event: EventBridgeEvent }).event]);
    expect(heard()).toMatchObject([{ account: member, region, source: 'aws.ec2' }]);
    expect(invoked).toMatchObject([{ account: hub, region: home }]);
    expect(invoked[0]?.at).toBeGreaterThan(at);
    expect(invoked[0]?.at).toBeLessThanOrEqual(at + 2000);
  });

  type Case = [why: string, code: string, change: () => void | Promise<void>];
  const { eventBridge } = { eventBridge: () => bed.as(hub).eventBridge };
  const cases: Case[] = [
    [
      'the bus is of another organisation',
      'NO_PERMISSIONS',
      () => placeHubBus({ Principal: '*', Condition: { ...ofOrganization, Value: 'o-zzzzzzzzzz' } }),
    ],
    ['the bus is for another account', 'NO_PERMISSIONS', () => placeHubBus({ Principal: '999999999999' })],
    [
      'the bus has no policy',
      'NO_PERMISSIONS',
      async () => void (await eventBridge().send(new CreateEventBusCommand({ Name: 'selfheal' }))),
    ],
    [
      'the bus denies it',
      'NO_PERMISSIONS',
      async () => {
        await placeHubBus();
        const denial = {
          Effect: 'Deny',
          Principal: '*',
          Action: 'events:*',
          Resource: hubBus,
          Condition: { StringEquals: { 'events:source': 'aws.ec2' } },
        };
        const Policy = JSON.stringify(policy({ Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: hubBus }, denial));
        await eventBridge().send(new PutPermissionCommand({ EventBusName: 'selfheal', Policy }));
      },
    ],
    ['there is no bus', 'NO_RESOURCE', () => {}],
    [
      'the role may not',
      'NO_PERMISSIONS',
      async () => {
        await placeHubBus();
        placeSendRole([allow('events:PutEvents', hubBus.replace('selfheal', 'other'))]);
      },
    ],
    [
      'EventBridge may not assume the role',
      'FAILURE_TO_ASSUME_ROLE',
      async () => {
        await placeHubBus();
        placeSendRole(undefined, { Service: 'lambda.amazonaws.com' });
      },
    ],
  ];
  test.each(cases)('sends nothing where %s, and the dead-letter queue says so', async (_why, code, change) => {
    placeSendRole();
    await change();
    const { sqs } = bed.as(member);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    await rule(member, home, { ...toHub, DeadLetterConfig: { Arn: `arn:aws:sqs:${home}:${member}:dead` } });
    happens(member, home);
    await pass(minute);
    expect(heard()).toEqual([]);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }));
    expect(Messages.map(({ Body = '' }) => JSON.parse(Body) as object)).toMatchObject([{ account: member, source: 'aws.ec2' }]);
    expect(Messages[0]?.MessageAttributes).toMatchObject({ ERROR_CODE: { StringValue: code }, TARGET_ARN: { StringValue: hubBus } });
  });

  test('needs a role where the bus is for an organisation, and none where it is for the account', async () => {
    await placeHubBus();
    await rule(member, home, { Arn: hubBus });
    happens(member, home);
    await pass(minute);
    expect(heard()).toEqual([]);
    const permission = { Action: 'events:PutEvents', Principal: member, StatementId: 'member', EventBusName: 'selfheal' };
    await bed.as(hub).eventBridge.send(new PutPermissionCommand(permission));
    happens(member, home);
    await pass(minute);
    expect(heard()).toHaveLength(1);
  });

  test('sends on nothing that has come from another account itself', async () => {
    await placeHubBus();
    placeSendRole();
    await rule(member, home, toHub);
    const back = `arn:aws:events:${home}:${member}:event-bus/default`;
    bed.org
      .world(hub)
      .iam.putRole({ name: 'back', trust: trusting({ Service: 'events.amazonaws.com' }), policies: { p: policy(allow('*')) } });
    const Policy = JSON.stringify(policy({ Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: back }));
    await bed.as(member).eventBridge.send(new PutPermissionCommand({ Policy }));
    await rule(hub, home, { Arn: back, RoleArn: roleArn(hub, 'back') }, { bus: 'selfheal', pattern: { version: ['0'] } });
    const notes: string[] = [];
    bed.org.world(hub).world.subscribe((one) => void (one.type === 'note' && notes.push(one.text)));
    happens(member, home);
    await pass(minute);
    expect(notes.join()).toContain('has come from another event bus');
    expect(bed.org.world(member).world.outbox).toEqual([]);
  });

  test('loses and repeats what a fault lets it, and nothing that stays in the hub', async () => {
    await placeHubBus();
    placeSendRole();
    await rule(member, home, toHub);
    await rule(hub, home, { Arn: `arn:aws:lambda:${home}:${hub}:function:own` });
    const { faults } = bed.org.world(hub);
    const both = () => {
      happens(member, home);
      happens(hub, home);
      return pass(20 * minute);
    };
    const told = () => [member, hub].map((account) => heard().filter((event) => event.account === account).length);
    const lost = faults.inject({ fault: 'deliver', how: 'lose', forwarded: true });
    await both();
    expect(told()).toEqual([0, 1]);
    faults.end(lost);
    faults.inject({ fault: 'deliver', how: 'duplicate', forwarded: true });
    await both();
    expect(told()).toEqual([2, 2]);
    expect(new Set(heard().map(({ id: own }) => own)).size).toBe(3);
  });
});

describe('PutEvents', () => {
  const entry = (more: object = {}) => ({
    Entries: [{ Source: 'aws-like', DetailType: 'Test', Detail: '{"account":"999999999999"}', ...more }],
  });

  test("says itself whose account and region an event is of, also on a bus of another account, and never takes AWS's own sources", async () => {
    await placeHubBus();
    const { eventBridge } = bed.as(member);
    const put = (more: object) => eventBridge.send(new PutEventsCommand(entry({ EventBusName: hubBus, ...more })));
    expect((await put({ account: hub, Account: hub, region: abroad })).FailedEntryCount).toBe(0);
    const { Entries } = await put({ Source: 'aws.ec2' });
    expect(Entries).toMatchObject([{ ErrorCode: 'NotAuthorizedForSourceException' }]);
    await pass(minute);
    expect(heard()).toMatchObject([{ account: member, region: home, source: 'aws-like' }]);
  });

  test("is refused as a whole by a bus of another account that doesn't let the caller, and by one's own that denies it", async () => {
    await bed.as(hub).eventBridge.send(new CreateEventBusCommand({ Name: 'selfheal' }));
    const call = () =>
      bed.as(member).eventBridge.send(new PutEventsCommand({ Entries: [...entry().Entries, ...entry({ EventBusName: hubBus }).Entries] }));
    const said = await refusal(call());
    expect(said).toMatchObject({ code: 'AccessDeniedException', status: 400 });
    expect(said.message).toContain(`not authorized to perform: events:PutEvents on resource: ${hubBus} because no resource-based policy`);
    expect(bed.org.world(member).world.outbox).toEqual([]);
    const own = `arn:aws:events:${home}:${member}:event-bus/default`;
    const Policy = JSON.stringify(policy({ Effect: 'Deny', Principal: '*', Action: 'events:PutEvents', Resource: own }));
    await bed.as(member).eventBridge.send(new PutPermissionCommand({ Policy }));
    expect(await refusal(bed.as(member).eventBridge.send(new PutEventsCommand(entry())))).toMatchObject({ code: 'AccessDeniedException' });
  });

  test('lets nobody forge where an event is from, whatever he writes', async () => {
    await placeHubBus();
    const text = fc.string({ minLength: 1, maxLength: 20 });
    const written = fc.record({
      Source: text,
      DetailType: text,
      Detail: fc.json().map((json) => `{"x":${json}}`),
      Resources: fc.array(text),
    });
    await fc.assert(
      fc.asyncProperty(written, fc.constantFrom(home, abroad), async (one, region) => {
        invoked = [];
        const EventBusName = region === home ? hubBus : 'default';
        const { Entries = [] } = await bed
          .as(member, region)
          .eventBridge.send(new PutEventsCommand({ Entries: [{ ...one, EventBusName }] }));
        await bed.org.dispatch();
        expect(heard().every(({ account, region: from, source }) => account === member && from === home && !/^aws\./i.test(source))).toBe(
          true,
        );
        expect(heard()).toHaveLength(region === home && Entries[0]?.ErrorCode === undefined ? 1 : 0);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a bus', () => {
  test('is created, listed and deleted; its policy is put and removed by statements; its rules are its own', async () => {
    const { eventBridge } = bed.as(hub);
    await placeHubBus();
    expect(await refusal(eventBridge.send(new CreateEventBusCommand({ Name: 'selfheal' })))).toMatchObject({
      code: 'ResourceAlreadyExistsException',
    });
    const { EventBuses } = await eventBridge.send(new ListEventBusesCommand({}));
    expect(EventBuses?.map(({ Name }) => Name)).toEqual(['default', 'selfheal']);
    const described = async () => (await eventBridge.send(new DescribeEventBusCommand({ Name: hubBus }))).Policy;
    expect(JSON.parse((await described()) ?? '')).toMatchObject({
      Statement: [{ Sid: 'organization', Resource: hubBus, Condition: { StringEquals: { 'aws:PrincipalOrgID': id } } }],
    });
    await eventBridge.send(new RemovePermissionCommand({ EventBusName: 'selfheal', StatementId: 'organization' }));
    expect(await described()).toBeUndefined();
    expect((await eventBridge.send(new ListRulesCommand({}))).Rules).toEqual([]);
    const { Rules } = await eventBridge.send(new ListRulesCommand({ EventBusName: 'selfheal' }));
    expect(Rules).toMatchObject([{ Arn: `arn:aws:events:${home}:${hub}:rule/selfheal/forward`, EventBusName: 'selfheal' }]);
    expect(await refusal(eventBridge.send(new DeleteEventBusCommand({ Name: 'selfheal' })))).toMatchObject({ code: 'ValidationException' });
    expect(await refusal(eventBridge.send(new DeleteEventBusCommand({ Name: 'default' })))).toMatchObject({ code: 'ValidationException' });
    await eventBridge.send(new CreateEventBusCommand({ Name: 'other' }));
    await eventBridge.send(new DeleteEventBusCommand({ Name: 'other' }));
    expect(await refusal(eventBridge.send(new DescribeEventBusCommand({ Name: 'other' })))).toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });
});
