import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { adoptionSchema } from '../../local/adopt/shape.ts';
import { checkedOf } from '../../local/policy/check.ts';
import { readPolicyText } from '../../local/policy/read.ts';
import { installationPerMonth, perIncident } from '../../shared/model/cost.ts';
import type { Policy } from '../../shared/model/policy.ts';
import { adopt } from './run.ts';

const root = new URL('../../', import.meta.url).pathname;
const example = join(root, 'docs/examples/account');
const folder = mkdtempSync(join(tmpdir(), 'selfheal-adopt-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
};

const usable = (path: string): Policy => {
  const read = readPolicyText(readFileSync(path, 'utf8'), path);
  if ('policy' in read) return read.policy;
  throw new Error(JSON.stringify(checkedOf(path, read)));
};

const place = 'eu-west-1:111122223333';
const alarm = (AlarmName: string, more: Record<string, unknown> = {}) => ({
  AlarmName,
  AlarmArn: `arn:aws:cloudwatch:${place}:alarm:${AlarmName}`,
  ActionsEnabled: true,
  AlarmActions: [`arn:aws:sns:${place}:on-call`],
  Namespace: 'Shop',
  MetricName: 'OrdersPending',
  Dimensions: [{ Name: 'Service', Value: 'orders' }],
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanThreshold',
  ...more,
});
const alarms = (name: string, ...all: unknown[]): string => file(name, { MetricAlarms: all, CompositeAlarms: [] });

const outcomesOf = async (args: string[]) =>
  Object.fromEntries((await adopt([...args, '--json'])).adoption().alarms.map(({ alarm: name, ...rest }) => [name, rest]));

describe('selfheal adopt with files', () => {
  test('ends with what there is to say of all alarms', async () => {
    const { code, stdout, stderr } = await adopt([example]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const line of [
      '12 alarms, 9 instances, 1 group; account 111122223333; eu-west-1',
      '2 of 12 alarms would be treated, once what they are about has the tag selfheal=on (1 of 2 today); 1 more',
      '4 lack a rule: these 2 cover 3 of them → rules.yml (--write FOLDER)',
      '2 instances have no alarm: i-0a1b2c3d4e5f60031, i-0a1b2c3d4e5f60032',
      '2 alarms have no action: cache-heap, mood',
      '2 instances belong to Karpenter',
      '1 volume has a key that selfheal may not use: vol-0a1b2c3d4e5f60011',
      '1 alarm is about something that is gone',
      '3 alarms would be told to a person, with the reason; 1 of them could be treated if the policy had lambda.rollback',
      '7 incidents, 3 messages to a person; 4 treated (reboot-instance 2, scale-out 2)',
      'it would have cost less than 0.01 USD for the incidents and 1.87 USD for 8 days',
    ])
      expect(stdout.replace(/\s+/g, ' ')).toContain(line);
  });

  test('ends as its page shows', async () => {
    const page = readFileSync(join(root, 'docs/adopt.md'), 'utf8');
    const [, shown = ''] = /```text\n(In all\n[\s\S]*?)```/.exec(page) ?? [];
    expect((await adopt([example], { columns: 80 })).stdout).toContain(shown.trimEnd());
    expect(shown).toContain('The last 14 days');
  });

  test('reads alarms one by one, as jq makes lines of them', async () => {
    const { MetricAlarms } = JSON.parse(readFileSync(join(example, 'alarms.json'), 'utf8')) as { MetricAlarms: unknown[] };
    const lines = file('alarms.jsonl', MetricAlarms.map((one) => JSON.stringify(one)).join('\n'));
    const [one, other] = [await outcomesOf([lines]), await outcomesOf([join(example, 'alarms.json')])];
    expect(other).toMatchObject(one);
    expect(Object.keys(one)).toHaveLength(MetricAlarms.length);
  });

  test.each([50, 80])('fits %d columns, without colour in a pipe', async (columns) => {
    const { stdout } = await adopt([example], { columns });
    expect(stdout.split('\n').filter((line) => [...line].length > columns)).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    expect(stdout).not.toMatch(/\u001b/);
  });

  test('has a line of JSON of its documented shape', async () => {
    const { stdout, adoption } = await adopt([example, '--json']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(adoptionSchema.parse(adoption())).toEqual(adoption());
  });

  test('takes only what has the tag today for opted in, where it is asked to', async () => {
    const { code, adoption } = await adopt([example, '--opted-in', 'tags', '--json']);
    expect(code).toBe(0);
    const all = Object.fromEntries(adoption().alarms.map((one) => [one.alarm, one]));
    expect(all['batch-unreachable']).toMatchObject({ outcome: 'treated', optedIn: true });
    expect(all['web-busy']).toMatchObject({ outcome: 'held', guard: 'opt-in', optedIn: false });
  });

  test('says of what the tags were not read', async () => {
    const { stdout } = await adopt([join(example, 'alarms.json')], { columns: 120 });
    expect(stdout).toContain('5 of 12 alarms would be treated, once what they are about has the tag selfheal=on (its tags were not read)');
  });

  test('goes by the policy: its mode, its rules, its keys', async () => {
    const policy = file(
      'policy.yml',
      readFileSync(join(example, 'key.json'), 'utf8').replace(/[\s\S]*/, (text) => {
        const { KeyMetadata } = JSON.parse(text) as { KeyMetadata: { Arn: string } };
        return `mode: dry-run\nkmsKeys: [${JSON.stringify(KeyMetadata.Arn)}]\nowners: { karpenter: reboot }\n`;
      }),
    );
    const found = await outcomesOf([example, '--policy', policy]);
    expect(found['ledger-host']).toMatchObject({ outcome: 'rehearsed', action: 'stop-start-instance', why: null });
    expect(found['node-unreachable']).toMatchObject({ outcome: 'rehearsed', action: 'reboot-instance' });
  });

  test('names the setting that the policy lacks', async () => {
    const of = (Namespace: string, MetricName: string, Name: string) => ({ Namespace, MetricName, Dimensions: [{ Name, Value: 'shop' }] });
    const names = alarms(
      'settings.json',
      alarm('errors', of('AWS/Lambda', 'Errors', 'FunctionName')),
      alarm('throttles', of('AWS/Lambda', 'Throttles', 'FunctionName')),
      alarm('disk', {
        ...of('CWAgent', 'disk_used_percent', 'InstanceId'),
        Dimensions: [{ Name: 'InstanceId', Value: 'i-0a1b2c3d4e5f60012' }],
      }),
      alarm('gateway', of('AWS/ApiGateway', '5XXError', 'ApiName')),
    );
    const found = await outcomesOf([names]);
    expect(found.errors).toMatchObject({ outcome: 'person', setting: 'lambda.rollback' });
    expect(found.throttles).toMatchObject({ outcome: 'person', setting: 'lambda.concurrency' });
    expect(found.disk).toMatchObject({ outcome: 'person', failure: 'disk-full', setting: 'disks' });
    expect(found.gateway).toMatchObject({ outcome: 'person', setting: null });
    const policy = file('with-lambda.yml', 'lambda: { rollback: { alias: live }, concurrency: { max: 100 } }');
    expect((await outcomesOf([names, '--policy', policy])).errors).toMatchObject({ playbook: 'rollback-alias', setting: null });
  });

  test('knows tags of what nothing else describes', async () => {
    const names = alarms(
      'of-a-queue.json',
      alarm('dead', {
        Namespace: 'AWS/SQS',
        MetricName: 'ApproximateNumberOfMessagesVisible',
        Dimensions: [{ Name: 'QueueName', Value: 'orders' }],
      }),
    );
    const tags = file('tags.json', {
      ResourceTagMappingList: [{ ResourceARN: `arn:aws:sqs:${place}:orders`, Tags: [{ Key: 'selfheal', Value: 'on' }] }],
    });
    expect((await outcomesOf([names, tags])).dead).toMatchObject({ optedIn: true });
    expect((await outcomesOf([names])).dead).toMatchObject({ optedIn: null });
  });

  test('sees an alarm that heals by itself, or ends what it watches', async () => {
    const own = (does: string) => ({
      Namespace: 'AWS/EC2',
      MetricName: 'StatusCheckFailed_Instance',
      Dimensions: [{ Name: 'InstanceId', Value: 'i-0a1b2c3d4e5f60012' }],
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      AlarmActions: [`arn:aws:automate:eu-west-1:ec2:${does}`],
    });
    const names = alarms(
      'own.json',
      alarm('stops', own('stop')),
      alarm('reboots', own('reboot')),
      alarm('muted', { ...own('reboot'), ActionsEnabled: false }),
    );
    const found = await outcomesOf([names, join(example, 'instances.json')]);
    expect(found.stops).toMatchObject({
      outcome: 'held',
      guard: 'alarm-actions',
      why: expect.stringContaining('itself stops the instance'),
    });
    expect(found.reboots).toMatchObject({ outcome: 'treated' });
    expect(found.muted).toMatchObject({ outcome: 'held', guard: 'alarm-actions', why: 'the actions of alarm muted are disabled' });
  });

  test('knows alarms that go off on either side, on a band, below, on a query, and those of a load balancer', async () => {
    const found = await outcomesOf([
      alarms(
        'sides.json',
        alarm('nulls', { Metrics: null, Dimensions: null, AlarmRule: null, ThresholdMetricId: null }),
        alarm('either', {
          Namespace: 'AWS/EC2',
          MetricName: 'CPUUtilization',
          Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'web' }],
          ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold',
          Threshold: null,
          ThresholdMetricId: 'ad1',
        }),
        alarm('low', {
          Namespace: 'AWS/EC2',
          MetricName: 'CPUUtilization',
          Dimensions: [{ Name: 'InstanceId', Value: 'i-0a1b2c3d4e5f60012' }],
          ComparisonOperator: 'LessThanThreshold',
          Threshold: 5,
        }),
        alarm('process', {
          Namespace: 'CWAgent',
          MetricName: 'procstat_lookup_pid_count',
          Dimensions: [{ Name: 'InstanceId', Value: 'i-0a1b2c3d4e5f60012' }],
          ComparisonOperator: 'LessThanThreshold',
        }),
        alarm('targets', {
          Namespace: 'AWS/ApplicationELB',
          MetricName: 'UnHealthyHostCount',
          Dimensions: [
            { Name: 'TargetGroup', Value: 'targetgroup/web/0123456789abcdef' },
            { Name: 'LoadBalancer', Value: 'app/web/0123456789abcdef' },
          ],
          ComparisonOperator: 'GreaterThanThreshold',
          Threshold: 0,
        }),
        alarm('query', {
          Namespace: undefined,
          MetricName: undefined,
          Dimensions: [],
          Metrics: [{ Id: 'q1', Expression: 'SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)' }],
        }),
      ),
    ]);
    expect(found.either).toMatchObject({ outcome: 'treated', failure: 'load-saturated' });
    expect(found.low).toMatchObject({ outcome: 'person', failure: 'unclassified', why: expect.stringContaining('below its threshold') });
    expect(found.process).toMatchObject({ outcome: 'person', failure: 'application-down', why: 'the policy names no playbook for it' });
    expect(found.targets).toMatchObject({ outcome: 'depends', playbook: 'heal-targets', why: 'which instance is behind it' });
    expect(found.query).toMatchObject({ outcome: 'person', failure: 'unclassified' });
  });

  test('has a page for the browser that fetches nothing', async () => {
    const path = join(folder, 'page.html');
    expect(await adopt([example, '--report', path])).toMatchObject({ code: 0 });
    const page = readFileSync(path, 'utf8');
    for (const text of [
      '2 of 12 alarms would be treated',
      'Proposed rules',
      'Instances without an alarm',
      'batch-unreachable',
      'scale-out',
    ])
      expect(page).toContain(text);
  });

  test.each([
    [[], 'no input given: --live, or files; see selfheal adopt --help'],
    [[example, '--live'], '--live reads the account; files are read without it'],
    [[join(example, 'history.json')], 'there is no alarm in it: aws cloudwatch describe-alarms > alarms.json'],
    [['nowhere.json'], 'nowhere.json: no such file'],
    [[example, '--days', '31'], "--days must be at most 30, as long as CloudWatch keeps an alarm's history"],
    [[example, '--opted-in', 'some'], '--opted-in must be all or tags, not "some"'],
  ])('%j ends with 2 and one line', async (args, line) => {
    expect(await adopt(args)).toMatchObject({ code: 2, stdout: '', stderr: `selfheal adopt: ${line}\n` });
  });

  test('goes on without what can’t be read, and says where it stands', async () => {
    const broken = file('broken.json', { MetricAlarms: [alarm('whole'), { AlarmName: 7 }] });
    const cut = file('cut.json', '{"Reservations": [');
    const { code, stderr, stdout } = await adopt([broken, cut]);
    expect(code).toBe(1);
    expect(stderr).toContain('broken.json:1: MetricAlarms.1: AlarmName');
    expect(stderr).toContain('cut.json');
    expect(stdout).toContain('whole: Shop OrdersPending');
  });
});

describe('what --write writes', () => {
  test('is a policy that can be used and does nothing, and rules that cover what they say', async () => {
    const to = join(folder, 'written');
    const { code, stdout } = await adopt([example, '--write', to]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`→ ${join(to, 'rules.yml')}`) });
    expect(usable(join(to, 'policy.yml'))).toMatchObject({ mode: 'dry-run', kmsKeys: [] });
    const found = await outcomesOf([example, '--policy', join(to, 'rules.yml')]);
    expect(found['orders-waiting']).toMatchObject({
      outcome: 'person',
      failure: 'queue-backlog',
      subject: { type: 'service', id: 'orders' },
    });
    expect(found['cache-heap']).toMatchObject({
      outcome: 'person',
      failure: 'memory-exhausted',
      playbook: null,
      why: 'the rule names no playbook',
    });
    expect(found.mood).toMatchObject({ outcome: 'no-rule' });
    // Once more it replaces its own files, but nobody else's.
    expect(await adopt([example, '--write', to])).toMatchObject({ code: 0 });
    writeFileSync(join(to, 'rules.yml'), 'mode: enforce\n');
    expect(await adopt([example, '--write', to])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("may not be selfheal's; --force"),
    });
    expect(readFileSync(join(to, 'rules.yml'), 'utf8')).toBe('mode: enforce\n');
  });

  test('never has two rules of which the second can’t apply', async () => {
    const names = alarms(
      'conflict.json',
      alarm('above', { MetricName: 'MemoryLeft', ComparisonOperator: 'GreaterThanThreshold' }),
      alarm('below', { MetricName: 'MemoryLeft', ComparisonOperator: 'LessThanThreshold' }),
      alarm('elsewhere', { MetricName: 'MemoryLeft', Dimensions: [{ Name: 'InstanceId', Value: 'i-0a1b2c3d4e5f60012' }] }),
      alarm('queue-is-long', { MetricName: 'Value' }),
      // A rule by its name would match others, and that by its metric is for the other side.
      alarm('below-*', { MetricName: 'MemoryLeft', ComparisonOperator: 'LessThanThreshold' }),
    );
    const to = join(folder, 'conflict');
    expect(await adopt([names, '--write', to])).toMatchObject({ code: 0 });
    expect(usable(join(to, 'rules.yml')).classification.alarms).toHaveLength(4);
    const found = await outcomesOf([names, '--policy', join(to, 'rules.yml')]);
    expect(found).toMatchObject({
      above: { outcome: 'person' },
      below: { outcome: 'person' },
      'below-*': { failure: 'unclassified' },
      elsewhere: { outcome: 'person' },
      'queue-is-long': { outcome: 'person' },
    });
    expect((await outcomesOf([names]))['below-*']).toMatchObject({ outcome: 'no-rule', rule: null });
  });
});

describe('names that mean harm', () => {
  const evil = [
    '\u001b[2J\u001b[31mred',
    'line\nbreak\r\n- mode: enforce',
    'x"\nmode: enforce\n#',
    "it's: {a: [b, c]} # comment",
    '</script><script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '\u202egnp.exe',
    '\u2028\u2029\u0085',
    '*',
    '__proto__',
    'constructor',
    '; no action: nothing is wrong',
    'é'.repeat(255),
    '\ud800',
  ];
  const metrics = evil.map((name) => `${name} OrdersPending`.slice(0, 255));
  const hostile = {
    MetricAlarms: evil.map((name, i) =>
      alarm(name, {
        Namespace: name,
        MetricName: metrics[i],
        Dimensions: [
          { Name: name, Value: name },
          { Name: 'Service', Value: name },
        ],
      }),
    ),
    CompositeAlarms: [
      alarm('c', { AlarmRule: 'ALARM('.repeat(2000), Namespace: undefined, MetricName: undefined, ComparisonOperator: undefined }),
    ],
  };
  const instances = {
    Reservations: [
      {
        Instances: evil.map((name, i) => ({
          InstanceId: i === 0 ? name : `i-0a1b2c3d4e5f6${String(i).padStart(4, '0')}`,
          Tags: [
            { Key: name, Value: name },
            { Key: `karpenter.sh/${name}`, Value: '' },
          ],
          Operator: { Managed: true, Principal: name },
        })),
      },
    ],
  };

  test('change neither the terminal, nor the page, nor a policy', async () => {
    const files = [file('hostile.json', hostile), file('instances.json', instances)];
    const to = join(folder, 'hostile');
    const page = join(folder, 'hostile.html');
    const { stdout, stderr } = await adopt([...files, '--write', to, '--report', page]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(`${stdout}${stderr}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/);
    expect(stdout).not.toMatch(/^- mode|^mode:/m);
    const text = readFileSync(page, 'utf8');
    expect(text).not.toContain('<script>alert');
    expect(text).not.toContain('<img src=x');
    const policy = usable(join(to, 'policy.yml'));
    expect(policy.mode).toBe('dry-run');
    expect(usable(join(to, 'rules.yml')).mode).toBe('enforce');
    for (const rule of policy.classification.alarms) {
      expect(rule.playbook).toBeUndefined();
      expect(evil.map((name) => name.toWellFormed())).toContain(rule.namespace);
    }
    expect(policy.classification.alarms.length).toBeGreaterThan(3);
  });

  test('are in the JSON as they are, of its shape', async () => {
    const { adoption } = await adopt([file('again.json', hostile), file('instances.json', instances), '--json']);
    const all = adoptionSchema.parse(adoption());
    expect(all.summary.owners).toMatchObject({ constructor: 1 });
    expect(all.alarms.find(({ alarm: name }) => name === '; no action: nothing is wrong')).toMatchObject({
      outcome: 'no-rule',
      why: 'no failure class covers its metric',
    });
  });
});

test('what an incident and an installation cost is what the pages count', () => {
  const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');
  expect(page('performance.md')).toContain(`| **\`cost.per_1000_incidents_usd\`** | **${(perIncident * 1000).toFixed(2)}** |`);
  expect(page('operations.md').replace(/\s+/g, ' ')).toContain(`so about ${installationPerMonth.toFixed(2)} USD a month`);
});
