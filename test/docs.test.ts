import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { prices } from '../bench/cost.ts';
import { installationPerMonth } from '../shared/model/cost.ts';
import { statuses } from '../shared/model/status.ts';
import { parsePolicy } from '../shared/policy/read-policy.ts';
import { codeIn, marked, rowsUnder, shellIn } from './docs/extract.ts';
import { awsProblems, ownProblems, stagedProblems } from './docs/held.ts';
import { ofType, type Part, parameters, resources, service, vocabulary } from './docs/ours.ts';

const root = new URL('../', import.meta.url);
const names = ['operations', 'security'] as const;
const page = (name: string) => readFileSync(new URL(`docs/${name}.md`, root), 'utf8');

/** What isn't ours, or not a name of the code: AWS's words, examples, and values. One that no page uses has to go. */
const foreign = [
  ...['ALARM', 'TARGET_ARN', 'ERROR_CODE', 'INSUFFICIENT_DATA', '$LATEST', 'true', 'false'],
  ...['aws.', 'jq', '"reject"', '""', '=', 'durable', 'DeletionPolicy: Retain', '--qualifier'],
  ...['selfheal', 'selfheal-', 'selfheal-…', 'team', 'AWSLogs/', 'as before', 'previous', 'params', 'dev', 'none'],
  ...['DatabaseConnections', 'CPUUtilization', 'DBLoad', 'FreeableMemory'],
  ...['AWS-RunShellScript', 'AWS-RunPowerShellScript', 'AWS-RunDocument', 'AWS-RunRemoteScript'],
  ...[
    'PutMetricData',
    'package-lock.json',
    'package.json',
    'serverless.yml',
    'record rejected',
    'incident not started',
    'approval page failed',
  ],
];

const folders = /^(?:functions|shared|infrastructure|local|packages|tools|test|bench|docs|events)\/[\w./-]*/;

/** Names in code marks that look like ours, and that nothing of ours has. */
const nameProblems = (text: string): string[] => {
  const { inline, blocks } = codeIn(text);
  const staged = stagedProblems([...inline, ...blocks.map((block) => block.text)]);
  const words = inline.filter((code) => {
    if (foreign.includes(code) || /^(npx|npm|aws|selfheal|--param) /.test(code) || code.startsWith('{')) return false;
    if (/selfheal[-/]prod/.test(code) || /^[a-z0-9-]+:[A-Z]\w+$/.test(code)) return false;
    if (folders.test(code)) return !existsSync(new URL(code, root));
    return !code.split(/[.=]/).every((word) => vocabulary.has(word) || ['required', '1'].includes(word));
  });
  return [...staged, ...words];
};

const linkProblems = (file: string): string[] => {
  const here = new URL(file, root);
  return [...readFileSync(here, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
    if (link.startsWith('https://')) return [];
    const [path = '', anchor] = link.split('#');
    const there = path === '' ? here : new URL(path, here);
    if (!existsSync(there)) return [link];
    const heads = [...(anchor === undefined ? '' : readFileSync(there, 'utf8')).matchAll(/^#+ (.+)$/gm)].map(([, head = '']) => head);
    const anchors = heads.map((head) =>
      head
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    return anchor === undefined || anchors.includes(anchor) ? [] : [link];
  });
};

const pages = [...readdirSync(root), ...readdirSync(new URL('docs/', root)).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

test.each(pages)('%s links to pages and headings that there are', (file) => {
  expect(linkProblems(file)).toEqual([]);
});

describe.each(names)('docs/%s.md', (name) => {
  const code = codeIn(page(name));

  test('names only what there is: files, parameters, functions, alarms, queues, metrics, guards', () => {
    expect(code.inline.length).toBeGreaterThan(100);
    expect(nameProblems(page(name))).toEqual([]);
  });

  test('has commands that there are, with options that they have', async () => {
    expect(await ownProblems(shellIn(code))).toEqual([]);
    expect(awsProblems(shellIn(code))).toEqual([]);
  });

  test('has policies that can be used', () => {
    const json = [
      ...code.blocks.filter(({ language }) => language === 'json').map(({ text }) => text),
      ...code.inline.filter((text) => text.startsWith('{')),
    ];
    expect(json.length).toBeGreaterThan(0);
    for (const text of json) expect(() => ('Statement' in JSON.parse(text) ? null : parsePolicy(text))).not.toThrow();
  });
});

test('what is wrong is found, in each kind of name', async () => {
  const right = page('operations');
  const wrong = (from: string, to: string) => nameProblems(right.replaceAll(from, to));
  expect(wrong('selfheal-prod-no-heartbeat', 'selfheal-prod-no-heartbeats')).toEqual(['selfheal-prod-no-heartbeats']);
  expect(wrong('/selfheal/prod/switch', '/selfheal/prod/swich')[0]).toBe('/selfheal/prod/swich');
  expect(wrong('`BudgetsExhausted`', '`BudgetExhausted`')).toEqual(['BudgetExhausted']);
  expect(wrong('`alertEmail`', '`alarmEmail`')[0]).toBe('alarmEmail');
  expect(wrong('`approval.timeout`', '`approval.deadline`')).toEqual(['approval.deadline']);
  expect(nameProblems('`shared/guards/opt-out.ts`')).toEqual(['shared/guards/opt-out.ts']);
  expect(await ownProblems(['npx selfheal backtets events', 'npx selfheal backtest --polcy x'])).toEqual([
    'selfheal backtets: there is no such command',
    'selfheal backtest: there is no --polcy',
  ]);
  expect(await ownProblems(['npm run chek', 'npx sls deploi --param emial=x'])).toHaveLength(3);
  expect(awsProblems(['x="$(aws sqs get-queue-uri --queue-name x)"; aws lambda invoke --function x --query y'])).toEqual([
    'aws sqs get-queue-uri: there is no such operation',
    'aws lambda invoke: there is no --function',
  ]);
});

test('every word that is taken for not ours stands on a page, and is none of ours', () => {
  const used = new Set(names.flatMap((name) => codeIn(page(name)).inline));
  expect(foreign.filter((word) => !used.has(word) || vocabulary.has(word))).toEqual([]);
});

const nameOf = ({ Properties }: Part, key: string) => String(Properties[key]);

describe('what operations.md says of the template', () => {
  const operations = page('operations');
  const first = (heading: string) => rowsUnder(operations, heading).map(([cell]) => marked(cell)[0] ?? cell);

  test('is all of it: every alarm on selfheal, every dead-letter queue, every parameter, every outcome', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').map((alarm) => nameOf(alarm, 'AlarmName'));
    expect(first('Alarms on selfheal').sort()).toEqual(alarms.filter((alarm) => alarm.startsWith('selfheal-')).sort());
    const queues = ofType('AWS::SQS::Queue').map((queue) => nameOf(queue, 'QueueName'));
    expect(first('Dead letters').sort()).toEqual(queues.filter((queue) => queue.endsWith('-dead-letters')).sort());
    expect(
      rowsUnder(operations, 'Deploy')
        .flatMap(([cell]) => marked(cell))
        .sort(),
    ).toEqual(Object.keys(parameters).sort());
    expect(first('Read a timeline').sort()).toEqual([...statuses].sort());
  });

  test('has its figures: reserved concurrency, rules, days that things are kept', () => {
    const { default: byDefault = {}, prod = {} } = service.params;
    const names = Object.keys(byDefault).filter((key) => key.endsWith('Concurrency'));
    expect(names.filter((key) => byDefault[key] !== 'none')).toEqual([]);
    const [most, early] = [names.reduce((sum, key) => sum + Number(prod[key]), 0), Number(prod.earlyWarningConcurrency)];
    expect(operations).toContain(`| ${most - early} are reserved, ${most} with early warning`);
    const rules = ofType('AWS::Events::Rule');
    const optional = rules.filter((rule) => 'Condition' in rule).length;
    expect(operations).toContain(`the stack makes ${rules.length - optional}, and ${optional} more with early warning`);
    for (const queue of ofType('AWS::SQS::Queue').filter((one) => nameOf(one, 'QueueName').endsWith('-dead-letters')))
      expect(queue.Properties.MessageRetentionPeriod).toBe(14 * 86_400);
    const alarms = ofType('AWS::CloudWatch::Alarm').filter((alarm) => !('Condition' in alarm));
    expect(operations).toContain(`${alarms.length} alarms on selfheal at 0.10`);
    expect(resources.Ledger?.DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  test('has a cost whose arithmetic is right, at the prices of the benchmark', () => {
    const rows = rowsUnder(operations, 'Cost');
    let total = 0;
    for (const [, quantity = '', price, each, dollars] of rows.slice(0, -1)) {
      expect([price, Number(each)]).toEqual([price, expect.closeTo(prices[marked(price)[0] as keyof typeof prices], 12)]);
      const product = Number(quantity.replace(/[^\d.]/g, '')) * Number(each);
      total += product;
      expect([price, Number(dollars)]).toEqual([price, expect.closeTo(product, 4)]);
    }
    expect(rows.length).toBeGreaterThan(8);
    expect(rows.at(-1)?.[4]).toBe(`**${total.toFixed(3)}**`);
  });
});

test('README.md begins its deployment with a dry run, then says what it costs, then leads through the first week', () => {
  const [, deploy = ''] = /^## Deploy\n([\s\S]*?)^## /m.exec(readFileSync(new URL('README.md', root), 'utf8')) ?? [];
  const [first = ''] = shellIn(codeIn(deploy)).filter((line) => line.includes('sls deploy'));
  expect(first).toContain('--param mode=dry-run');
  const order = ['sls deploy', 'costs a month', 'first week', 'Day 1', 'Day 5', 'docs/deploy.md'].map((words) => deploy.indexOf(words));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
});

test('README.md has the costs of operations.md and performance.md', () => {
  const readme = readFileSync(new URL('README.md', root), 'utf8');
  const [operations, performance] = [page('operations'), page('performance')];
  // Its parts are in the sentence that ends with it.
  const [sentence = '', alarms, ...parts] =
    /(\d+) alarms on selfheal at 0\.10, the key of the topics at (\S+), the secret at (\S+), the dashboard at (\S+), so about (\S+) USD a month/
      .exec(operations.replace(/\s+/g, ' '))
      ?.map(String) ?? [];
  const [key, secret, dashboard, said] = parts.map(Number);
  expect(sentence).not.toBe('');
  expect(Number(alarms) * 0.1 + Number(key) + Number(secret) + Number(dashboard)).toBeCloseTo(Number(said), 5);
  expect(installationPerMonth).toBe(said);
  const [, thousand] = /`cost\.per_1000_incidents_usd`\*\* \| \*\*(\S+)\*\*/.exec(performance) ?? [];
  const text = readme.replace(/\s+/g, ' ');
  expect(text).toContain(`${installationPerMonth.toFixed(2)} for the installation`);
  expect(text).toContain(`${thousand} for 1,000 incidents`);
  const [, metric] =
    /Each metric, with each combination of dimensions, costs (\S+) in each month/.exec(operations.replace(/\s+/g, ' ')) ?? [];
  expect(text).toContain(`${metric} for each metric that has data`);
});

type Statement = { Action: string | string[] };
const roleOf: Record<string, string> = {
  'dashboard-widget': 'WidgetRole',
  intake: 'IntakeRole',
  remediate: 'RemediateRole',
  watch: 'WatchRole',
  approve: 'ApproveRole',
  chat: 'ButtonsRole',
  beat: 'BeatRole',
  probe: 'ProbeRole',
  'early-warning': 'EarlyWarningRole',
};

test('security.md lists what each function may do, no more and no less than its role', () => {
  const common = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'sqs:SendMessage'];
  const rows = rowsUnder(page('security'), 'Least privilege');
  const functions = Object.values(service.functions).map(({ name }) => name.replace('selfheal-prod-', ''));
  expect([...new Set(rows.flatMap(([cell]) => marked(cell)))].sort()).toEqual(functions.sort());
  for (const name of functions) {
    const policies = resources[roleOf[name] ?? '']?.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
    const granted = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).flatMap(({ Action }) => Action);
    const told = rows.filter(([cell]) => marked(cell)[0] === name).flatMap(([, cell]) => marked(cell));
    expect([name, [...told].sort()]).toEqual([name, [...new Set(granted)].filter((action) => !common.includes(action)).sort()]);
  }
});
