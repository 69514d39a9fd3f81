import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeleteTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { DeleteRuleCommand, DisableRuleCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { DisableKeyCommand, PutKeyPolicyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteQueueCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test } from '@jest/globals';
import { event, harmlessEvent, isHarmless } from '../../local/doctor/checks/event.ts';
import { judge, permissions } from '../../local/doctor/checks/permissions.ts';
import type { Examined } from '../../local/doctor/examine.ts';
import { checks, doctorPermissions } from '../../local/doctor/index.ts';
import { createSubject } from '../../local/doctor/subject.ts';
import { wrapCommand } from '../../local/doctor/tell.ts';
import { onDeployment } from '../../local/operate/deployment.ts';
import { recordingIo, selfheal } from '../cli/io.ts';
import { sendAwsCall } from '../docs/aws-call.ts';
import { partOf, testWhole } from '../runner/whole.ts';
import { closeServed, servedHost } from './served.ts';

afterEach(closeServed);

type Served = Awaited<ReturnType<typeof servedHost>>;

const place = 'us-east-1:111122223333';
const topic = (name: string) => `arn:aws:sns:${place}:selfheal-local-${name}`;
const keyOf = ({ aws }: Served) => aws().kms.keyArn('alias/selfheal-local-topics') ?? '';

/** An account with a host that has opted in, in which all is well. */
const wellServed = async (...args: Parameters<typeof servedHost>): Promise<Served> => {
  const served = await servedHost(...args);
  const tag = { ResourceType: 'instance' as const, Tags: [{ Key: 'selfheal', Value: 'on' }] };
  await served.clients.ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', MinCount: 1, MaxCount: 1, TagSpecifications: [tag] }),
  );
  await served.advance(60);
  return served;
};

/** What the doctor says, with its exit code. */
const doctor = async ({ run, advance }: Served, args = '') => {
  // Calls of Lambda's are throttled, and the clock of this AWS stands still.
  await advance(10);
  const { code, stdout } = await run(`doctor${args} --json`);
  const said: Examined[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { code, said, broken: said.filter(({ verdict }) => verdict === 'broken') };
};

test('a deployment in which all is well is told so, check by check, by calls that read and by one harmless event', async () => {
  const served = await wellServed();
  const { calls } = served.aws().world;
  calls.length = 0;
  const { code, said } = await doctor(served);
  expect([...new Set(said.map(({ check }) => check))]).toEqual([...checks.map(({ id }) => id), 'event']);
  // Nobody simulates IAM here.
  expect(said.filter(({ verdict }) => verdict !== 'ok').map(({ check }) => check)).toEqual(['permissions']);
  expect(code).toBe(0);

  const own = calls.filter(({ accessKey }) => accessKey === 'ops').map(({ service, operation }) => ({ service, operation }));
  expect(own.filter(({ operation }) => !/^(Get|List|Describe|Simulate|FilterLogEvents$|PutEvents$)/.test(operation))).toEqual([]);
  const named = new Set(own.map(({ service, operation }) => `${service}:${operation}`));
  named.delete('sts:GetCallerIdentity');
  expect([...named, 'iam:SimulatePrincipalPolicy'].sort()).toEqual([...doctorPermissions].sort());

  await served.advance(7200);
  expect(await served.json('incidents')).toEqual([]);
  calls.length = 0;
  expect((await doctor(served, ' --no-event')).said.map(({ check }) => check)).not.toContain('event');
  expect(calls.filter(({ operation }) => operation === 'PutEvents')).toEqual([]);
});

/** What is broken on purpose, the check that finds it, and the beginning of what repairs it. */
const broken: [string, string, RegExp, (served: Served) => Promise<unknown>][] = [
  ['the switch is off', 'kill-switch', /^npx selfheal switch on --stage local$/, async ({ run }) => run('switch off')],
  [
    'the switch is gone',
    'kill-switch',
    /^npx selfheal aws --deployed$/,
    ({ clients }) => clients.ssm.send(new DeleteParameterCommand({ Name: '/selfheal/local/switch' })),
  ],
  [
    'the switch says something else',
    'kill-switch',
    /^npx selfheal switch on /,
    ({ clients }) => clients.ssm.send(new PutParameterCommand({ Name: '/selfheal/local/switch', Value: 'maybe', Overwrite: true })),
  ],
  [
    'the table is gone',
    'table',
    /^npx selfheal aws --deployed$/,
    ({ clients }) => clients.dynamodb.send(new DeleteTableCommand({ TableName: 'selfheal-local-ledger' })),
  ],
  [
    'items do not expire',
    'table',
    /^aws dynamodb update-time-to-live --table-name selfheal-local-ledger /,
    ({ clients }) =>
      clients.dynamodb.send(
        new UpdateTimeToLiveCommand({
          TableName: 'selfheal-local-ledger',
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: false },
        }),
      ),
  ],
  [
    'a rule is disabled',
    'rules',
    /^aws events enable-rule --name selfheal-local-alarms$/,
    ({ clients }) => clients.eventBridge.send(new DisableRuleCommand({ Name: 'selfheal-local-alarms' })),
  ],
  [
    'a rule has lost its target',
    'rules',
    /^npx selfheal aws --deployed$/,
    ({ clients }) => clients.eventBridge.send(new RemoveTargetsCommand({ Rule: 'selfheal-local-beats', Ids: ['function'] })),
  ],
  [
    'a rule is gone',
    'rules',
    /^npx selfheal aws --deployed$/,
    async ({ clients }) => {
      await clients.eventBridge.send(new RemoveTargetsCommand({ Rule: 'selfheal-local-beats', Ids: ['function'] }));
      await clients.eventBridge.send(new DeleteRuleCommand({ Name: 'selfheal-local-beats' }));
    },
  ],
  [
    'alarms do not reach intake',
    'subscriptions',
    /^aws sns subscribe --topic-arn arn:aws:sns:us-east-1:111122223333:selfheal-local-alarms --protocol lambda --notification-endpoint arn:aws:lambda:us-east-1:111122223333:function:selfheal-local-intake$/,
    async ({ clients }) => {
      const { Subscriptions = [] } = await clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic('alarms') }));
      for (const { SubscriptionArn } of Subscriptions) await clients.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    },
  ],
  [
    'an address has not confirmed',
    'subscriptions',
    /^aws sns subscribe --topic-arn \S+:selfheal-local-outcomes --protocol email --notification-endpoint you@example\.com$/,
    ({ clients }) =>
      clients.sns.send(new SubscribeCommand({ TopicArn: topic('outcomes'), Protocol: 'email', Endpoint: 'you@example.com' })),
  ],
  [
    'nobody is told of outcomes',
    'subscriptions',
    /^aws sns subscribe --topic-arn \S+:selfheal-local-outcomes --protocol email /,
    async ({ clients }) => {
      for (const name of ['outcomes', 'chat']) {
        const { Subscriptions = [] } = await clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic(name) }));
        for (const { SubscriptionArn } of Subscriptions) await clients.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      }
    },
  ],
  [
    'the key is disabled',
    'key',
    /^aws kms enable-key --key-id \S+$/,
    async (served) => served.clients.kms.send(new DisableKeyCommand({ KeyId: keyOf(served) })),
  ],
  [
    'the key is about to be deleted',
    'key',
    /^aws kms cancel-key-deletion --key-id (\S+) && aws kms enable-key --key-id \1$/,
    (served) => served.clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyOf(served), PendingWindowInDays: 7 })),
  ],
  [
    "the key's policy lets CloudWatch encrypt nothing",
    'key',
    /^npx selfheal aws --deployed$/,
    (served) => {
      const root = { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'kms:*', Resource: '*' };
      const half = { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'kms:Decrypt', Resource: '*' };
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [root, half] });
      return served.clients.kms.send(new PutKeyPolicyCommand({ KeyId: keyOf(served), PolicyName: 'default', Policy }));
    },
  ],
  [
    'a function may never run',
    'concurrency',
    /^aws lambda delete-function-concurrency --function-name selfheal-local-watch$/,
    ({ clients }) =>
      clients
        .of(LambdaClient)
        .send(new PutFunctionConcurrencyCommand({ FunctionName: 'selfheal-local-watch', ReservedConcurrentExecutions: 0 })),
  ],
  [
    'there are dead letters',
    'dead-letters',
    /^bash tools\/redrive\.sh selfheal-local-intake-dead-letters selfheal-local-intake$/,
    async ({ clients }) => {
      const sqs = clients.of(SQSClient);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'selfheal-local-intake-dead-letters' }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    },
  ],
  [
    'a queue of dead letters is gone',
    'dead-letters',
    /^npx selfheal aws --deployed$/,
    async ({ clients }) => {
      const sqs = clients.of(SQSClient);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'selfheal-local-event-dead-letters' }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
  ],
];

test.each(partOf(broken, 8))('where %s, the check %s says so and names the repair', async (_, check, repair, breakIt) => {
  const served = await wellServed();
  await breakIt(served);
  const { code, broken: found } = await doctor(served);
  expect(found).toEqual([{ check, verdict: 'broken', says: expect.any(String), repair: expect.stringMatching(repair) }]);
  expect(code).toBe(1);
});

describe('the command that repairs it', () => {
  /** Runs a repair as a shell would: our own here, those of the AWS CLI as the calls that they are. */
  const repairs = async (served: Served, repair: string): Promise<void> => {
    for (const command of repair.split(' && ')) {
      const [, program, ...args] = command.split(' ');
      if (command.startsWith('npx ')) {
        expect(program).toBe('selfheal');
        expect(await served.run(args.join(' '))).toMatchObject({ code: 0 });
        // The CLI has another word for it than the API.
      } else await sendAwsCall(command.replace('--notification-endpoint', '--endpoint').split(' '), served.env.AWS_ENDPOINT_URL);
    }
  };
  const repairable = [
    'the switch is off',
    'a rule is disabled',
    'alarms do not reach intake',
    'the key is disabled',
    'the key is about to be deleted',
  ];

  test.each(broken.filter(([what]) => repairable.includes(what) || what === 'a function may never run'))(
    'makes it well again, where %s',
    async (_what, _check, _repair, breakIt) => {
      const served = await wellServed();
      await breakIt(served);
      const { broken: found } = await doctor(served);
      await repairs(served, found[0]?.repair ?? '');
      expect(await doctor(served)).toMatchObject({ code: 0, broken: [] });
    },
  );
});

test('where nothing has opted in, the tag is named that is missing, also that of a policy', async () => {
  const served = await servedHost();
  expect((await doctor(served)).said.find(({ check }) => check === 'tags')).toMatchObject({ verdict: 'unknown' });
  const { Instances = [] } = await served.clients.ec2.send(
    new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', MinCount: 1, MaxCount: 1 }),
  );
  const { code, broken: found } = await doctor(served);
  expect(code).toBe(1);
  expect(found).toMatchObject([
    { check: 'tags', repair: `aws ec2 create-tags --resources ${Instances[0]?.InstanceId} --tags Key=selfheal,Value=on` },
  ]);
});

test('a clock that differs from that of AWS is broken', async () => {
  const served = await wellServed();
  const url = served.env.AWS_ENDPOINT_URL;
  // AWS's answers have its time; those of the served AWS have none, since it would be another in each run.
  const proxy = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
    const answer = await fetch(`${url}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...body,
    });
    const type = answer.headers.get('content-type') ?? 'text/plain';
    response.writeHead(answer.status, { 'content-type': type, date: new Date(Date.now() + 600_000).toUTCString() });
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((listens) => proxy.listen(0, '127.0.0.1', listens));
  const { port } = proxy.address() as AddressInfo;
  const env = { ...served.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  const { code, stdout } = await selfheal(['doctor', '--json'], { env });
  proxy.close();
  const [clock] = stdout.split('\n');
  expect(JSON.parse(clock ?? '')).toEqual({
    check: 'clock',
    verdict: 'broken',
    says: expect.stringMatching(/^this machine's clock is (599|600|601) s behind AWS's$/),
    repair: 'sudo chronyc makestep',
  });
  expect(code).toBe(1);
});

describe('the event', () => {
  const home = { account: '111122223333', region: 'us-east-1', partition: 'aws' };

  test('is harmless by what intake makes of it, and one that is not would not be sent', () => {
    const harmless = harmlessEvent('doctor-1', home, 0);
    expect(isHarmless(harmless, home)).toBe(true);
    const failed = structuredClone(harmless);
    failed.detail.requestContext.condition = 'RetriesExhausted';
    expect(isHarmless(failed, home)).toBe(false);
    expect(isHarmless([], home)).toBe(false);
  });

  test('that does not arrive shows it', async () => {
    const served = await wellServed();
    const { io } = recordingIo({ env: served.env });
    const look = () =>
      onDeployment('local', io, async (deployment) =>
        event.look(await createSubject(deployment, { optIn: { key: 'selfheal', value: 'on' }, patienceMs: 0 })),
      );
    expect(await look()).toMatchObject([{ verdict: 'ok', says: expect.stringMatching(/^left alone by intake, as it should be, 0 ms /) }]);
    await served.clients.eventBridge.send(new DisableRuleCommand({ Name: 'selfheal-local-invocations' }));
    expect(await look()).toMatchObject([{ verdict: 'broken', repair: 'npx selfheal aws --deployed' }]);
  });
});

test('what IAM refuses by simulation is broken, with who refuses it', () => {
  const result = (EvalActionName: string, more: object = {}) => ({ EvalActionName, EvalDecision: 'implicitDeny' as const, ...more });
  const found = judge(
    'remediate',
    [
      { EvalActionName: 'sns:Publish', EvalDecision: 'allowed' },
      result('ssm:GetParameter'),
      result('ec2:RebootInstances', { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } }),
      result('dynamodb:GetItem', { OrganizationsDecisionDetail: { AllowedByOrganizations: false } }),
      result('dynamodb:PutItem', { EvalDecision: 'explicitDeny' }),
    ],
    'deploy',
  );
  expect(found.map(({ verdict, says }) => `${verdict}: ${says}`)).toEqual([
    'broken: remediate may not ssm:GetParameter: no statement that allows it',
    "broken: remediate may not ec2:RebootInstances: the role's boundary",
    'broken: remediate may not dynamodb:GetItem: a policy of the organization',
    'broken: remediate may not dynamodb:PutItem: a statement that denies it',
  ]);
});

test('IAM is asked for the roles of the functions, by simulation', async () => {
  const served = await wellServed();
  const asked: string[] = [];
  // The embedded AWS has no IAM: this one answers as https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html has it.
  const iam = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const form = new URLSearchParams(body);
    const actions = [...form].flatMap(([name, value]) => (/^ActionNames\.member\.\d+$/.test(name) ? [value] : []));
    const tag = [...form.values()].find((value) => value.startsWith('aws:ResourceTag/')) ?? 'no tag';
    for (const action of actions)
      asked.push(`${form.get('PolicySourceArn')?.split('/').at(-1)} ${action} ${form.get('ResourceArns.member.1')} ${tag}`);
    const results = actions.map((action) => {
      const decision = action === 'sns:Publish' ? 'explicitDeny' : 'allowed';
      return `<member><EvalActionName>${action}</EvalActionName><EvalDecision>${decision}</EvalDecision></member>`;
    });
    const result = `<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>${results.join('')}</EvaluationResults></SimulatePrincipalPolicyResult>`;
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${result}</SimulatePrincipalPolicyResponse>`,
    );
  });
  await new Promise<void>((listens) => iam.listen(0, '127.0.0.1', listens));
  const { port } = iam.address() as AddressInfo;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new IAMClient({ region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials });
  const { io } = recordingIo({ env: served.env });
  const found = await onDeployment('local', io, async (deployment) => {
    const subject = await createSubject(deployment, { optIn: { key: 'team', value: 'web' } });
    return permissions.look({ ...subject, stage: 'prod', redeploy: 'redeploy', iam: client });
  });
  iam.closeAllConnections();
  iam.close();
  expect(found).toEqual([{ verdict: 'broken', says: 'remediate may not sns:Publish: a statement that denies it', repair: 'redeploy' }]);
  expect(asked).toHaveLength(9);
  expect(asked).toContainEqual(
    expect.stringMatching(/ lambda:InvokeFunction arn:aws:lambda:us-east-1:111122223333:function:selfheal-local-remediate:durable no tag$/),
  );
  expect(asked).toContainEqual(expect.stringMatching(/ ec2:RebootInstances arn:aws:ec2:\S+ aws:ResourceTag\/team$/));
});

testWhole('what may not be looked at is unknown, and where nothing may, or nothing is, the exit code is 2', async () => {
  const served = await wellServed(new Set(['events:ListRules', 'kms:DescribeKey']));
  const { code, said } = await doctor(served);
  expect(code).toBe(0);
  expect(said.filter(({ verdict }) => verdict === 'unknown').map(({ check, says }) => `${check}: ${says.slice(0, 50)}`)).toEqual([
    'rules: not checked: events:ListRules is not allowed',
    'key: not checked: kms:DescribeKey is not allowed',
    'permissions: the stage local has no roles of its own',
  ]);
  expect(await served.run('doctor --stage other')).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'selfheal doctor: there is no deployment of the stage other in the account 111122223333 and the region us-east-1: --stage and AWS_REGION name another one\n',
  });
  const nothing = await servedHost(new Set(doctorPermissions));
  const { code: no, stdout, stderr } = await nothing.run('doctor');
  expect({ no, stdout }).toEqual({ no: 2, stdout: '' });
  expect(stderr).toMatch(
    /^selfheal doctor: nothing could be checked in the account .*selfheal-local-doctor-us-east-1; not checked: dynamodb:DescribeTable is not allowed\n$/,
  );
  const env = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  expect(await selfheal(['doctor'], { env })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^selfheal doctor: nothing listens at /),
  });
});

test.each(partOf([50, 80], 2))(
  'on a terminal of %d columns every line fits, and a shell still takes the repair for one command',
  async (columns) => {
    const served = await wellServed();
    await served.run('switch off');
    const { Subscriptions = [] } = await served.clients.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic('alarms') }));
    for (const { SubscriptionArn } of Subscriptions) await served.clients.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    const { broken: found } = await doctor(served);
    await served.advance(10);
    const { stdout } = await served.run('doctor', { isTTY: true, columns });
    expect(stdout).toContain('\u001b[31mbroken');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
    const text = stdout.replace(/\u001b\[\d+m/g, '');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    const joined = text.replace(/\\\n/g, '').replace(/ +/g, ' ');
    expect(found).toHaveLength(2);
    for (const { repair } of found) expect(joined).toContain(repair);
    await served.advance(10);
    const { stdout: piped } = await served.run('doctor');
    expect(piped).not.toContain('\u001b');
    const help = (await served.run('doctor --help', { isTTY: true, columns })).stdout.split(/^Examples:$/m)[0] ?? '';
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  },
);

test('a command is broken into lines that a shell joins', () => {
  const command = `aws ec2 create-tags --resources i-0123456789abcdef0 --tags Key='a b',Value=arn:aws:sns:us-east-1:111122223333:selfheal`;
  for (const width of [40, 50, 80]) {
    const wrapped = wrapCommand(command, width, '    ');
    expect(wrapped.replace(/\\\n/g, '').replace(/ +/g, ' ').trim()).toBe(command);
  }
  expect(wrapCommand(command, Number.POSITIVE_INFINITY, '    ')).toBe(command);
});
