import { createRequire } from 'node:module';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, inProcess, type LocalAws, type LocalAwsOptions } from '#local-aws';
import { localClients, worldOptions } from '../packages/local-aws/test/harness.ts';
import { concurrencyProblem } from '../tools/deployment/concurrency.ts';
import { stageProblem } from '../tools/deployment/names.ts';
import type { Template } from '../tools/deployment/template.ts';

const opened: LocalAws[] = [];
afterEach(async () => {
  for (const aws of opened.splice(0)) await aws.close();
});

const accountOf = (options: Partial<LocalAwsOptions> = {}) => {
  const aws = createLocalAws({ ...worldOptions, ...options });
  opened.push(aws);
  return aws;
};

const lambda = (FunctionName: string, ReservedConcurrentExecutions?: number, Condition?: string) => ({
  Type: 'AWS::Lambda::Function',
  ...(Condition && { Condition }),
  Properties: { FunctionName, ...(ReservedConcurrentExecutions && { ReservedConcurrentExecutions }) },
});

const template = (earlyWarning = 'off'): Template => ({
  Conditions: { WarnsEarly: { 'Fn::Equals': [earlyWarning, 'on'] } },
  Resources: {
    Intake: lambda('selfheal-prod-intake', 20),
    Remediate: lambda('selfheal-prod-remediate', 50),
    Widget: lambda('selfheal-prod-dashboard-widget'),
    EarlyWarning: lambda('selfheal-prod-early-warning', 3, 'WarnsEarly'),
    Ledger: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'selfheal-prod-ledger', DeletionProtectionEnabled: false } },
  },
});

const Plugin = createRequire(import.meta.url)('../tools/serverless-plugin.cjs') as new (
  serverless: unknown,
  options: object,
  tools: object,
) => { hooks: Record<string, () => Promise<void>> };

/** What the plugin does when the template is about to be deployed to an account. */
const deploy = async (aws: LocalAws, compiled: Template, deletionProtection: unknown = true) => {
  const warnings: string[] = [];
  const config = {
    region: worldOptions.region,
    endpoint: 'http://local',
    credentials: { accessKeyId: 'DEPLOYER', secretAccessKey: 'secret' },
    requestHandler: inProcess(aws.handle),
    maxAttempts: 1,
  };
  const serverless = {
    service: { provider: { compiledCloudFormationTemplate: compiled }, custom: { deletionProtection } },
    classes: { Error },
    getProvider: () => ({ getAwsSdkV3Config: async () => config }),
  };
  const tools = { log: { warning: (text: string) => warnings.push(text) } };
  await new Plugin(serverless, {}, tools).hooks['before:aws:deploy:deploy:createStack']?.();
  return { warnings, ledger: compiled.Resources.Ledger?.Properties };
};

describe('a deployment to an account', () => {
  test('with too little concurrency stops, and says what to set', async () => {
    const stopped = deploy(accountOf({ concurrency: { limit: 169, reserved: {} } }), template());
    await expect(stopped).rejects.toThrow(/reserves 70, 169 of 169 are free for it, and Lambda wants 100 left over/);
    await expect(stopped).rejects.toThrow(/--param intakeConcurrency=none .*--param earlyWarningConcurrency=none/);
    await expect(stopped).rejects.toThrow(/L-B99A9384/);
  });

  test.each([
    ['has just enough', 170, {}, 'off'],
    ['has just enough for early warning as well', 173, {}, 'on'],
    ['has given some of it to others', 250, { other: 80 }, 'off'],
    ['has given it to the same functions before', 175, { 'selfheal-prod-intake': 20, 'selfheal-prod-remediate': 55 }, 'off'],
  ])('that %s goes on', async (_name, limit, reserved, earlyWarning) => {
    await deploy(accountOf({ concurrency: { limit, reserved } }), template(earlyWarning));
    await expect(deploy(accountOf({ concurrency: { limit: limit - 6, reserved } }), template(earlyWarning))).rejects.toThrow(/concurrency/);
  });

  test('that reserves nothing asks for nothing, and deploys to the smallest account', async () => {
    const none = template();
    for (const { Properties } of Object.values(none.Resources)) delete Properties?.ReservedConcurrentExecutions;
    const aws = accountOf({ concurrency: { limit: 10, reserved: {} } });
    await deploy(aws, none, false);
    expect(aws.world.calls).toEqual([]);
  });

  test('that may not be asked goes on, and tells of it', async () => {
    const aws = accountOf({ concurrency: { limit: 10, reserved: {} } });
    for (const service of ['lambda', 'dynamodb'] as const)
      aws.faults.inject({ fault: 'fail-call', service, operation: '*', code: 'AccessDeniedException', message: 'no', status: 403 });
    const { warnings } = await deploy(aws, template());
    expect(warnings).toEqual(["The account's concurrency could not be looked up: no", 'The ledger could not be looked up: no']);
  });

  test('leaves a first ledger to be taken back, says so, and protects it in the next deployment', async () => {
    const aws = accountOf();
    const first = await deploy(aws, template());
    expect(first.ledger?.DeletionProtectionEnabled).toBe(false);
    expect(first.warnings).toEqual([expect.stringMatching(/next deployment turns its deletion protection on/)]);
    const { dynamoDb } = localClients(aws.handle);
    const key = { AttributeName: 'pk', AttributeType: 'S', KeyType: 'HASH' } as const;
    await dynamoDb.send(
      new CreateTableCommand({
        TableName: 'selfheal-prod-ledger',
        AttributeDefinitions: [key],
        KeySchema: [key],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    expect(await deploy(aws, template(), 'true')).toEqual({
      warnings: [],
      ledger: { TableName: 'selfheal-prod-ledger', DeletionProtectionEnabled: true },
    });
    expect((await deploy(aws, template(), false)).ledger?.DeletionProtectionEnabled).toBe(false);
  });
});

describe('packaging', () => {
  test('refuses concurrency of 0, which would switch a function off', () => {
    expect(concurrencyProblem({ watch: { reservedConcurrency: 5 }, dashboardWidget: { reservedConcurrency: 0 } })).toMatch(
      /^parameter widgetConcurrency: 0 would keep the function from running/,
    );
    expect(concurrencyProblem({ intake: { reservedConcurrency: null }, watch: { reservedConcurrency: 5 } })).toBeUndefined();
  });

  test('refuses a stage that is too long for a name, and says how long it may be', () => {
    const problem = (stage: string) =>
      stageProblem(stage, [`selfheal-${stage}-dashboard-widget`], {
        Resources: { Rule: { Type: 'AWS::Events::Rule', Properties: { Name: `selfheal-${stage}-alarms` } } },
      });
    expect(problem('a'.repeat(38))).toBeUndefined();
    expect(problem('a'.repeat(39))).toMatch(/dashboard-widget has 65 characters, and 64 fit .*: a stage's name may have 38$/);
    const rule = { Resources: { Rule: { Type: 'AWS::Events::Rule', Properties: { Name: `selfheal-${'a'.repeat(60)}-x` } } } };
    expect(stageProblem('a'.repeat(60), [], rule)).toMatch(/may have 53$/);
  });
});
