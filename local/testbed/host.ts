import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { RDSClient } from '@aws-sdk/client-rds';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import type { HttpRequest } from '#local-aws';
import {
  bypassHttp,
  createLocalAws,
  createLocalOrganization,
  inProcess,
  type LocalAws,
  type LocalAwsOptions,
  type LocalOrganization,
} from '#local-aws';
import { AwsError } from '#local-aws/errors';
import { matches, type Pattern } from '#local-aws/event-pattern';
import { readKeys } from '../../shared/approvals/keys.ts';
import { appId, type Connect } from '../../shared/aws/client.ts';
import { type Clients, createClients } from '../../shared/aws/clients.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { namingCalls } from '../../shared/aws/naming.ts';
import { beatToken } from '../../shared/beats/token.ts';
import { approvalVariables, composeApprovals } from '../../shared/compose/approvals.ts';
import { approveVariables, composeApprove } from '../../shared/compose/approve.ts';
import { beatVariables, composeBeat } from '../../shared/compose/beat.ts';
import { parseEnvironment } from '../../shared/compose/environment.ts';
import { composeIntake, intakeVariables } from '../../shared/compose/intake.ts';
import { composeProbe, probeVariables } from '../../shared/compose/probe.ts';
import { composeRemediate, remediateVariables } from '../../shared/compose/remediate.ts';
import { composeWatch, type WatchClients, watchVariables } from '../../shared/compose/watch.ts';
import type { ProbeDeps } from '../../shared/handlers/probe.ts';
import type { RemediateDeps } from '../../shared/handlers/remediate.ts';
import { type IntakeDeps, type IntakeResult, PartialIntakeError } from '../../shared/intake/ingest.ts';
import { errorMessage } from '../../shared/model/errors.ts';
import { once } from '../../shared/model/once.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { isSamePlace, type Place } from '../../shared/model/place.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import { withoutInvisible } from '../../shared/model/text.ts';
import type { Durable } from '../../shared/ports/durable.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Log } from '../../shared/ports/log.ts';
import type { Post } from '../../shared/ports/post.ts';
import type { removeReaders } from '../../shared/recovery/remove-readers.ts';

import { createAsynchronous, type Queued } from './asynchronous.ts';
import { createClocks } from './clocks.ts';
import { deployedTriggers, metricsNamespace } from './deployed.ts';
import { AlreadyStartedError, createDurableEngine, type DurableEngine, type EngineOptions, type Execution } from './engine/durable.ts';
import { createInterleavingScheduler } from './engine/interleaving-scheduler.ts';
import { alive, thisProcess } from './engine/process.ts';
import { type Collected, nothingCollected, watchFarEnds } from './far-ends.ts';
import { createFunctionUrl } from './function-url.ts';
import { createIdleSweeps } from './idle-sweeps.ts';
import { loggerTo } from './logger.ts';
import { hasTopic, memberRoles, type Organization, operatorOf, placeHub, placeMember, topicPlace } from './organization.ts';
import { approvalSecret, connectFunctions, createSurroundings, functions, killSwitchName } from './surroundings.ts';
import { createWeb, type Web } from './web.ts';

export type HostOptions = {
  seed: number;
  /** Where simulated time begins, in milliseconds since the epoch. */
  start: number;
  account: string;
  region: string;
  policy?: Policy;
  /** Overrides of the functions' environment variables, such as `SELFHEAL_MODE`. */
  variables?: Readonly<Record<string, string>>;
  /** Where the durable engine's process dies; see there. */
  dies?: EngineOptions['dies'];
  /** Whether a process dies just before or after AWS carries out its call. */
  diesInCall?: (when: 'before' | 'after') => boolean;
  /** Whether the world's own draws are even, for comparisons of two histories; see `createLocalAws`. */
  even?: boolean;
  /** Runs incidents concurrently, interleaved at every call, instead of sequentially. */
  interleave?: boolean;
  /** The lag of eventually consistent reads of the ledger; see `createLocalAws`. */
  staleReads?: number;
  /** How far the clocks of the machines that functions run on are from the true time at most, in milliseconds. */
  clockSkew?: number;
  /** What may come between callers and services; see `createLocalAws`. */
  interceptors?: LocalAwsOptions['interceptors'];
  /** Replaces parts of selfheal, to prove that a broken one would be noticed. */
  meddle?: {
    deps?: (deps: RemediateDeps) => RemediateDeps;
    durable?: (context: DurableContext) => Durable;
    start?: (start: IntakeDeps['start']) => IntakeDeps['start'];
    rules?: (rules: IntakeDeps['rules']) => IntakeDeps['rules'];
    probe?: Partial<ProbeDeps>;
    /** Takes away readers of clusters of databases. */
    removes?: typeof removeReaders;
    /** No function handles executions that die. */
    unwatched?: boolean;
  };
  onOutcome?: (outcome: Outcome) => void;
  /** Called once for each event that intake is invoked with, not for retries. */
  onEvent?: (event: unknown) => void;
  /** Whether outcomes and messages are collected at the far ends, the bus and the topics: true unless said otherwise. */
  collects?: boolean;
  /** Whether the world's own alarms and events reach intake: true unless said otherwise. */
  listens?: boolean;
  /** Whether what intake logs is in its log group as well: false unless said otherwise. */
  keepsLogs?: boolean;
  /** Makes it a hub, with members in an organisation; without it, there is one account and region. */
  organization?: Organization;
  /** How callers from outside the process are met; see `createLocalAws`. */
  outside?: Pick<LocalAwsOptions, 'throttle' | 'refilled' | 'spares'>;
};

/** An intake invocation as it went. */
type Intake = { at: number; result: IntakeResult | null; error: string | null };

/**
 * selfheal as it is deployed, but on the embedded local AWS: the handlers as `shared/compose` puts them together, and around them the
 * table, the rules and the schedule of the template.
 */
export type Host = Collected & {
  /** The account and region that the stack is in. */
  aws: LocalAws;
  /** All accounts and regions, where it is a hub. */
  org: LocalOrganization | null;
  /** Clients of whoever builds the fleet of an account and region of the organisation, and breaks it. */
  operatorIn(place: Place): Clients;
  /** selfheal's own clients, for tests; an operator uses `operator`. */
  clients: Clients;
  /** Clients of another user in the account: the engineer who builds the fleet and breaks it. */
  operator: Clients;
  ledger: Ledger;
  /** The name of the ledger's table. */
  table: string;
  engine: DurableEngine;
  /** What URLs answer. */
  web: Web;
  policy: Policy;
  alarmTopicArn: string;
  /** Requests the approval page by its link. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Sends a beat to the beat URL, as the job on some machine does. Returns the status of the answer. */
  beat(name: string): Promise<number>;
  intakes: Intake[];
  /** What the functions wrote to their logs. */
  log: string[];
  /** Deploys a new version, with another policy: what has begun stays on the one that it began on. */
  redeploy(policy: Policy): void;
  /** Turns the kill switch. */
  setSwitch(position: 'on' | 'dry-run' | 'off'): Promise<void>;
  /** Whether the roles of a member trust the hub, as they do at first. @throws {RangeError} where there is no member */
  setTrustIn(place: Place, trusts: boolean): Promise<void>;
  /** The same for the place that is looked at; of the stack's own, there are none. */
  setTrust(trusts: boolean): Promise<void>;
  /** Invokes intake with an event, asynchronously, as AWS does. */
  deliver(event: unknown): void;
  /** From now on selfheal hears of nothing: what the world is like without it. */
  deafen(): void;
  /** Starts the remediation of an incident directly. */
  remediate(key: string, payload: string): void;
  /** Lets the world go on until `done` says so or simulated time reaches `until`; true if `done` said so. */
  run(done: () => boolean, until: number): Promise<boolean>;
  /** True while an incident is open or an event is on its way to intake. */
  busy(): boolean;
  close(): Promise<void>;
};

/** What a scheduled event makes the watch look for; undefined for what it looks for by default, and for another event. */
const sweepOf = (event: unknown): unknown => (event as { detail?: { sweep?: unknown } }).detail?.sweep;

/** The clients of the function that watches. */
const watchClients = (clients: Clients): WatchClients => ({
  ...{ ec2: clients.ec2, autoScaling: clients.autoScaling, cloudWatch: clients.cloudWatch, ssm: clients.ssm },
  ...{ lambda: clients.of(LambdaClient), sqs: clients.of(SQSClient), rds: clients.of(RDSClient) },
});

/** The source IP address of approvers, from a range reserved for examples. */
const approverAddress = '203.0.113.7';

export const createHost = async (options: HostOptions): Promise<Host> => {
  const policy = options.policy ?? policySchema.parse({});
  const meddle = options.meddle ?? {};
  const intakes: Intake[] = [];
  const lines: string[] = [];
  const web = createWeb(policy);
  const probe = composeProbe(parseEnvironment(probeVariables, {}), { ...web.parts, ...meddle.probe });
  /** Something has been put on the bus or a topic since the last look. */
  let reported = false;
  let hears = true;
  const idle = createIdleSweeps(options.interceptors ?? [], {
    stale: options.staleReads !== undefined,
    fails: () => aws.faults.active().some(({ fault }) => fault.fault === 'fail-call' && fault.service === 'dynamodb'),
  });

  const common = {
    withoutGrants: ['selfheal'],
    ...(options.even ? { even: true } : {}),
    ...(options.staleReads === undefined ? {} : { staleReads: options.staleReads }),
    interceptors: idle.interceptors,
    ...options.outside,
  };
  const own: Omit<LocalAwsOptions, 'seed' | 'start' | 'account' | 'region'> = {
    ...common,
    // The operator's calls are exempt from injected faults.
    exempt: ['operator'],
    onInvoke: ({ functionName, executionName, payload }) => {
      if (functionName === functions.intake || functionName === functions.watch || functionName === functions.beat) {
        if (hears) invocations.push(functionName, payload);
        return {};
      }
      if (functionName === functions.probe) return probe(payload).then((answer) => ({ payload: answer }));
      if (functionName !== functions.remediate || executionName === undefined) return undefined;
      try {
        return { durableExecutionArn: engine.start(functionName, executionName, JSON.stringify(payload)).execution.arn };
      } catch (error) {
        if (error instanceof AlreadyStartedError) throw new AwsError(error.name, error.message, 409);
        throw error;
      }
    },
    onCallback: (callbackId, answer) => engine.completeCallback(callbackId, answer),
    executions: () => engine.executions.values(),
  };
  const { seed, start, account, region, organization } = options;
  const org = organization
    ? createLocalOrganization({
        ...{ id: organization.id, seed, start },
        accounts: [account, ...organization.accounts],
        regions: [region, ...organization.regions],
        keys: Object.fromEntries(['selfheal', 'operator', 'selfheal-approve', 'selfheal-beat'].map((key) => [key, account])),
        each: (one, other) => (one === account && other === region ? own : { ...common, exempt: [operatorOf({ account: one })] }),
      })
    : null;
  const aws = org?.aws ?? createLocalAws({ ...own, seed, start, account, region });
  const handle = org?.handle ?? aws.handle;
  const { world } = aws;
  const { clock } = world;
  const clocks = createClocks(clock, world.random.fork('clocks'), options.clockSkew ?? 0);
  const gate = options.interleave ? createInterleavingScheduler(world.random.fork('interleaving')) : undefined;

  const dieIf = async (when: 'before' | 'after') => {
    if (options.diesInCall && thisProcess() && options.diesInCall(when)) thisProcess()?.die();
    await alive();
  };
  /** Selfheal's calls to AWS: in turn, and only while the calling process lives. */
  const reach = async (request: HttpRequest) => {
    const call = async () => {
      await dieIf('before');
      const answer = await handle(request);
      reported ||= /\/(events|sns)\//.test(request.headers.authorization ?? '');
      await dieIf('after');
      return answer;
    };
    return gate ? gate.pass(call) : call();
  };
  const handleOf = (accessKeyId: string) => (accessKeyId === 'selfheal' ? reach : handle);
  const config = (accessKeyId: string) =>
    ({
      region: options.region,
      endpoint: 'http://local',
      credentials: { accessKeyId, secretAccessKey: 'local' },
      requestHandler: inProcess(handleOf(accessKeyId)),
    }) as object;
  /** Selfheal's messages to servers outside AWS. */
  const post: Post = async (url, message) => {
    await dieIf('before');
    const answer = await web.post(url, message);
    await dieIf('after');
    return answer;
  };
  const clientsOf = (accessKeyId: string, more: object = {}) =>
    createClients({ ...config(accessKeyId), ...more }, (client) => namingCalls(bypassHttp(client, handleOf(accessKeyId))));
  const clients = clientsOf('selfheal');
  const connect: Connect<Clients> = (settings, adapt) =>
    createClients({ ...config('selfheal'), ...settings }, (client) => adapt(namingCalls(bypassHttp(client, reach))));
  const lambda = bypassHttp(new LambdaClient(config('selfheal')), reach);
  // Another user, so without our app id in CloudTrail.
  const operator = clientsOf('operator', { userAgentAppId: 'operator' });
  const operatorIn = (place: Place) => clientsOf(operatorOf(place), { region: place.region, userAgentAppId: 'operator' });
  const sqs = bypassHttp(new SQSClient(config('operator')), handle);
  const draws = world.random.fork('selfheal');

  const surroundings = await createSurroundings(aws, operator, policy).catch(async (error: unknown) => {
    await aws.close();
    throw error;
  });
  const { table, topics } = surroundings;
  const members: { place: Place; trust: (trusts: boolean) => void }[] = [];
  if (org && organization)
    for (const place of organization.members) {
      const trust = await placeMember(org, place, operatorIn(place), { hub: { account, region }, organization: organization.id });
      members.push({ place, trust });
    }
  const operatorHere = (there: string) => (there === region ? operator : operatorIn({ account, region: there }));
  const sessions =
    org && organization ? await placeHub(aws, operatorHere, world.arn('lambda', `function:${functions.intake}`), organization) : null;
  const setTrustIn = async (place: Place, trusts: boolean) => {
    const member = members.find((one) => isSamePlace(one.place, place));
    if (!member) throw new RangeError(`there is no member in ${place.account}, ${place.region}`);
    member.trust(trusts);
  };
  /** By the role of a function, where there are members; else they are never asked for. */
  const stsOf = (name: 'remediate' | 'watch') => () =>
    namingCalls(
      bypassHttp(
        new STSClient({ ...config('selfheal'), userAgentAppId: appId, ...(sessions ? { credentials: sessions[name] } : {}) }),
        reach,
      ),
    );
  const collected = nothingCollected(surroundings.routes);
  const collects = options.collects !== false;
  const told = (outcome: Outcome) => options.onOutcome?.(outcome);
  const collect = collects ? await watchFarEnds(sqs, operator, surroundings, collected, told) : async () => {};

  const beatDomain = `beat.lambda-url.${options.region}.on.aws`;
  const domain = `approve.lambda-url.${options.region}.on.aws`;
  const variablesOf = (current: Policy) => ({
    LEDGER_TABLE: table,
    REMEDIATE_FUNCTION: functions.remediate,
    OUTCOME_TOPIC_ARN: topics.outcomes,
    CHAT_TOPIC_ARN: topics.chat,
    APPROVAL_TOPIC_ARN: topics.approvals,
    SECOND_APPROVAL_TOPIC_ARN: topics.secondApprovals,
    APPROVAL_PAGE: `https://${domain}/`,
    APPROVAL_SECRET: approvalSecret,
    KILL_SWITCH_PARAMETER: killSwitchName,
    PROBE_FUNCTION: functions.probe,
    METRICS_NAMESPACE: metricsNamespace,
    DEPLOYMENT: 'selfheal-local',
    SELFHEAL_POLICY: JSON.stringify(current),
    MEMBER_EXTERNAL_ID: organization?.id ?? '',
    MEMBER_TOPICS: organization ? organization.members.filter(hasTopic).map(topicPlace).join() || 'none' : '',
    ...options.variables,
  });
  const variables = variablesOf(policy);
  const memberRole = (name: keyof typeof memberRoles) => (organization ? { MEMBER_ROLE: memberRoles[name] } : {});
  const write = (line: string) => void lines.push(line);
  const log: Log = (entry) => write(JSON.stringify(entry, withoutInvisible));
  const keptLog: Log = (entry) => {
    log(entry);
    aws.logs.write(`/aws/lambda/${functions.intake}`, 'all', [JSON.stringify(entry, withoutInvisible)]);
  };

  // Most worlds need neither.
  const approve = once(() =>
    composeApprove(parseEnvironment(approveVariables, variables), { config: config('selfheal-approve'), log, now: clocks.of('approve') }),
  );
  const beat = once(() =>
    composeBeat(parseEnvironment(beatVariables, variables), { config: config('selfheal-beat'), log, now: clocks.of(functions.beat) }),
  );
  const asking = composeApprovals(parseEnvironment(approvalVariables, variables), clients);
  /** The functions of one version of selfheal. */
  const compose = (current: Policy) => {
    const variables = variablesOf(current);
    const intake = composeIntake(
      parseEnvironment(intakeVariables, variables),
      { dynamodb: clients.dynamodb, lambda, log: options.keepsLogs ? keptLog : log, now: clocks.of(functions.intake) },
      (deps) => ({
        ...deps,
        ...(meddle.start ? { start: meddle.start(deps.start) } : {}),
        ...(meddle.rules ? { rules: meddle.rules(deps.rules) } : {}),
      }),
    );
    const watch = composeWatch(
      parseEnvironment(watchVariables, { ...variables, ...memberRole('watch') }),
      {
        ...{
          sns: clients.sns,
          eventBridge: clients.eventBridge,
          dynamodb: clients.dynamodb,
          log,
          write,
          now: clocks.of(functions.watch),
          post,
        },
        own: watchClients(clients),
        sts: stsOf('watch'),
        connect: (settings, adapt) => watchClients(connect(settings, adapt)),
      },
      meddle.removes && { removes: meddle.removes },
    );
    const remediate = composeRemediate(
      parseEnvironment(remediateVariables, { ...variables, ...memberRole('remediate') }),
      {
        clients,
        connect,
        sts: stsOf('remediate'),
        lambda: () => lambda,
        asking,
        logger: loggerTo(log),
        write,
        now: clocks.of(functions.remediate),
        random: draws.next,
        nameServers: async (name) => aws.route53.resolve(name, 'NS') ?? [],
        post,
      },
      meddle.deps,
      meddle.durable,
    );
    return { intake, watch, remediate };
  };
  let version = compose(policy);
  /** Lambda keeps an execution on the version on which it was first invoked. */
  const begunOn = new WeakMap<Execution, typeof version>();
  const versionOf = (execution: Execution) => {
    const own = begunOn.get(execution) ?? version;
    begunOn.set(execution, own);
    return own;
  };
  const engine = createDurableEngine({
    clock,
    random: world.random,
    account: options.account,
    region: options.region,
    handler: (name, execution) => (name === functions.remediate ? versionOf(execution).remediate : undefined),
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

  const requestBeat = createFunctionUrl((event, context) => beat()(event as never, context as never) as never, {
    domain: beatDomain,
    sourceIp: approverAddress,
  });

  const contextOf = (functionName: string) =>
    ({ invokedFunctionArn: world.arn('lambda', `function:${functionName}`), getRemainingTimeInMillis: () => 30_000 }) as never;

  const invokeIntake = async ({ functionName, event, tries }: Queued): Promise<void> => {
    const record: Intake = { at: clock.now(), result: null, error: null };
    if (tries === 0) options.onEvent?.(event);
    try {
      record.result = (await version.intake(event as never, contextOf(functionName))) as IntakeResult;
    } catch (error) {
      record.error = errorMessage(error);
      if (error instanceof PartialIntakeError) record.result = error.result;
      throw error;
    } finally {
      // A retry by Lambda has the same result, so it is only recorded once.
      if (tries === 0) intakes.push(record);
    }
  };
  const invocations = createAsynchronous(
    clock,
    async (queued) => {
      if (queued.functionName === functions.intake) await invokeIntake(queued);
      else if (queued.functionName === functions.beat) await beat()(queued.event as never, contextOf(queued.functionName));
      else if (!meddle.unwatched) {
        const watched = () => version.watch(queued.event as never, contextOf(queued.functionName));
        await (sweepOf(queued.event) === 'out-of-service' ? idle.sweep(watched) : watched());
      }
    },
    ({ functionName }, { message: error }) => log({ level: 'ERROR', message: 'event kept in the dead-letter queue', functionName, error }),
  );

  const scheduleLater = (functionName: string, every: number, event: unknown): void => {
    clock.after(every, () => {
      // Without executions or heartbeats there is nothing to sweep, and there are many worlds.
      if (hears && (sweepOf(event) === 'beats' ? policy.beats.length > 0 : engine.executions.size > 0))
        invocations.push(functionName, event);
      scheduleLater(functionName, every, event);
    });
  };
  for (const trigger of deployedTriggers()) {
    if ('every' in trigger) scheduleLater(trigger.functionName, trigger.every, trigger.event);
  }
  await connectFunctions(aws, operator, surroundings, options.listens !== false);

  /** Everything that happens at one moment of simulated time. */
  const settle = async (): Promise<void> => {
    for (let moved = true; moved; ) {
      moved = false;
      if (org) moved = (await org.dispatch()) > 0;
      else if (aws.faults.anyDeliveries()) moved = (await aws.dispatch()) > 0;
      if (await invocations.run()) moved = true;
      const due = engine.next();
      if (due !== undefined && due <= clock.now()) {
        await engine.run();
        moved = true;
      }
    }
    if (!reported) return;
    reported = false;
    await collect();
  };

  return {
    aws,
    org,
    clients,
    operator,
    operatorIn,
    ledger: createLedger(clients.dynamodb, table),
    table,
    engine,
    web,
    policy,
    alarmTopicArn: topics.alarms,
    ...collected,
    fetch: createFunctionUrl((event, context) => approve()(event as never, context as never) as never, {
      domain,
      sourceIp: approverAddress,
    }),
    beat: async (name) => {
      const authorization = `Bearer ${beatToken(name, (await readKeys(operator.ssm, approvalSecret)).current)}`;
      return (await requestBeat(`https://${beatDomain}/beat/${name}`, { method: 'POST', headers: { authorization } })).status;
    },
    intakes,
    log: lines,
    redeploy: (changed) => {
      version = compose(changed);
    },
    setSwitch: surroundings.turnSwitch,
    setTrustIn,
    setTrust: async () => {
      throw new RangeError('the account and region of the stack are no member');
    },
    deafen: () => {
      hears = false;
    },
    deliver: (event) => {
      if (!hears) return;
      invocations.push(functions.intake, event);
      // Events on the bus also reach other rules' targets.
      for (const trigger of deployedTriggers()) {
        if ('every' in trigger || trigger.functionName === functions.intake) continue;
        if (matches(JSON.parse(trigger.pattern) as Pattern, event)) invocations.push(trigger.functionName, event);
      }
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
    busy: () => invocations.busy() || engine.busy(),
    close: () => (org ?? aws).close(),
  };
};
