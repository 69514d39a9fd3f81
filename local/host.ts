import { readFileSync } from 'node:fs';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { parse } from 'yaml';
import { createAsk } from '../shared/approval/ask.ts';
import { createTell } from '../shared/approval/callback.ts';
import { cachedKeys, readKeys, secretReference } from '../shared/approval/keys.ts';
import { createApprovalStore } from '../shared/approval/store.ts';
import { type Clients, createClients } from '../shared/aws/clients.ts';
import { createExecutions } from '../shared/aws/executions.ts';
import { byDay } from '../shared/aws/incidents.ts';
import { createKillSwitch } from '../shared/aws/kill-switch.ts';
import { createLedger, type Ledger } from '../shared/aws/ledger.ts';
import { createReporter } from '../shared/aws/reporter.ts';
import { createStarter } from '../shared/aws/starter.ts';
import { createApprove } from '../shared/handlers/approve.ts';
import { createIntake } from '../shared/handlers/intake.ts';
import { createRemediate } from '../shared/handlers/remediate.ts';
import { createWatch } from '../shared/handlers/watch.ts';
import type { DriverDeps } from '../shared/incident/driver.ts';
import type { Durable } from '../shared/incident/durable.ts';
import { IntakeIncomplete, type IntakeResult } from '../shared/incident/intake.ts';
import type { Outcome } from '../shared/incident/outcome.ts';
import { type Policy, policySchema } from '../shared/policy.ts';
import { createLocalAws, type LocalAws, type LocalAwsOptions } from './aws.ts';
import { direct } from './direct.ts';
import { AlreadyStarted, createDurableEngine, type DurableEngine, type EngineOptions } from './engine/durable.ts';
import { createGate } from './engine/gate.ts';
import { alive, thisProcess } from './engine/process.ts';
import { createFunctionUrl } from './function-url.ts';
import { AwsError } from './protocol/errors.ts';
import type { HttpRequest } from './protocol/http.ts';
import { inProcess } from './transport.ts';

export type HostOptions = {
  seed: number;
  /** Where simulated time begins, in milliseconds since the epoch. */
  start: number;
  account: string;
  region: string;
  policy?: Policy;
  /** Where the durable engine's process dies; see there. */
  dies?: EngineOptions['dies'];
  /** Whether a process dies just before or just after AWS carries out a call of its. */
  diesInCall?: (when: 'before' | 'after') => boolean;
  /** Runs incidents side by side, interleaved at every call, instead of one after the other. */
  interleave?: boolean;
  /** What may come between callers and services; see `createLocalAws`. */
  interceptors?: LocalAwsOptions['interceptors'];
  /** Replaces parts of selfheal, for proofs that something would be noticed if they were broken. */
  meddle?: {
    deps?: (deps: DriverDeps) => DriverDeps;
    durable?: (context: DurableContext) => Durable;
    start?: (start: Start) => Start;
    /** No function looks after executions that die. */
    unwatched?: boolean;
  };
  onOutcome?: (outcome: Outcome) => void;
  /** Told each event that intake is invoked with: once, however often Lambda tries it. */
  onEvent?: (event: unknown) => void;
  /** Whether outcomes and messages are collected at the far ends, the bus and the topic: true unless said otherwise. */
  collects?: boolean;
  /** Whether the world's own alarms and events reach intake: true unless said otherwise. */
  listens?: boolean;
};

/** An intake invocation as it went. */
export type Intake = { at: number; result: IntakeResult | null; error: string | null };

/** selfheal as it is deployed, but on the embedded local AWS: the same handlers, wired as the template wires them. */
export type Host = {
  aws: LocalAws;
  /** selfheal's own clients, for tests; an operator uses `operator`. */
  clients: Clients;
  /** Clients of somebody else in the account: the engineer who builds the fleet, and breaks it. */
  operator: Clients;
  ledger: Ledger;
  engine: DurableEngine;
  policy: Policy;
  alarmTopicArn: string;
  /** Outcomes as they were put on the bus. */
  outcomes: Outcome[];
  /** What was sent to people, as JSON. */
  messages: string[];
  /** What people were asked, as JSON. */
  approvals: string[];
  /** Requests the page on which people decide, by the link that they were sent. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  intakes: Intake[];
  /** What the functions wrote to their logs. */
  log: string[];
  /** Turns the kill switch. */
  setSwitch(position: 'on' | 'dry-run' | 'off'): Promise<void>;
  /** Invokes intake with an event, asynchronously, as AWS does. */
  deliver(event: unknown): void;
  /** Starts the remediation of an incident directly. */
  remediate(key: string, payload: string): void;
  /** Lets the world go on until `done` says so or simulated time reaches `until`; true if `done` said so. */
  run(done: () => boolean, until: number): Promise<boolean>;
  /** True while an incident is open or an event is on its way to intake. */
  busy(): boolean;
  close(): Promise<void>;
};

const functions = { intake: 'selfheal-local-intake', remediate: 'selfheal-local-remediate', watch: 'selfheal-local-watch' } as const;
type Start = ReturnType<typeof createStarter>;
type Queued = { functionName: string; event: unknown; tries: number };
const table = 'selfheal-local-ledger';
const approvalSecret = 'selfheal-local-approval-key';
/** The address that people decide from; one of those that are for examples. */
const somebodysAddress = '203.0.113.7';
const killSwitchName = '/selfheal/local/switch';

/** How often the deployment looks for executions whose end nobody has heard of, and what it is then invoked with. */
const sweepEvery = 15 * 60_000;
const scheduledEvent = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

/** Lambda tries an asynchronous invocation that failed twice more, after one and after two minutes. */
const retryDelays = [60_000, 120_000] as const;

type Rule = { Type: string; Properties: { EventPattern?: unknown; Targets?: { Arn?: { 'Fn::GetAtt'?: string[] } }[] } };

/** The event patterns that the deployment gives its functions, so that what is tried here is what is deployed. */
let patterns: { functionName: string; pattern: string }[] | undefined;
const deployedPatterns = (): { functionName: string; pattern: string }[] => {
  patterns ??= readPatterns();
  return patterns;
};

const readPatterns = (): { functionName: string; pattern: string }[] => {
  const text = readFileSync(new URL('../infrastructure/rules.yml', import.meta.url), 'utf8').replaceAll(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the template names it
    '${self:custom.names.remediate}',
    functions.remediate,
  );
  const { Resources } = parse(text) as { Resources: Record<string, Rule> };
  const targets: Record<string, string> = { IntakeLambdaFunction: functions.intake, WatchLambdaFunction: functions.watch };
  return Object.values(Resources).flatMap(({ Properties: { EventPattern, Targets = [] } }) =>
    Targets.flatMap(({ Arn }) => {
      const functionName = targets[Arn?.['Fn::GetAtt']?.[0] ?? ''];
      return EventPattern && functionName ? [{ functionName, pattern: JSON.stringify(EventPattern) }] : [];
    }),
  );
};

export const createHost = async (options: HostOptions): Promise<Host> => {
  const policy = options.policy ?? policySchema.parse({});
  const pending: Queued[] = [];
  const intakes: Intake[] = [];
  const outcomes: Outcome[] = [];
  const messages: string[] = [];
  const approvals: string[] = [];
  /** Something has been put on the bus or the topic since the last look. */
  let reported = false;
  /** Invocations that failed and will be tried again. */
  let retries = 0;
  const log: string[] = [];

  const aws = createLocalAws({
    seed: options.seed,
    start: options.start,
    account: options.account,
    region: options.region,
    // Who builds the fleet and breaks it doesn't suffer what he breaks.
    exempt: ['operator'],
    ...(options.interceptors ? { interceptors: options.interceptors } : {}),
    onInvoke: ({ functionName, executionName, payload }) => {
      if (functionName === functions.intake || functionName === functions.watch) {
        pending.push({ functionName, event: payload, tries: 0 });
        return {};
      }
      if (functionName !== functions.remediate || executionName === undefined) return undefined;
      try {
        return { durableExecutionArn: engine.start(functionName, executionName, JSON.stringify(payload)).execution.arn };
      } catch (error) {
        if (error instanceof AlreadyStarted) throw new AwsError(error.name, error.message, 409);
        throw error;
      }
    },
    onCallback: (callbackId, answer) => engine.completeCallback(callbackId, answer),
    executions: () => engine.executions.values(),
  });
  const { world } = aws;
  const { clock } = world;
  const gate = options.interleave ? createGate(world.random.fork('interleaving')) : undefined;

  /** How selfheal's calls reach AWS: in their turn, and only as long as the process that makes them lives. */
  const reach = async (request: HttpRequest) => {
    const maybeDie = async (when: 'before' | 'after') => {
      if (options.diesInCall && thisProcess() && options.diesInCall(when)) thisProcess()?.die();
      await alive();
    };
    const call = async () => {
      await maybeDie('before');
      const answer = await aws.handle(request);
      reported ||= /\/(events|sns)\//.test(request.headers.authorization ?? '');
      await maybeDie('after');
      return answer;
    };
    return gate ? gate.pass(call) : call();
  };
  const handleOf = (accessKeyId: string) => (accessKeyId === 'selfheal' ? reach : aws.handle);
  const config = (accessKeyId: string) => ({
    region: options.region,
    endpoint: 'http://local',
    credentials: { accessKeyId, secretAccessKey: 'local' },
    requestHandler: inProcess(handleOf(accessKeyId)),
  });
  const clientsOf = (accessKeyId: string, more: object = {}) => {
    const made = createClients({ ...config(accessKeyId), ...more } as never);
    for (const client of Object.values(made)) direct(client, handleOf(accessKeyId));
    return made;
  };
  const clients = clientsOf('selfheal');
  // Somebody else, so not under our own name in CloudTrail either.
  const operator = clientsOf('operator', { userAgentAppId: 'operator' });
  const sqs = new SQSClient({ ...(config('operator') as object), useQueueUrlAsEndpoint: false });
  const ledger = createLedger(clients.dynamodb, table);
  const draws = world.random.fork('selfheal');

  const topic = async (name: string) => (await operator.sns.send(new CreateTopicCommand({ Name: name }))).TopicArn as string;
  const queue = async (QueueName: string) => {
    const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
    return { url, arn: Attributes?.QueueArn ?? '' };
  };
  const collects = options.collects !== false;
  /** A queue at the far end of a topic, where somebody looks into it. */
  const subscribe = async (TopicArn: string, name: string) => {
    if (!collects) return null;
    const made = await queue(name);
    await operator.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: made.arn }));
    return made;
  };
  /** The bodies of all messages that wait in a queue; they are gone from it then. */
  const receive = async (from: { url: string } | null): Promise<string[]> => {
    const received: string[] = [];
    if (!from) return received;
    const { url: QueueUrl } = from;
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return received;
      received.push(...Messages.map(({ Body }) => Body ?? ''));
      await sqs.send(
        new DeleteMessageBatchCommand({ QueueUrl, Entries: Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle })) }),
      );
    }
  };

  await operator.dynamodb.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'day', AttributeType: 'S' },
        { AttributeName: 'openedAt', AttributeType: 'N' },
      ],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: byDay,
          KeySchema: [
            { AttributeName: 'day', KeyType: 'HASH' },
            { AttributeName: 'openedAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  );
  const setSwitch = async (Value: string) => {
    await operator.ssm.send(new PutParameterCommand({ Name: killSwitchName, Value, Type: 'String', Overwrite: true }));
  };
  await setSwitch('on');
  const alarmTopicArn = await topic('selfheal-local-alarms');
  const outcomeTopicArn = await topic('selfheal-local-outcomes');
  const intakeArn = world.arn('lambda', `function:${functions.intake}`);
  if (options.listens !== false) {
    await operator.sns.send(new SubscribeCommand({ TopicArn: alarmTopicArn, Protocol: 'lambda', Endpoint: intakeArn }));
  }
  const approvalTopicArn = await topic('selfheal-local-approvals');
  const approvalQueue = await subscribe(approvalTopicArn, 'selfheal-local-approvals-to-people');
  aws.ssm.putParameter(
    secretReference(approvalSecret),
    JSON.stringify({ previous: '', current: world.random.fork('approval-key').hex(64) }),
  );
  const messageQueue = await subscribe(outcomeTopicArn, 'selfheal-local-outcomes-to-people');
  const outcomeQueue = collects ? await queue('selfheal-local-outcomes-on-the-bus') : null;
  if (outcomeQueue) {
    await operator.eventBridge.send(new PutRuleCommand({ Name: 'selfheal-local-outcomes', EventPattern: '{"source":["selfheal"]}' }));
    const target = { Id: 'outcomes', Arn: outcomeQueue.arn };
    await operator.eventBridge.send(new PutTargetsCommand({ Rule: 'selfheal-local-outcomes', Targets: [target] }));
  }
  for (const [i, { functionName, pattern }] of deployedPatterns().entries()) {
    if (options.listens === false && functionName === functions.intake) continue;
    const Name = `selfheal-local-${i}`;
    await operator.eventBridge.send(new PutRuleCommand({ Name, EventPattern: pattern }));
    const Arn = world.arn('lambda', `function:${functionName}`);
    await operator.eventBridge.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'function', Arn }] }));
  }
  const lambda = direct(new LambdaClient(config('selfheal') as never), reach);
  const start = createStarter(lambda, functions.remediate, 'durable');
  const intake = createIntake({
    rules: policy.classification,
    start: options.meddle?.start?.(start) ?? start,
    log: (entry) => log.push(JSON.stringify(entry)),
  });
  const keysFor = (accessKeyId: string) => {
    const ssm = new SSMClient({ ...config(accessKeyId), maxAttempts: 1 } as never);
    return () => readKeys(ssm, approvalSecret);
  };
  const domain = `approve.lambda-url.${options.region}.on.aws`;
  const ask = createAsk({
    sns: clients.sns,
    topicArn: approvalTopicArn,
    page: `https://${domain}/`,
    keys: keysFor('selfheal'),
    store: createApprovalStore(clients.dynamodb, table),
  });
  const approver = { ...config('selfheal-approve'), maxAttempts: 1 } as never;
  const approve = createApprove({
    store: createApprovalStore(new DynamoDBClient(approver), table),
    keys: cachedKeys(keysFor('selfheal-approve'), clock.now),
    tell: createTell(new LambdaClient(approver)),
    now: clock.now,
    log: (entry) => log.push(JSON.stringify(entry)),
  });
  const deps: DriverDeps = {
    clients,
    ledger,
    policy,
    killSwitch: createKillSwitch(clients.ssm, killSwitchName),
    reporter: createReporter(clients, { topicArn: outcomeTopicArn, busName: 'default', log: (line) => log.push(line), ask }),
    now: clock.now,
    random: draws.next,
  };
  const { meddle } = options;
  const remediate = createRemediate(meddle?.deps?.(deps) ?? deps, meddle?.durable);
  const executions = createExecutions(lambda, functions.remediate);
  const watch = createWatch({ ledger: deps.ledger, reporter: deps.reporter, now: clock.now, executions });
  const engine = createDurableEngine({
    clock,
    random: world.random,
    account: options.account,
    region: options.region,
    handler: (name) => (name === functions.remediate ? remediate : undefined),
    ...(options.dies ? { dies: options.dies } : {}),
    ...(gate ? { gate } : {}),
    onEnd: ({ name, arn, functionName, status, startedAt }) =>
      world.putEvent({
        source: 'aws.lambda',
        detailType: 'Durable Execution Status Change',
        resources: [],
        detail: {
          durableExecutionArn: arn,
          durableExecutionName: name,
          functionArn: world.arn('lambda', `function:${functionName}:1`),
          status,
          startTimestamp: new Date(startedAt).toISOString(),
          endTimestamp: new Date(clock.now()).toISOString(),
        },
      }),
  });

  const sweepLater = (): void => {
    clock.after(sweepEvery, () => {
      // Without an execution there is nothing to sweep, and worlds are many.
      if (engine.executions.size > 0) pending.push({ functionName: functions.watch, event: scheduledEvent, tries: 0 });
      sweepLater();
    });
  };
  sweepLater();

  const context = { invokedFunctionArn: intakeArn, getRemainingTimeInMillis: () => 30_000 };

  /** Invokes a function with a queued event, as Lambda does: again, after a while, if it throws. */
  const invoke = async ({ functionName, event, tries }: Queued): Promise<void> => {
    const record: Intake = { at: clock.now(), result: null, error: null };
    if (functionName === functions.intake && tries === 0) options.onEvent?.(event);
    try {
      if (functionName === functions.watch && options.meddle?.unwatched) return;
      if (functionName === functions.watch) await watch(event as never, context as never);
      else record.result = (await intake(event as never, context as never)) as IntakeResult;
    } catch (error) {
      record.error = (error as Error).message;
      if (error instanceof IntakeIncomplete) record.result = error.result;
      const delay = retryDelays[tries];
      if (delay !== undefined) {
        retries++;
        clock.after(delay, () => {
          retries--;
          pending.push({ functionName, event, tries: tries + 1 });
        });
      } else
        log.push(JSON.stringify({ level: 'ERROR', message: 'event kept in the dead-letter queue', functionName, error: record.error }));
    }
    // What Lambda tries again comes to the same result; once is enough to tell.
    if (functionName === functions.intake && tries === 0) intakes.push(record);
  };

  /** Fetches what has come out at the far ends, the bus and the topic. */
  const collect = async (): Promise<void> => {
    reported = false;
    for (const body of await receive(approvalQueue)) approvals.push((JSON.parse(body) as { Message: string }).Message);
    for (const body of await receive(messageQueue)) messages.push((JSON.parse(body) as { Message: string }).Message);
    for (const body of await receive(outcomeQueue)) {
      const { detail: outcome } = JSON.parse(body) as { detail: Outcome };
      outcomes.push(outcome);
      options.onOutcome?.(outcome);
    }
  };

  /** Everything that happens at one moment of simulated time. */
  const settle = async (): Promise<void> => {
    for (let moved = true; moved; ) {
      moved = false;
      if (aws.faults.anyDeliveries()) moved = (await aws.dispatch()) > 0;
      for (let next = pending.shift(); next; next = pending.shift()) {
        await invoke(next);
        moved = true;
      }
      const due = engine.next();
      if (due !== undefined && due <= clock.now()) {
        await engine.run();
        moved = true;
      }
    }
    if (reported && collects) await collect();
  };

  return {
    aws,
    clients,
    operator,
    ledger,
    engine,
    policy,
    alarmTopicArn,
    outcomes,
    messages,
    approvals,
    fetch: createFunctionUrl(approve as never, { domain, sourceIp: somebodysAddress }),
    intakes,
    log,
    setSwitch,
    deliver: (event) => {
      pending.push({ functionName: functions.intake, event, tries: 0 });
    },
    remediate: (key, payload) => {
      engine.start(functions.remediate, key, payload);
    },
    run: async (done, until) => {
      for (;;) {
        await settle();
        if (done()) return true;
        const nexts = [clock.next(), engine.next()].filter((at) => at !== undefined);
        const next = Math.min(...nexts);
        if (next > until) {
          clock.advanceTo(until);
          await settle();
          return done();
        }
        clock.advanceTo(next);
      }
    },
    busy: () => pending.length > 0 || retries > 0 || engine.busy(),
    close: () => aws.close(),
  };
};
