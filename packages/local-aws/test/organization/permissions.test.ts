import {
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateTableCommand, DescribeTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, RebootInstancesCommand, RunInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteRoleCommand, DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { DescribeDBInstancesCommand, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { CreateQueueCommand, GetQueueAttributesCommand, PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { PlacedRole } from '../../src/services/iam/model/roles.ts';
import { refusal } from '../harness.ts';
import { abroad, allow, home, hub, id, member, organization, policy, roleArn, trusting } from './setup.ts';

const minute = 60_000;
const tag = (value: string) => [{ ResourceType: 'instance' as const, Tags: [{ Key: 'selfheal', Value: value }] }];

let bed: ReturnType<typeof organization>;
let ids: { on: string; off: string };
beforeEach(async () => {
  bed = organization({ throttle: 'off' });
  const run = async (value: string) => {
    const { ec2 } = bed.as(member);
    const image = { ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
    const { Instances } = await ec2.send(new RunInstancesCommand({ ...image, TagSpecifications: tag(value) }));
    return Instances?.[0]?.InstanceId ?? '';
  };
  ids = { on: await run('on'), off: await run('off') };
  await bed.org.advanceTo(bed.org.aws.world.clock.now() + 5 * minute);
});
afterEach(() => bed.org.close());

const instanceArn = (instance: string) => `arn:aws:ec2:${home}:${member}:instance/${instance}`;

/** A session of a member's role with these statements. */
const session = async (statements: object[], more: Partial<PlacedRole> & { sessionPolicy?: object } = {}, region = home) => {
  const { sessionPolicy, ...role } = more;
  bed.org.world(member).iam.putRole({
    name: 'member',
    trust: trusting({ AWS: hub }, undefined, ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession']),
    policies: { work: policy(...statements) },
    ...role,
  });
  const narrowed = sessionPolicy ? { Policy: JSON.stringify(sessionPolicy) } : {};
  const { credentials } = await bed.assume(bed.as(hub), roleArn(member, 'member'), { SourceIdentity: 'inc-7', ...narrowed });
  return bed.as(credentials, region);
};

const optedIn = { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } };
const reboot = (clients: ReturnType<typeof bed.as>, ...InstanceIds: string[]) =>
  clients.ec2.send(new RebootInstancesCommand({ InstanceIds }));
const rebooting = [allow('ec2:RebootInstances', `arn:aws:ec2:*:${member}:instance/*`, optedIn)];
const who = `arn:aws:sts::${member}:assumed-role/member/incident-1`;

describe("a session's call", () => {
  test('needs a policy of its role that reaches action, resource and tags; all resources that it names have to be reached', async () => {
    const clients = await session(rebooting);
    await reboot(clients, ids.on);
    const { code, status, message } = await refusal(reboot(clients, ids.on, ids.off));
    expect({ code, status }).toEqual({ code: 'UnauthorizedOperation', status: 403 });
    expect(message).toBe(
      `You are not authorized to perform this operation. User: ${who} is not authorized to perform: ec2:RebootInstances on resource: ${instanceArn(ids.off)} because no identity-based policy allows the ec2:RebootInstances action`,
    );
    expect(await refusal(clients.ec2.send(new StopInstancesCommand({ InstanceIds: [ids.on] })))).toMatchObject({
      code: 'UnauthorizedOperation',
    });
    expect(await refusal(clients.ec2.send(new DescribeInstancesCommand({})))).toMatchObject({ code: 'UnauthorizedOperation' });
    expect((await clients.sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(who);
  });

  test('is refused before a dry run says that it would have succeeded', async () => {
    const clients = await session(rebooting);
    const dry = (id: string) => clients.ec2.send(new RebootInstancesCommand({ InstanceIds: [id], DryRun: true }));
    expect(await refusal(dry(ids.on))).toMatchObject({ code: 'DryRunOperation' });
    expect(await refusal(dry(ids.off))).toMatchObject({ code: 'UnauthorizedOperation' });
  });

  type Case = [what: string, statements: object[], more: Parameters<typeof session>[1], because: string];
  const everything = [allow('*')];
  const cases: Case[] = [
    [
      'a denial',
      [...everything, { Effect: 'Deny', Action: 'ec2:Reboot*', Resource: '*' }],
      {},
      'with an explicit deny in an identity-based policy',
    ],
    [
      'a denial of all but one organisation',
      [...everything, { Effect: 'Deny', Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:ResourceOrgID': id } } }],
      {},
      'with an explicit deny in an identity-based policy',
    ],
    [
      'a denial under a condition that nobody knows',
      [...everything, { Effect: 'Deny', Action: '*', Resource: '*', Condition: { DateGreaterThan: { 'aws:CurrentTime': '2099-01-01' } } }],
      {},
      'with an explicit deny in an identity-based policy',
    ],
    [
      'a permission under a condition that nobody knows',
      [allow('*', '*', { StringEquals: { 'aws:MoonPhase': 'full' } })],
      {},
      'because no identity-based policy allows the ec2:RebootInstances action',
    ],
    [
      'another region',
      [allow('*', '*', { StringEquals: { 'aws:RequestedRegion': abroad } })],
      {},
      'because no identity-based policy allows',
    ],
    [
      'a permission for all but it',
      [{ Effect: 'Allow', NotAction: 'ec2:*', Resource: '*' }],
      {},
      'because no identity-based policy allows',
    ],
    ['a boundary without it', everything, { boundary: policy(allow('ec2:Describe*')) }, 'because no permissions boundary allows'],
    [
      'a boundary that denies it',
      everything,
      { boundary: policy(allow('*'), { Effect: 'Deny', Action: 'ec2:RebootInstances', Resource: '*' }) },
      'with an explicit deny in a permissions boundary',
    ],
    [
      'a boundary that AWS keeps',
      everything,
      { boundary: 'arn:aws:iam::aws:policy/AWSDenyAll' },
      'with an explicit deny in a permissions boundary',
    ],
    ['a narrower session', everything, { sessionPolicy: policy(allow('ec2:Describe*')) }, 'because no session policy allows'],
  ];
  test.each(cases)('is refused by %s', async (_what, statements, more, because) => {
    const clients = await session(statements, more);
    expect((await refusal(reboot(clients, ids.on))).message).toContain(because);
    expect(bed.org.world(member).world.calls.at(-1)).toMatchObject({ operation: 'RebootInstances', error: 'UnauthorizedOperation' });
  });

  test.each([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of policies
    ["the caller's own organisation", { StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' } }, true],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of policies
    ['a variable that has no value', { StringNotEquals: { 'aws:ResourceOrgID': '${aws:PrincipalTag/org}' } }, false],
    ['the organisation by its id', { StringEquals: { 'aws:ResourceOrgID': id, 'aws:ResourceAccount': member } }, true],
    ['the source identity', { StringLike: { 'aws:SourceIdentity': 'inc-*' } }, true],
    ['one of several tags', { 'ForAnyValue:StringEquals': { 'ec2:ResourceTag/selfheal': ['on', 'yes'] } }, true],
    ['a tag that is not there', { Null: { 'aws:ResourceTag/other': 'true' } }, true],
    ['a tag in any case', { StringEqualsIgnoreCase: { 'aws:resourcetag/selfheal': 'ON' } }, true],
    ['a tag, whatever the case of its name', { StringEquals: { 'aws:ResourceTag/SelfHeal': 'on' } }, true],
    ['a tag in another case', { StringEquals: { 'aws:ResourceTag/selfheal': 'ON' } }, false],
  ])('is held against %s', async (_what, condition, permitted) => {
    const clients = await session([allow('ec2:RebootInstances', '*', condition)]);
    const outcome = reboot(clients, ids.on).then(
      () => true,
      () => false,
    );
    expect(await outcome).toBe(permitted);
  });

  test('is refused once its role is gone, also if another one comes in its place', async () => {
    const clients = await session([allow('*')]);
    await reboot(clients, ids.on);
    const { iam } = bed.as(member);
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'member', PolicyName: 'work' }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'member' }));
    expect(await refusal(reboot(clients, ids.on))).toMatchObject({ code: 'UnauthorizedOperation' });
    await session([allow('*')]);
    expect(await refusal(reboot(clients, ids.on))).toMatchObject({ code: 'UnauthorizedOperation' });
  });

  test('is judged by what the resources of other services are called and tagged', async () => {
    const owner = bed.as(member);
    const place = { LaunchConfigurationName: 'lc', ImageId: 'ami-0123456789abcdef0', InstanceType: 't3.micro' };
    await owner.autoScaling.send(new CreateLaunchConfigurationCommand(place));
    for (const [name, value] of [
      ['web', 'on'],
      ['batch', 'off'],
    ] as const) {
      const tags = [{ Key: 'selfheal', Value: value, PropagateAtLaunch: false }];
      const group = { AutoScalingGroupName: name, LaunchConfigurationName: 'lc', MinSize: 0, MaxSize: 4, DesiredCapacity: 1, Tags: tags };
      await owner.autoScaling.send(new CreateAutoScalingGroupCommand({ ...group, AvailabilityZones: [`${home}a`] }));
    }
    const { rds, ssm } = bed.org.world(member);
    rds.place({ id: 'orders', kind: 'instance', tags: { selfheal: 'on' } });
    rds.place({ id: 'other', kind: 'instance' });
    ssm.placeDocument({ name: 'Shop-Restart' });
    ssm.putParameter('/selfheal/prod/switch', 'on');
    await owner.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
    const key = { AttributeName: 'pk', AttributeType: 'S' as const };
    const table = { TableName: 'ledger', AttributeDefinitions: [key], KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }] };
    await owner.dynamoDb.send(new CreateTableCommand({ ...table, BillingMode: 'PAY_PER_REQUEST' }));
    await bed.org.advanceTo(bed.org.aws.world.clock.now() + 10 * minute);

    const of = (service: string, name: string) => `arn:aws:${service}:${home}:${member}:${name}`;
    const leading = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['inbox#*'] }, Null: { 'dynamodb:LeadingKeys': 'false' } };
    const clients = await session([
      allow(
        ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup'],
        of('autoscaling', 'autoScalingGroup:*:autoScalingGroupName/*'),
        { StringEquals: { 'autoscaling:ResourceTag/selfheal': 'on' } },
      ),
      allow('rds:DescribeDBInstances', of('rds', 'db:*')),
      allow('rds:RebootDBInstance', of('rds', 'db:*'), { StringEquals: { 'rds:db-tag/selfheal': 'on' } }),
      allow('ssm:GetParameter', of('ssm', 'parameter/selfheal/*')),
      allow('ssm:SendCommand', of('ssm', 'document/Shop-*')),
      allow('ssm:SendCommand', of('ec2', 'instance/*'), optedIn),
      allow('sqs:GetQueueAttributes', of('sqs', 'dead')),
      allow('events:PutEvents', of('events', 'event-bus/default'), { StringEquals: { 'events:source': 'selfheal' } }),
      allow(['dynamodb:GetItem', 'dynamodb:PutItem'], of('dynamodb', 'table/ledger'), leading),
    ]);
    const capacity = (AutoScalingGroupName: string) =>
      clients.autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity: 2 }));
    const memberOf = (group: string) => bed.org.world(member).autoScaling.get(group)?.memberIds[0] ?? '';
    const terminate = (group: string) =>
      clients.autoScaling.send(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: memberOf(group), ShouldDecrementDesiredCapacity: false }),
      );
    const command = (DocumentName: string, id: string) => clients.ssm.send(new SendCommandCommand({ DocumentName, InstanceIds: [id] }));
    const QueueUrl = `http://sqs.${home}.localhost/${member}/dead`;
    const event = (Source: string) =>
      clients.eventBridge.send(new PutEventsCommand({ Entries: [{ Source, DetailType: 'Outcome', Detail: '{}' }] }));
    const item = (pk: string) => clients.dynamoDb.send(new PutItemCommand({ TableName: 'ledger', Item: { pk: { S: pk } } }));
    const permitted = [
      () => capacity('web'),
      () => terminate('web'),
      () => clients.rds.send(new DescribeDBInstancesCommand({})),
      () => clients.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'Orders' })),
      () => clients.ssm.send(new GetParameterCommand({ Name: '/selfheal/prod/switch' })),
      () => command('Shop-Restart', ids.on),
      () => clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl })),
      () => event('selfheal'),
      () => item('inbox#1'),
    ];
    for (const call of permitted) await call();
    const refused: [() => Promise<unknown>, string, number][] = [
      [() => capacity('batch'), 'AccessDenied', 403],
      [() => terminate('batch'), 'AccessDenied', 403],
      [() => clients.rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'other' })), 'AccessDenied', 403],
      [() => clients.ssm.send(new GetParameterCommand({ Name: '/other' })), 'AccessDeniedException', 400],
      [() => command('Shop-Restart', ids.off), 'AccessDeniedException', 400],
      [() => command('AWS-RunShellScript', ids.on), 'AccessDeniedException', 400],
      [() => clients.sqs.send(new PurgeQueueCommand({ QueueUrl })), 'AccessDenied', 403],
      [() => event('other'), 'AccessDeniedException', 400],
      [() => item('lease#1'), 'AccessDeniedException', 400],
      [
        () => clients.dynamoDb.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: 'lease#1' } } })),
        'AccessDeniedException',
        400,
      ],
      [() => clients.dynamoDb.send(new DescribeTableCommand({ TableName: 'ledger' })), 'AccessDeniedException', 400],
    ];
    for (const [call, code, status] of refused) expect(await refusal(call())).toMatchObject({ code, status });
  });
});

describe('CloudTrail', () => {
  test("tells of a session's call in the account and region that it was made in, with its role and whose doing it is", async () => {
    const clients = await session(rebooting);
    const calledAt = bed.org.aws.world.clock.now();
    await reboot(clients, ids.on);
    await refusal(reboot(clients, ids.off));
    await bed.org.advanceTo(calledAt + 20 * minute);
    const lookup = async (account: string, region: string) => {
      const attribute = { AttributeKey: 'Username' as const, AttributeValue: 'incident-1' };
      const { Events = [] } = await bed.as(account, region).cloudTrail.send(new LookupEventsCommand({ LookupAttributes: [attribute] }));
      return Events.map(({ CloudTrailEvent = '' }) => JSON.parse(CloudTrailEvent) as Record<string, unknown>);
    };
    const issuer = { type: 'Role', arn: roleArn(member, 'member'), accountId: member, userName: 'member' };
    const [refused, done, ...more] = await lookup(member, home);
    expect(more).toEqual([]);
    expect(done).toMatchObject({
      eventName: 'RebootInstances',
      awsRegion: home,
      recipientAccountId: member,
      userIdentity: {
        type: 'AssumedRole',
        arn: who,
        accountId: member,
        sessionContext: { sessionIssuer: issuer, sourceIdentity: 'inc-7', attributes: { mfaAuthenticated: 'false' } },
      },
    });
    expect(refused).toMatchObject({ errorCode: 'Client.UnauthorizedOperation' });
    expect([...(await lookup(hub, home)), ...(await lookup(member, abroad))]).toEqual([]);
  });
});

describe('throttles and faults', () => {
  test('are of one account and region', async () => {
    await bed.org.close();
    bed = organization();
    const burst = async (account: string, region: string) => {
      const { autoScaling } = bed.as(account, region);
      const name = { AutoScalingGroupName: 'none', DesiredCapacity: 1 };
      const calls = Array.from({ length: 25 }, () => refusal(autoScaling.send(new SetDesiredCapacityCommand(name))));
      return (await Promise.all(calls)).filter(({ code }) => code === 'Throttling' || code === 'ThrottlingException').length;
    };
    for (const [account, region] of [
      [hub, home],
      [member, home],
      [member, abroad],
    ] as const)
      expect(await burst(account, region)).toBe(5);
    bed.org.world(member, abroad).faults.inject({ fault: 'fail-call', service: 'ec2', code: 'Unavailable', status: 503 });
    const describe = (account: string, region: string) => bed.as(account, region).ec2.send(new DescribeInstancesCommand({}));
    expect(await refusal(describe(member, abroad))).toMatchObject({ code: 'Unavailable' });
    await describe(member, home);
    await describe(hub, abroad);
  });
});
