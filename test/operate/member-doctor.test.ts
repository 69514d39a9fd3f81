import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { DisableRuleCommand, ListTargetsByRuleCommand, PutTargetsCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  DeleteRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { DeleteQueueCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { alarmTopic } from '../../local/doctor/checks/alarm-topic.ts';
import { trust } from '../../local/doctor/checks/trust.ts';
import type { Examined } from '../../local/doctor/examine.ts';
import { findHub } from '../../local/doctor/hub.ts';
import { hubDoctorPermissions, memberChecks, memberDoctorPermissions } from '../../local/doctor/member.ts';
import { createMember } from '../../local/doctor/member-subject.ts';
import { jsonLines, selfheal } from '../cli/io.ts';
import { sendAwsCall } from '../docs/aws-call.ts';
import { partOf } from '../runner/whole.ts';
import { closeServed, servedHub } from './served.ts';

const [hub, shop, bare] = ['111122223333', '444455556666', '777788889999'];
const [home, abroad] = ['us-east-1', 'eu-west-1'];
const organization = {
  id: 'o-a1b2c3d4e5',
  accounts: [shop, bare],
  regions: [abroad],
  members: [{ account: shop, region: abroad, alarmsBy: ['bus', 'topic'] as const }],
};
const roleName = `selfheal-member-local-${abroad}`;

let served: Awaited<ReturnType<typeof servedHub>>;
beforeEach(async () => {
  served = await servedHub(organization);
  const tag = { ResourceType: 'instance' as const, Tags: [{ Key: 'selfheal', Value: 'on' }] };
  const host = { ImageId: 'ami-0123456789abcdef0', MinCount: 1, MaxCount: 1, TagSpecifications: [tag] };
  for (const [account, region] of [
    [shop, abroad],
    [hub, home],
  ] as const) {
    await served.clientsOf(account, region).ec2.send(new RunInstancesCommand(host));
    // What an operator of the hub may become there: to look, and nothing else.
    served.worldOf(account, region).iam.putRole({
      name: 'Auditor',
      trust: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: hub },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': 'let-me' } },
        },
      },
      policies: { look: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: [...memberDoctorPermissions], Resource: '*' } } },
    });
  }
  await served.advance(60);
});
afterEach(closeServed);

const iam = () => served.clientsOf(shop, abroad).of(IAMClient);
const asShop = () => ({ ...served.env, AWS_ACCESS_KEY_ID: shop, AWS_REGION: abroad });
const byRole = '--role Auditor --external-id let-me';
const there = `--account ${shop} --region ${abroad}`;

/** What the doctor says, with its exit code. */
const doctor = async (args: string, env = served.env) => {
  await served.advance(10);
  const { code, stdout, stderr } = await selfheal(['doctor', ...args.split(' '), '--json'], { env });
  const said = (stdout === '' ? [] : jsonLines(stdout)) as (Examined & { account: string; region: string })[];
  return { code, stderr, said, broken: said.filter(({ verdict }) => verdict === 'broken') };
};

describe('a member in which all is well', () => {
  test('is told so from the hub, by a role that may look and nothing else, and only by calls that read', async () => {
    // IAM is in no region.
    const logs = [served.aws(), served.worldOf(shop, abroad), served.worldOf(shop, home)].map(({ world }) => world.calls);
    for (const calls of logs) calls.length = 0;
    const { code, said } = await doctor(`${there} ${byRole}`);
    expect(said.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(said.map(({ check }) => check)).toEqual(['credentials', ...memberChecks.map(({ id }) => id)]);
    expect(said.every(({ account, region }) => account === shop && region === abroad)).toBe(true);
    expect(said[0]?.says).toContain(`arn:aws:sts::${shop}:assumed-role/Auditor/selfheal-operator`);
    expect(said.find(({ check }) => check === 'rules')?.says).toContain(`arn:aws:events:${home}:${hub}:event-bus/selfheal-local-hub`);
    expect(code).toBe(0);

    const called = logs
      .flat()
      .filter(({ accessKey }) => accessKey !== 'selfheal')
      .map(({ service, operation }) => `${service}:${operation}`);
    expect(called.filter((name) => !/:(Get|List|Describe|Simulate|AssumeRole$)/.test(name))).toEqual([]);
    const known = new Set([...memberDoctorPermissions, ...hubDoctorPermissions, 'sts:AssumeRole', 'sts:GetCallerIdentity']);
    expect(new Set(called)).toEqual(known);
  });

  test('is told so by credentials of its own, which know of no hub', async () => {
    const { code, said } = await doctor(`--account ${shop}`, asShop());
    expect(said.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(said[0]).toMatchObject({ account: shop, region: abroad });
    expect(code).toBe(0);
  });
});

/** What is broken on purpose, the check that finds it, and the beginning of what repairs it. */
const drift = /^AWS_REGION=eu-west-1 bash tools\/revert-drift\.sh selfheal-member-local$/;
const deploy =
  /^aws cloudformation deploy .* --region eu-west-1 .* HubAccount=111122223333 HubRegion=us-east-1 HubRole=arn:aws:iam::111122223333:role\/selfheal-local-remediate /;
type Trust = { Statement: { Principal: { AWS: unknown }; Action: string; Condition: { StringEquals: Record<string, string> } }[] };
const changeTrust = async (change: (trust: Trust) => void) => {
  const { Role } = await iam().send(new GetRoleCommand({ RoleName: roleName }));
  const trust = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')) as Trust;
  change(trust);
  await iam().send(new UpdateAssumeRolePolicyCommand({ RoleName: roleName, PolicyDocument: JSON.stringify(trust) }));
};
const condition = (trust: Trust, i = 0) => trust.Statement[i]?.Condition.StringEquals ?? {};
const eventBridge = () => served.clientsOf(shop, abroad).eventBridge;
const aim = async (Arn: string) => {
  const { Targets: [target] = [] } = await eventBridge().send(new ListTargetsByRuleCommand({ Rule: 'selfheal-local-alarms' }));
  await eventBridge().send(new PutTargetsCommand({ Rule: 'selfheal-local-alarms', Targets: [{ ...target, Id: 'hub', Arn }] }));
};
const sqs = () => served.clientsOf(shop, abroad).of(SQSClient);
const lettersUrl = async () => (await sqs().send(new GetQueueUrlCommand({ QueueName: 'selfheal-local-member-dead-letters' }))).QueueUrl;
const TopicArn = `arn:aws:sns:${abroad}:${shop}:selfheal-local-member-alarms`;
const intake = `arn:aws:lambda:${home}:${hub}:function:selfheal-local-intake`;
const listen =
  /^npx sls deploy --stage local --region us-east-1 --param hub=on --param organization=ORGANIZATION --param memberTopics=444455556666:eu-west-1$/;
const sns = () => served.clientsOf(shop, abroad).sns;
type TopicStatement = {
  Sid?: string;
  Effect: string;
  Principal: unknown;
  Action: string;
  Resource: string;
  Condition?: Record<string, object>;
};
const setTopic = (AttributeName: string, AttributeValue: string) =>
  sns().send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
const changeTopicPolicy = async (change: (statement: TopicStatement[]) => unknown) => {
  const { Attributes } = await sns().send(new GetTopicAttributesCommand({ TopicArn }));
  const policy = JSON.parse(Attributes?.Policy ?? '') as { Statement: TopicStatement[] };
  change(policy.Statement);
  await setTopic('Policy', JSON.stringify(policy));
};
const unsubscribe = async () => {
  const { Subscriptions = [] } = await sns().send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  for (const { SubscriptionArn } of Subscriptions) await sns().send(new UnsubscribeCommand({ SubscriptionArn }));
};
const broken: [string, string, RegExp, RegExp, () => Promise<unknown>][] = [
  [
    'its switch is off',
    'kill-switch',
    /^off/,
    /^npx selfheal switch on --stage local --account 444455556666 --region eu-west-1$/,
    () => selfheal(['switch', 'off', '--account', shop], { env: asShop() }),
  ],
  [
    'its switch is gone',
    'kill-switch',
    /^there is no parameter/,
    drift,
    () => served.clientsOf(shop, abroad).ssm.send(new DeleteParameterCommand({ Name: '/selfheal/local/switch' })),
  ],
  [
    'a rule is disabled',
    'rules',
    /1 rule disabled/,
    /^aws events enable-rule --name selfheal-local-alarms --region eu-west-1$/,
    () => eventBridge().send(new DisableRuleCommand({ Name: 'selfheal-local-alarms' })),
  ],
  [
    'its queue is gone',
    'dead-letters',
    /^there is no queue selfheal-local-member-dead-letters/,
    drift,
    async () => sqs().send(new DeleteQueueCommand({ QueueUrl: await lettersUrl() })),
  ],
  [
    'what could not be sent is in its queue',
    'dead-letters',
    /^1 event in selfheal-local-member-dead-letters/,
    /^aws sqs receive-message --queue-url \S+member-dead-letters --region eu-west-1 /,
    async () => sqs().send(new SendMessageCommand({ QueueUrl: await lettersUrl(), MessageBody: '{}' })),
  ],
  [
    'a rule leads nowhere',
    'rules',
    /without the target: selfheal-local-alarms/,
    deploy,
    () => eventBridge().send(new RemoveTargetsCommand({ Rule: 'selfheal-local-alarms', Ids: ['hub'] })),
  ],
  [
    "a rule leads to another account's bus of the name",
    'rules',
    /without the target/,
    deploy,
    () => aim(`arn:aws:events:${home}:${bare}:event-bus/selfheal-local-hub`),
  ],
  [
    'a rule leads to another region',
    'rules',
    /without the target/,
    deploy,
    () => aim(`arn:aws:events:${abroad}:${hub}:event-bus/selfheal-local-hub`),
  ],
  [
    'a role trusts another account, too',
    'trust',
    /trusts 777788889999, which is no role of the hub/,
    deploy,
    () =>
      changeTrust((trust) =>
        Object.assign(trust.Statement[0]?.Principal ?? {}, { AWS: [`arn:aws:iam::${hub}:role/selfheal-local-remediate`, bare] }),
      ),
  ],
  [
    'a role trusts anybody of the organisation',
    'trust',
    /trusts \*/,
    deploy,
    () => changeTrust((trust) => Object.assign(trust.Statement[1]?.Principal ?? {}, { AWS: '*' })),
  ],
  [
    'a role does not ask for the organisation',
    'trust',
    /outside the organisation/,
    drift,
    () => changeTrust((trust) => delete condition(trust)['aws:PrincipalOrgID']),
  ],
  [
    'a role does not ask for the external id',
    'trust',
    /without the external id/,
    drift,
    () => changeTrust((trust) => delete condition(trust)['sts:ExternalId']),
  ],
  ['a role lets no source identity be set', 'trust', /source identity/, drift, () => changeTrust((trust) => trust.Statement.splice(1))],
  [
    'a role has lost a policy',
    'permissions',
    /may not ssm:GetParameter: no statement that allows it/,
    drift,
    () => iam().send(new DeleteRolePolicyCommand({ RoleName: `selfheal-member-watch-local-${abroad}`, PolicyName: 'read-switch' })),
  ],
  [
    'a boundary leaves nothing of a role',
    'permissions',
    /may not ec2:RebootInstances: the role's boundary/,
    drift,
    () => iam().send(new PutRolePermissionsBoundaryCommand({ RoleName: roleName, PermissionsBoundary: boundary() })),
  ],
  ['intake is not subscribed to the topic', 'alarm-topic', /^intake of the hub is not subscribed/, listen, unsubscribe],
  [
    'the member itself has subscribed intake',
    'alarm-topic',
    /^intake's subscription is not confirmed/,
    listen,
    async () => {
      await unsubscribe();
      await sns().send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: intake }));
    },
  ],
  [
    'the topic takes alarms of whatever account',
    'alarm-topic',
    /^the topic lets cloudwatch.amazonaws.com sns:publish, as no template has it$/,
    drift,
    () => changeTopicPolicy(([alarms]) => delete alarms?.Condition),
  ],
  [
    'the topic takes alarms of another account',
    'alarm-topic',
    /^the topic doesn't let the alarms of its own account in$/,
    drift,
    () => changeTopicPolicy(([alarms]) => Object.assign(alarms ?? {}, { Condition: { StringEquals: { 'aws:SourceAccount': bare } } })),
  ],
  [
    'the topic may be subscribed to by anything of the hub',
    'alarm-topic',
    /^the topic doesn't let the hub subscribe its intake, and nothing else/,
    drift,
    () =>
      changeTopicPolicy(([, hubs]) =>
        Object.assign(hubs ?? {}, { Condition: { StringEquals: { 'aws:PrincipalOrgID': organization.id, 'sns:Protocol': 'lambda' } } }),
      ),
  ],
  [
    'the topic may be subscribed to by any account',
    'alarm-topic',
    /^the topic lets \* sns:subscribe/,
    drift,
    () => changeTopicPolicy((all) => all.push({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sns:Subscribe', Resource: TopicArn })),
  ],
  [
    'the topic takes messages of identities',
    'alarm-topic',
    /^the topic lets identities of its own account publish/,
    drift,
    () => changeTopicPolicy((all) => all.splice(3)),
  ],
  [
    "the topic has AWS's own key",
    'alarm-topic',
    /^the topic is not encrypted by a key that CloudWatch may use$/,
    drift,
    () => setTopic('KmsMasterKeyId', 'alias/aws/sns'),
  ],
];
const boundary = () => {
  const look = { Effect: 'Allow', Action: ['*:Describe*', '*:Get*', '*:List*'], Resource: '*' };
  return served.worldOf(shop, abroad).iam.putPolicy('bounds', { Version: '2012-10-17', Statement: look });
};

test.each(partOf(broken, 8))('where %s, the check %s says so and names the repair', async (_, check, says, repair, breakIt) => {
  await breakIt();
  const { code, broken: found } = await doctor(`${there} ${byRole}`);
  expect([...new Set(found.map((one) => one.check))]).toEqual([check]);
  expect(found).toContainEqual(expect.objectContaining({ says: expect.stringMatching(says), repair: expect.stringMatching(repair) }));
  expect(code).toBe(1);
});

test.each(broken.filter(([what]) => ['its switch is off', 'a rule is disabled'].includes(what)))(
  'the command that repairs it makes a member well again, where %s',
  async (_, __, ___, ____, breakIt) => {
    await breakIt();
    const [found] = (await doctor(`--account ${shop}`, asShop())).broken;
    const [first = '', ...rest] = (found?.repair ?? '').split(' ');
    if (first === 'npx') await selfheal(rest.slice(1), { env: asShop() });
    else await sendAwsCall([first, ...rest], served.env.AWS_ENDPOINT_URL, { accessKeyId: shop });
    expect((await doctor(`${there} ${byRole}`)).code).toBe(0);
  },
);

describe('the external id', () => {
  const environment = (Variables: object) => async () => {
    // Functions of the embedded AWS have no environment.
    const lambda = createServer((request, response) => {
      const name = /functions\/([\w-]+)\//.exec(request.url ?? '')?.[1];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ FunctionName: name, Role: `arn:aws:iam::${hub}:role/${name}`, Environment: { Variables } }));
    });
    await new Promise<void>((listens) => lambda.listen(0, '127.0.0.1', listens));
    const { port } = lambda.address() as AddressInfo;
    const config = { region: home, endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
    return findHub(config, 'local', { account: hub, region: home, partition: 'aws' }).finally(() => {
      lambda.closeAllConnections();
      lambda.close();
    });
  };

  test.each([
    ['o-a1b2c3d4e5', []],
    [
      'another',
      [
        `${roleName} asks for another external id than the hub's`,
        `selfheal-member-watch-local-${abroad} asks for another external id than the hub's`,
      ],
    ],
  ])('of a hub that has %s is the one that a member must ask for', async (externalId, wrong) => {
    const known = await environment({ MEMBER_ROLE: 'selfheal-member-local', MEMBER_EXTERNAL_ID: externalId })();
    const config = { region: abroad, endpoint: served.env.AWS_ENDPOINT_URL, credentials: { accessKeyId: shop, secretAccessKey: 'any' } };
    const names = { ledger: '', killSwitch: '', approvalKey: '' };
    const member = createMember({ account: shop, region: abroad }, config, {
      stage: 'local',
      names,
      optIn: { key: 'selfheal', value: 'on' },
      hub: known,
    });
    const found = await trust.look(member);
    expect(found.filter(({ verdict }) => verdict === 'broken').map(({ says }) => says)).toEqual(wrong);
    if (externalId.startsWith('o-')) expect(member.deploy).toContain(` Organization=${externalId}`);
  });

  test.each([
    ['', null],
    ['none', []],
    ['444455556666:eu-west-1,444455556666:us-east-1', ['444455556666:eu-west-1', '444455556666:us-east-1']],
  ])('comes with the topics that it listens to: %j', async (MEMBER_TOPICS, topics) => {
    const known = await environment({ MEMBER_ROLE: 'selfheal-member-local', MEMBER_TOPICS })();
    expect(known?.topics).toEqual(topics);
  });

  test('is of no deployment that is no hub', async () => {
    await expect(environment({ MEMBER_ROLE: '', MEMBER_EXTERNAL_ID: '' })()).rejects.toThrow('is no hub');
  });
});

describe('a topic for alarms', () => {
  const look = async (region: string, topics: string[] | null) => {
    const known = { ...{ account: hub, region: home, partition: 'aws', externalId: 'o-a1b2c3d4e5' }, topics };
    const config = { region, endpoint: served.env.AWS_ENDPOINT_URL, credentials: { accessKeyId: shop, secretAccessKey: 'any' } };
    const member = createMember({ account: shop, region }, config, {
      stage: 'local',
      names: { ledger: '', killSwitch: '', approvalKey: '' },
      optIn: { key: 'selfheal', value: 'on' },
      hub: { ...known, roles: { remediate: 'arn', watch: 'arn' } },
    });
    return alarmTopic.look(member);
  };

  test('is none that must be there, but where the hub is to listen to it', async () => {
    for (const topics of [null, [], [`${shop}:${abroad}`]])
      expect(await look(home, topics)).toEqual([{ verdict: 'ok', says: 'there is no topic for alarms: they come by the event bus alone' }]);
    expect(await look(home, [`${shop}:${home}`])).toEqual([
      {
        verdict: 'broken',
        says: `there is no topic ${TopicArn.replace(abroad, home)}, which the hub is to listen to`,
        repair: expect.stringMatching(/^aws cloudformation deploy .* HubAccount=111122223333 .* AlarmTopic=on$/),
      },
    ]);
  });

  test('is well where the hub listens to it, and not where it does not', async () => {
    for (const topics of [null, [`${shop}:${abroad}`]]) expect(await look(abroad, topics)).toMatchObject([{ verdict: 'ok' }]);
    expect(await look(abroad, ['777788889999:us-east-1'])).toEqual([
      {
        verdict: 'broken',
        says: 'the hub rejects what comes by the topic: its parameter memberTopics does not name 444455556666:eu-west-1',
        repair:
          'npx sls deploy --stage local --region us-east-1 --param hub=on --param organization=o-a1b2c3d4e5 --param memberTopics=777788889999:us-east-1,444455556666:eu-west-1',
      },
    ]);
  });
});

describe('what can not be looked at', () => {
  test('is unknown, by whose credentials, and never well', async () => {
    const { code, said } = await doctor(there);
    expect(said).toEqual([
      {
        ...{ account: shop, region: abroad, check: 'credentials', verdict: 'unknown', repair: null },
        says: `not checked: these credentials are of account ${hub}, not of ${shop}: name a role there (--role), or its profile (AWS_PROFILE)`,
      },
    ]);
    expect(code).toBe(2);
    const { code: other, said: refused } = await doctor(`${there} --role Auditor --external-id guess`);
    expect(refused.map(({ verdict, says }) => [verdict, says])).toEqual([['unknown', 'not checked: sts:AssumeRole is not allowed']]);
    expect(other).toBe(2);
  });

  test('of a member makes it unknown, unless something is broken', async () => {
    const look = { Effect: 'Allow', Action: memberDoctorPermissions.filter((name) => name !== 'events:ListRules'), Resource: '*' };
    const trust = { Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: { AWS: hub }, Action: 'sts:AssumeRole' } };
    served.worldOf(shop, abroad).iam.putRole({ name: 'Half', trust, policies: { look: { Version: '2012-10-17', Statement: look } } });
    const { code, said } = await doctor(`${there} --role Half`);
    expect(said.filter(({ verdict }) => verdict !== 'ok').map(({ says }) => says)).toEqual([
      'not checked: events:ListRules is not allowed',
    ]);
    expect(code).toBe(2);
    await selfheal(['switch', 'off', '--account', shop], { env: asShop() });
    expect((await doctor(`${there} --role Half`)).code).toBe(1);
  });
});

test('where there is no stack of a member, there is nothing to say but how to make one', async () => {
  const { code, said } = await doctor(`--account ${bare} --region ${abroad}`, { ...served.env, AWS_ACCESS_KEY_ID: bare });
  expect(said.map(({ check, verdict }) => [check, verdict])).toEqual([
    ['credentials', 'ok'],
    ['stack', 'broken'],
  ]);
  expect(said[1]?.repair).toMatch(
    /^aws cloudformation deploy .* --stack-name selfheal-member-local --region eu-west-1 .* HubAccount=HUB-ACCOUNT /,
  );
  expect(code).toBe(1);
});

describe('all that a hub knows of', () => {
  const policy = () => {
    const file = join(mkdtempSync(join(tmpdir(), 'members-')), 'policy.yml');
    writeFileSync(file, `organization: { units: { shops: ['${shop}', '${bare}'] } }\n`);
    return file;
  };
  const all = async (args = byRole) => {
    await served.advance(10);
    const { code, stdout } = await selfheal(['doctor', '--all', ...args.split(' '), '--json'], { env: served.env });
    return { code, lines: jsonLines(stdout) as { account: string; region: string; from: string[]; verdict: string; found: Examined[] }[] };
  };

  test('is looked at, each with where it is known from, and the worst of it decides', async () => {
    await served.run(`pause i-1 --for 2h --because test --account ${shop} --region ${abroad}`);
    const { code, lines } = await all();
    expect(lines.map(({ found: _, ...line }) => line)).toEqual([
      { account: hub, region: home, from: ['hub'], verdict: 'ok' },
      { account: shop, region: abroad, from: ['pauses'], verdict: 'ok' },
    ]);
    expect(code).toBe(0);
    const more = await all(`${byRole} --policy ${policy()}`);
    // Nothing says where the accounts of a unit are members: where they have been heard of, or in the hub's region.
    expect(more.lines.map(({ account, region, from, verdict }) => [account, region, from, verdict])).toEqual([
      [hub, home, ['hub'], 'ok'],
      [shop, abroad, ['pauses', 'policy'], 'ok'],
      [bare, home, ['policy'], 'unknown'],
    ]);
    expect(more.code).toBe(2);
    await selfheal(['switch', 'off', '--account', shop], { env: asShop() });
    const worst = await all(`${byRole} --policy ${policy()}`);
    expect(worst.lines.map(({ verdict }) => verdict)).toEqual(['ok', 'broken', 'unknown']);
    expect(worst.code).toBe(1);
  });

  test('is known by incidents as well', async () => {
    const detail = { 'instance-id': 'i-0a1b2c3d4e5f60718', state: 'terminated' };
    const terminated = { source: 'aws.ec2', detailType: 'EC2 Instance State-change Notification', resources: [], detail };
    served.worldOf(shop, abroad).world.putEvent(terminated);
    await served.advance(7200);
    expect((await served.json('incidents')).map(({ account, region }) => [account, region])).toEqual([[shop, abroad]]);
    expect((await all()).lines.map(({ account, region, from }) => [account, region, from])).toEqual([
      [hub, home, ['hub']],
      [shop, abroad, ['incidents']],
    ]);
  });

  test.each(partOf([60, 100], 2))('has a line for each, which fits a terminal of %d columns', async (columns) => {
    await served.run(`pause i-1 --for 2h --because test --account ${shop} --region ${abroad}`);
    const { stdout: piped, code } = await selfheal(['doctor', '--all'], { env: served.env });
    expect(code).toBe(2);
    expect(piped.split('\n')).toEqual([
      expect.stringMatching(/^ok {7}111122223333 {2}us-east-1 {2}\d+ ok, 0 broken, 1 unknown {2}known by hub$/),
      expect.stringMatching(
        /^unknown {2}444455556666 {2}eu-west-1 {2}0 ok, 0 broken, 1 unknown {2}known by pauses {2}credentials: not checked: /,
      ),
      '',
    ]);
    await served.advance(10);
    const { stdout } = await selfheal(['doctor', '--all'], { env: served.env, columns });
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });
});

test.each([
  ['--all --account 444455556666', '--all means all accounts and regions'],
  ['--region eu-west-1', '--region needs --account'],
  ['--role Auditor', '--role needs --account or --all'],
  ['--account 444455556666 --external-id x1', '--external-id needs --role'],
  ['--account 444455556666 --role a*b', '--role can\'t be "a*b"'],
  [`--account ${hub}`, 'that is where the hub itself is'],
])('%s is refused', async (args, problem) => {
  expect(await doctor(args)).toMatchObject({ code: 2, said: [], stderr: expect.stringContaining(problem) });
});

test('all needs the credentials of a hub', async () => {
  const { code, stderr } = await doctor('--all', { ...asShop(), AWS_REGION: abroad });
  expect(code).toBe(2);
  expect(stderr).toContain(`there is no hub of the stage local in the account ${shop}`);
});

test('its permissions in a member stand in the docs, for who makes a role for it', () => {
  const docs = readFileSync(new URL('../../docs/hub.md', import.meta.url), 'utf8');
  const said = /^A role for looking needs in each member ([^;]*);/ms.exec(docs)?.[1] ?? '';
  expect([...said.matchAll(/`([a-z0-9]+:\w+)`/g)].map(([, action]) => action)).toEqual([...memberDoctorPermissions].sort());
});
