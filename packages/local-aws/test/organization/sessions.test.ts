import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateRoleCommand, GetRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListDocumentsCommand } from '@aws-sdk/client-ssm';
import { type AssumeRoleCommandInput, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../../src/local-aws.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';
import { abroad, allow, home, hub, id, member, organization, policy, roleArn, stranger, trusting } from './setup.ts';

const memberRole = roleArn(member, 'member');
const hubRole = roleArn(hub, 'hub');
const all = { work: policy(allow('*')) };

let bed: ReturnType<typeof organization>;
beforeEach(() => {
  bed = organization();
});
afterEach(() => bed.org.close());

const placeMember = (trust: object, more: object = {}) =>
  bed.org.world(member).iam.putRole({ name: 'member', trust, policies: all, ...more });
const whoIs = async (clients: ReturnType<typeof bed.as>) => (await clients.sts.send(new GetCallerIdentityCommand({}))).Arn;

describe('the gateway of an organisation', () => {
  test("takes an account's number for a key of it, a key that it was told for that, and any other for one of the first account", async () => {
    bed.org.addKey('deployer', member);
    expect(await whoIs(bed.as(member))).toBe(`arn:aws:iam::${member}:user/${member}`);
    expect(await whoIs(bed.as('deployer'))).toBe(`arn:aws:iam::${member}:user/deployer`);
    expect(await whoIs(bed.as('anybody'))).toBe(`arn:aws:iam::${hub}:user/anybody`);
    expect(() => bed.org.addKey('x', stranger)).toThrow(RangeError);
    expect(() => bed.org.world(stranger)).toThrow(RangeError);
  });

  test('takes the region for that which a request is signed for, and makes a world only when it is needed', async () => {
    expect([...bed.org.worlds()]).toHaveLength(1);
    await bed.as(member, abroad).ec2.send(new DescribeInstancesCommand({}));
    expect([...bed.org.worlds()].map(({ world }) => [world.account, world.region])).toEqual([
      [hub, home],
      [member, abroad],
    ]);
    expect(bed.org.world(member, abroad).world.calls).toMatchObject([{ operation: 'DescribeInstances', accessKey: member, error: null }]);
  });

  test.each([
    ['EC2', () => bed.as(member, 'sa-east-1').ec2.send(new DescribeInstancesCommand({})), 'AuthFailure', 401],
    ['STS', () => whoIs(bed.as(member, 'sa-east-1')), 'InvalidClientTokenId', 403],
  ])('refuses a region that there is not, as %s does', async (_service, call, code, status) => {
    expect(await refusal(call())).toMatchObject({ code, status });
  });

  test('gives worlds the same history whenever they come to be, and every world another one', async () => {
    const draws = async (first: string) => {
      const { org } = organization();
      org.world(first, abroad);
      await org.advanceTo(org.aws.world.clock.now() + 60_000);
      const draw = org.world(member, abroad).world.random.fork('x').hex(16);
      await org.close();
      return draw;
    };
    expect(await draws(hub)).toBe(await draws(member));
    expect(bed.org.world(hub, abroad).world.random.fork('x').hex(16)).not.toBe(await draws(hub));
  });
});

describe('AssumeRole', () => {
  test('gives out credentials of the other account, by which it is entered in any region', async () => {
    placeMember(trusting({ AWS: hubRole }, { StringEquals: { 'sts:ExternalId': 'selfheal', 'aws:PrincipalOrgID': id } }));
    const { credentials, AssumedRoleUser } = await bed.assume(bed.placeHub(), memberRole, { ExternalId: 'selfheal', DurationSeconds: 900 });
    const arn = `arn:aws:sts::${member}:assumed-role/member/incident-1`;
    expect(AssumedRoleUser?.Arn).toBe(arn);
    const { Account, Arn, UserId } = await bed.as(credentials, abroad).sts.send(new GetCallerIdentityCommand({}));
    expect({ Account, Arn, UserId }).toEqual({ Account: member, Arn: arn, UserId: AssumedRoleUser?.AssumedRoleId });
  });

  type Case = [why: string, trust: object, more?: Partial<AssumeRoleCommandInput>];
  const conditions = (Condition: object) => trusting({ AWS: hubRole }, Condition);
  const both = ['sts:AssumeRole', 'sts:SetSourceIdentity'];
  const permitted: Case[] = [
    ['the role', trusting({ AWS: hubRole })],
    ['its account, whose policies permit it', trusting({ AWS: `arn:aws:iam::${hub}:root` })],
    ["its account's number", trusting({ AWS: hub })],
    ['the session', trusting({ AWS: `arn:aws:sts::${hub}:assumed-role/hub/hub` })],
    ['everybody of the organisation', trusting('*', { StringEquals: { 'aws:PrincipalOrgID': id } })],
    ['an ARN that fits', trusting('*', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/h*' } })],
    ['a session name that fits', conditions({ StringLike: { 'sts:RoleSessionName': 'incident-*' } })],
    ['a key that is not there, if it may be missing', conditions({ StringEqualsIfExists: { 'sts:SourceIdentity': 'x' } })],
    ['a source identity', trusting({ AWS: hubRole }, { StringLike: { 'sts:SourceIdentity': 'inc-*' } }, both), { SourceIdentity: 'inc-7' }],
  ];
  test.each(permitted)('is permitted by a trust in %s', async (_why, trust, more = {}) => {
    placeMember(trust);
    await expect(bed.assume(bed.placeHub(), memberRole, more)).resolves.toMatchObject({ AssumedRoleUser: {} });
  });

  const refused: Case[] = [
    ['another role', trusting({ AWS: roleArn(hub, 'other') })],
    ['another account', trusting({ AWS: stranger })],
    ['a service', trusting({ Service: 'lambda.amazonaws.com' })],
    ['another organisation', conditions({ StringEquals: { 'aws:PrincipalOrgID': 'o-zzzzzzzzzz' } })],
    ['an external id that was not given', conditions({ StringEquals: { 'sts:ExternalId': 'selfheal' } })],
    ['another external id', conditions({ StringEquals: { 'sts:ExternalId': 'selfheal' } }), { ExternalId: 'Selfheal' }],
    ['a service that asks for an account', conditions({ StringEquals: { 'aws:SourceAccount': hub } })],
    ['a session name that does not fit', conditions({ StringLike: { 'sts:RoleSessionName': 'other-*' } })],
    ['an operator that nobody knows', conditions({ StringResembles: { 'sts:RoleSessionName': 'incident-1' } })],
    ['a key that nobody knows', conditions({ StringNotEquals: { 'aws:MoonPhase': 'full' } })],
    ['what it is denied', policy(...trusting({ AWS: hubRole }).Statement, { Effect: 'Deny', Principal: '*', Action: 'sts:*' })],
    [
      'what it is denied where nobody can say',
      policy(...trusting({ AWS: hubRole }).Statement, {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sts:*',
        Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      }),
    ],
    ['a source identity that it may not set', trusting({ AWS: hubRole }), { SourceIdentity: 'inc-7' }],
    ['tags that it may not set', trusting({ AWS: hubRole }), { Tags: [{ Key: 'a', Value: 'b' }] }],
  ];
  test.each(refused)('is refused by a trust in %s', async (_why, trust, more = {}) => {
    placeMember(trust);
    const { code, status, message } = await refusal(bed.assume(bed.placeHub(), memberRole, more));
    expect({ code, status }).toEqual({ code: 'AccessDenied', status: 403 });
    expect(message).toMatch(
      new RegExp(`^User: arn:aws:sts::${hub}:assumed-role/hub/hub is not authorized to perform: sts:\\w+ on resource: ${memberRole}$`),
    );
  });

  test("is refused where the caller's own policies don't reach the role, whatever that trusts, and in the same words where there is none", async () => {
    bed.org.world(member).iam.putRole({ name: 'other', trust: trusting({ AWS: hubRole }), policies: all });
    const caller = bed.placeHub();
    const said = async (role: string) => (await refusal(bed.assume(caller, role))).message.replace(role, 'ROLE');
    expect(await said(roleArn(member, 'other'))).toBe(await said(roleArn(member, 'none')));
    expect(await said(roleArn(stranger, 'member'))).toBe(await said(roleArn(member, 'none')));
  });

  test('within an account needs only a trust that names the caller', async () => {
    const { iam } = bed.org.world(hub);
    iam.putRole({ name: 'named', trust: trusting({ AWS: hubRole }) });
    iam.putRole({ name: 'rooted', trust: trusting({ AWS: hub }) });
    const caller = bed.placeHub();
    await expect(bed.assume(caller, roleArn(hub, 'named'))).resolves.toBeDefined();
    expect(await refusal(bed.assume(caller, roleArn(hub, 'rooted')))).toMatchObject({ code: 'AccessDenied' });
  });

  test.each([
    ['a session of less than 15 minutes', { DurationSeconds: 899 }, /greater than or equal to 900/],
    ['one of more than 12 hours', { DurationSeconds: 43_201 }, /less than or equal to 43200/],
    ["one that is longer than the role's", { DurationSeconds: 7201 }, /exceeds the MaxSessionDuration/],
    ['a session name with a slash', { RoleSessionName: 'a/b' }, /regular expression/],
    ['an external id of one letter', { ExternalId: 'a' }, /greater than or equal to 2/],
  ])('refuses %s', async (_what, more, message) => {
    placeMember(trusting({ AWS: hub }), { maxSessionSeconds: 7200 });
    const said = await refusal(bed.assume(bed.as(hub), memberRole, more));
    expect(said).toMatchObject({ code: 'ValidationError', status: 400, message: expect.stringMatching(message) });
  });

  test('from a session lasts an hour at most, and goes on with its source identity and its transitive tags', async () => {
    const trust = trusting({ AWS: [hub, member] }, undefined, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']);
    placeMember(trust, { maxSessionSeconds: 43_200 });
    bed.org.world(member).iam.putRole({ name: 'second', trust, policies: all, maxSessionSeconds: 43_200 });
    const first = await bed.assume(bed.as(hub), memberRole, {
      DurationSeconds: 43_200,
      SourceIdentity: 'inc-7',
      Tags: [{ Key: 'team', Value: 'a' }],
      TransitiveTagKeys: ['team'],
    });
    const caller = bed.as(first.credentials);
    const second = roleArn(member, 'second');
    expect(await refusal(bed.assume(caller, second, { DurationSeconds: 3601 }))).toMatchObject({
      message: expect.stringMatching(/1 hour session limit for roles assumed by role chaining/),
    });
    expect(await refusal(bed.assume(caller, second, { SourceIdentity: 'inc-8' }))).toMatchObject({ code: 'AccessDenied' });
    expect(await refusal(bed.assume(caller, second, { Tags: [{ Key: 'team', Value: 'b' }] }))).toMatchObject({
      code: 'InvalidParameterValue',
    });
    const { SourceIdentity, credentials } = await bed.assume(caller, second);
    expect(SourceIdentity).toBe('inc-7');
    expect(bed.org.aws.world.sessionOf(credentials.accessKeyId)).toMatchObject({ tags: new Map([['team', 'a']]), sourceIdentity: 'inc-7' });
  });
});

describe('the credentials of a session', () => {
  const calls = {
    EC2: (clients: ReturnType<typeof bed.as>) => clients.ec2.send(new DescribeInstancesCommand({})),
    STS: (clients: ReturnType<typeof bed.as>) => clients.sts.send(new GetCallerIdentityCommand({})),
    SSM: (clients: ReturnType<typeof bed.as>) => clients.ssm.send(new ListDocumentsCommand({})),
    Lambda: (clients: ReturnType<typeof bed.as>) => clients.lambda.send(new ListFunctionsCommand({})),
  };
  const codes = [
    ['EC2', 'RequestExpired', 400, 'AuthFailure', 401],
    ['STS', 'ExpiredToken', 403, 'InvalidClientTokenId', 403],
    ['SSM', 'ExpiredTokenException', 400, 'UnrecognizedClientException', 400],
    ['Lambda', 'ExpiredTokenException', 403, 'UnrecognizedClientException', 403],
  ] as const;

  test.each(codes)(
    'are good to the millisecond in which they end, and need their own token, as %s says it',
    async (service, expired, expiredStatus, invalid, invalidStatus) => {
      placeMember(trusting({ AWS: hub }));
      const { credentials, Credentials } = await bed.assume(bed.as(hub), memberRole, { DurationSeconds: 900 });
      const call = calls[service];
      for (const sessionToken of [undefined, `${credentials.sessionToken}x`])
        expect(await refusal(call(bed.as({ ...credentials, sessionToken })))).toMatchObject({ code: invalid, status: invalidStatus });
      expect(await refusal(call(bed.as({ accessKeyId: 'ASIAUNKNOWN', sessionToken: 'any' })))).toMatchObject({ code: invalid });
      await bed.org.advanceTo((Credentials?.Expiration?.getTime() ?? 0) - 1);
      await call(bed.as(credentials));
      await bed.org.advanceTo(Credentials?.Expiration?.getTime() ?? 0);
      expect(await refusal(call(bed.as(credentials)))).toMatchObject({ code: expired, status: expiredStatus });
    },
  );

  test('that a service has for its function do not end', async () => {
    const caller = bed.placeHub();
    await bed.org.advanceTo(bed.org.aws.world.clock.now() + 30 * 24 * 3_600_000);
    expect(await whoIs(caller)).toBe(`arn:aws:sts::${hub}:assumed-role/hub/hub`);
  });
});

describe('an account that stands for itself', () => {
  test('has roles and sessions of its own, over the wire, and takes tokens that nobody here gave out', async () => {
    const aws = createLocalAws(worldOptions);
    const { iam, sts } = localClients(aws.handle, { accessKeyId: 'me', sessionToken: 'from the environment' });
    const document = JSON.stringify(trusting({ AWS: worldOptions.account }));
    await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: document, MaxSessionDuration: 7200 }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'p', PolicyDocument: JSON.stringify(all.work) }));
    expect(await refusal(iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: document })))).toMatchObject({
      code: 'EntityAlreadyExistsException',
      status: 409,
    });
    expect(await refusal(iam.send(new CreateRoleCommand({ RoleName: 's', AssumeRolePolicyDocument: '{' })))).toMatchObject({
      code: 'MalformedPolicyDocumentException',
    });
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'r' }));
    expect(Role).toMatchObject({ Arn: roleArn(worldOptions.account, 'r'), MaxSessionDuration: 7200 });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toBe(document);
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:iam::${worldOptions.account}:user/me`);
    await aws.close();
  });
});
