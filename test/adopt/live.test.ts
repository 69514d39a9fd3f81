import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalAws } from '#local-aws';
import { adoptPermissions } from '../../local/adopt/live.ts';
import { adoptionSchema } from '../../local/adopt/shape.ts';
import { worldOptions } from '../../packages/local-aws/test/harness.ts';
import { minuteMs } from '../../shared/model/duration.ts';
import { createAccount, readerOf } from './account.ts';
import { adopt } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'selfheal-adopt-'));
let account: Awaited<ReturnType<typeof createAccount>>;
beforeAll(async () => {
  account = await createAccount();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await account.aws.close();
});

/** A reader waits in the account's own time. */
const sleep = async (milliseconds: number) => {
  const { clock } = account.aws.world;
  clock.advanceTo(clock.now() + milliseconds);
};

/** Of the reader's own calls: what reached AWS, and what its clients were asked for. */
const readLive = async (args: string[] = []) => {
  const { world } = account.aws;
  const { clients, sent } = readerOf(account.aws);
  const before = world.calls.length;
  const result = await adopt(['--live', ...args], { connect: () => clients, now: () => world.clock.now(), sleep });
  return { ...result, sent, reached: world.calls.slice(before).map(({ operation }) => operation) };
};

describe('selfheal adopt --live', () => {
  test('calls nothing that changes anything, and nothing but what it says', async () => {
    const { code, stderr, sent, reached } = await readLive(['--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect([...new Set([...sent, ...reached])].filter((name) => !/^(Describe|List|Get|Lookup)[A-Z]/.test(name))).toEqual([]);
    expect([...new Set(sent)].sort()).toEqual(adoptPermissions.map((permission) => permission.split(':')[1]).sort());
    expect(new Set(reached)).toEqual(new Set(sent));
    expect(sent.filter((name) => name === 'DescribeAlarms').length).toBeGreaterThan(1);
  });

  test('says of every alarm what would be done, or why not', async () => {
    const { adoption } = await readLive(['--json']);
    const all = adoptionSchema.parse(adoption());
    expect(all.alarms).toHaveLength(137);
    const of = (name: string) => all.alarms.find(({ alarm }) => alarm === name);
    expect(of('lone-unreachable')).toMatchObject({
      outcome: 'treated',
      failure: 'instance-unreachable',
      subject: { type: 'instance', id: account.ids.lone },
      playbook: 'restart-instance',
      action: 'reboot-instance',
      why: null,
      optedIn: true,
    });
    expect(of('keyed-host')).toMatchObject({ outcome: 'person', guard: 'can-start-again', why: expect.stringContaining('kmsKeys') });
    expect(of('node-unreachable')).toMatchObject({ outcome: 'person', guard: 'owner', why: expect.stringContaining('Karpenter') });
    expect(of('gone-host')).toMatchObject({ outcome: 'gone' });
    expect(of('web-busy')).toMatchObject({
      outcome: 'person',
      guard: 'asg-constraints',
      why: expect.stringContaining('at its maximum of 1'),
    });
    expect(of('checkout-errors')).toMatchObject({ outcome: 'person', failure: 'error-rate', playbook: null });
    expect(of('orders-000')).toMatchObject({ outcome: 'no-rule', rule: 0 });
    expect(of('orders-129')).toMatchObject({ outcome: 'no-rule', rule: null });
    expect(of('shop-down')).toMatchObject({ outcome: 'depends' });
    expect(all.summary).toMatchObject({ alarms: 137, covered: 100, silent: 4, owners: { Karpenter: 1 }, volumes: 1 });
    expect(all.unwatched).toEqual([account.ids.bare]);
    expect(all.past).toMatchObject({ incidents: expect.any(Number), actions: { 'reboot-instance': 1 } });
  });

  test('says the same of what the AWS CLI prints of the account', async () => {
    const printed = await account.printed();
    const files = Object.entries(printed).map(([name, value]) => {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, JSON.stringify(value));
      return path;
    });
    const live = (await readLive(['--json'])).adoption();
    const { code, stderr, adoption } = await adopt([...files.reverse(), '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { at: _a, past: fromFiles, ...rest } = adoption();
    const { at: _b, past: fromLive, ...same } = live;
    expect(rest).toEqual(same);
    expect({ ...fromFiles, from: '', to: '', cost: {} }).toEqual({ ...fromLive, from: '', to: '', cost: {} });
  });

  test('goes on without what it may not read, and says so', async () => {
    const { clients } = readerOf(account.aws);
    clients.ec2.send = (async (command: { constructor: { name: string } }) => {
      if (command.constructor.name === 'DescribeVolumesCommand')
        throw Object.assign(new Error('not authorized'), { name: 'UnauthorizedOperation', $metadata: { httpStatusCode: 403 } });
      return readerOf(account.aws).clients.ec2.send(command as never);
    }) as never;
    const { world } = account.aws;
    const { code, stderr, adoption } = await adopt(['--live', '--json'], { connect: () => clients, now: () => world.clock.now(), sleep });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'selfheal adopt: ec2:DescribeVolumes: not allowed; what depends on it is left out\n',
    });
    expect(adoption().volumes).toBeNull();
    expect(adoption().alarms.find(({ alarm }) => alarm === 'keyed-host')).toMatchObject({
      outcome: 'treated',
      open: expect.arrayContaining(['can-start-again']),
    });
  });
});

test('an account without an alarm has instances without one', async () => {
  const aws = createLocalAws({ ...worldOptions, exempt: ['TESTKEY'] });
  try {
    const { clients } = readerOf(aws);
    await clients.ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-0123456789abcdef0', InstanceType: 'm7i.large', MinCount: 2, MaxCount: 2 }),
    );
    const later = async (milliseconds: number) => void (await aws.advanceTo(aws.world.clock.now() + milliseconds));
    await later(15 * minuteMs);
    const { code, stdout } = await adopt(['--live'], { connect: () => clients, now: () => aws.world.clock.now(), sleep: later });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('2 instances have no alarm: i-') });
  } finally {
    await aws.close();
  }
});

describe('without an account that answers', () => {
  const failing = (error: Error) => {
    const { clients } = readerOf(account.aws);
    clients.ec2.send = (async () => {
      throw error;
    }) as never;
    return adopt(['--live'], { connect: () => clients });
  };
  const named = (name: string, message: string, more = {}) => Object.assign(new Error(message), { name, ...more });

  test.each([
    [named('Error', 'Region is missing'), 'no region: set AWS_REGION'],
    [named('CredentialsProviderError', 'Could not load credentials from any providers'), 'no credentials: log in'],
    [
      named(
        'CredentialsProviderError',
        "The SSO session associated with this profile has expired. To refresh this SSO session run 'aws sso login'",
      ),
      'the login has expired: run aws sso login',
    ],
    [named('ExpiredToken', 'expired', { $metadata: { httpStatusCode: 403 } }), 'the credentials have expired (ExpiredToken)'],
    [named('AuthFailure', 'no', { $metadata: { httpStatusCode: 401 } }), "AWS doesn't accept these credentials (AuthFailure)"],
    [named('Error', 'getaddrinfo ENOTFOUND', { code: 'ENOTFOUND' }), "AWS can't be reached (ENOTFOUND)"],
  ])('an error is one line with the remedy (%#)', async (error, line) => {
    const { code, stdout, stderr } = await failing(error);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`selfheal adopt: ${line}`);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

test('the page names the permissions that it needs', () => {
  const page = readFileSync(new URL('../../docs/adopt.md', import.meta.url), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `') && line.includes(':'));
  const named = rows.flatMap((line) => [...line.matchAll(/`([a-z0-9-]+:[A-Z]\w+)`/g)].map(([, permission]) => permission));
  expect(named.sort()).toEqual([...adoptPermissions].sort());
});
