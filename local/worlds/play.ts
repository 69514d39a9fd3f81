import { createRandom } from '#local-aws/random';
import { minuteMs, secondsOf } from '../../shared/model/duration.ts';
import { errorMessage } from '../../shared/model/errors.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import type { Place } from '../../shared/model/place.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import { createPace, type Pace } from '../replay/pace.ts';
import { createHost, type Host, type HostOptions } from '../testbed/host.ts';
import { buildFleet, notSteady, settling } from './build.ts';
import { type CertificateState, certificateState } from './certificates.ts';
import { commandKey } from './commands-sent.ts';
import { type ServiceState, serviceState } from './containers.ts';
import { type DatabaseState, databaseStateOf } from './databases.ts';
import { mountedAt } from './disks.ts';
import { createObserver, type Limits, type Observer } from './observer.ts';
import { createDiary, nobody, type PeopleLog } from './people.ts';
import { fillers, perform, type Stage } from './perform.ts';
import { hostIn, observePlaces, organizationOf } from './places.ts';
import { messagesIn, queueName } from './queues.ts';
import { addressOf, lookAt, type ResourceState } from './resources.ts';
import type { Scenario } from './schema.ts';
import type { Step } from './steps.ts';
import { fillIn, memberOf } from './values.ts';

/** It takes some minutes until an alarm reports a fault. */
const minWatch = 30 * minuteMs;
const longest = 60 * 24 * 60 * minuteMs;

/** A step as it was carried out, or why it couldn't be. */
export type Done = { at: number; step: Step; error: string | null };

/** The observed results of a scenario. */
export type Observation = {
  /** When the timeline began, in milliseconds since the epoch. */
  began: number;
  /** What was unhealthy before any fault. */
  unsteady: string[];
  done: Done[];
  outcomes: Outcome[];
  messages: number;
  approvals: number;
  rejected: number;
  /** selfheal's calls with effect, as `ec2:RebootInstances`, in their order. */
  calls: string[];
  /** What the scenario's names stood for. */
  ids: ReadonlyMap<string, string>;
  /** Cut short: it was interrupted, or reached the requested time. */
  cutShort: boolean;
  /** Incidents that had not ended then. */
  open: number;
  /** Messages and approval requests as they were sent to people, oldest first. */
  told: { at: number; text: string }[];
  /** When each instance first came to a stop. */
  stopped: ReadonlyMap<string, number>;
  /** The final state of the expected resources, by name. */
  resources: ReadonlyMap<string, ResourceState>;
  /** Of the target groups that are asked about, by name. */
  failedRequests: ReadonlyMap<string, number>;
  /** Users' requests to all target groups together. */
  requests: { total: number; failed: number };
  /** The final state of the services that something is expected of. */
  services: ReadonlyMap<string, ServiceState | null>;
  /** The final state of the databases that something is expected of. */
  databases: ReadonlyMap<string, DatabaseState | null>;
  /** By the names of queues. */
  messagesIn: ReadonlyMap<string, number>;
  certificates: ReadonlyMap<string, CertificateState>;
  /** Sizes in GiB, by an instance's name and a path. */
  fileSystems: ReadonlyMap<string, number | undefined>;
  /** What an observer saw, where the scenario asks for one. */
  watched: (Pick<Observer, 'violations' | 'history'> & ReturnType<Observer['counts']>) | null;
};

type PlayOptions = {
  seed?: number;
  /** What the scenario's own policy is laid over; the defaults, where it is left out. */
  policy?: Policy;
  pace?: Pace;
  /** Reads a file that the scenario names, relative to its own folder. Throws an Error that says why it can't. */
  readFile?: (file: string) => unknown;
  /** How the host is set up beyond what the scenario says. */
  host?: Pick<HostOptions, 'collects' | 'dies' | 'even' | 'interceptors' | 'keepsLogs' | 'listens' | 'meddle' | 'outside'>;
  /** How long after the last step an incident may go on, in milliseconds; one that is still open then will never end. */
  patience?: number;
  onHost?: (host: Host) => void;
  /** Called when the fleet is up and healthy. `says` fills in the fleet's names in a text. */
  onReady?: (host: Host, says: (text: string) => string) => void;
  onEvent?: (event: unknown) => void;
  onOutcome?: (outcome: Outcome) => void;
  onStep?: (done: Done) => void;
  /** Called after an answer: null, or why the page didn't accept it. Without it, a refused answer ends the scenario. */
  onAnswer?: (error: string | null) => void;
};

/** Names of services as people write them, where they are signed for by another one. */
const serviceNames: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', elasticloadbalancing: 'elb' };

/** The link's page, answered as a person would. Throws if it takes no answer. */
const answerTo = async (host: Host, link: string, decision: 'approve' | 'reject', by: string): Promise<void> => {
  const { origin, pathname } = new URL(link);
  const body = new URLSearchParams({ token: pathname.slice(1), decision, name: by });
  const { ok, status } = await host.fetch(`${origin}/`, { method: 'POST', body });
  if (!ok) throw new Error(`the page on which people decide answered ${status}`);
};

/** What selfheal published to people, whatever topic it went to. */
const tellings = ({ aws: { world } }: Host): { at: number; text: string }[] =>
  world.calls
    .filter(
      ({ service, operation, error, accessKey }) =>
        service === 'sns' && operation === 'Publish' && error === null && accessKey === 'selfheal',
    )
    .map(({ at, input }) => ({ at, text: String((input as { Message?: string }).Message ?? '') }));

const observe = (host: Host, ids: ReadonlyMap<string, string>) => ({
  told: tellings(host),
  outcomes: [...host.outcomes],
  messages: host.messages.length,
  approvals: host.approvals.length,
  rejected: host.intakes.reduce((sum, { result }) => sum + (result?.rejected.length ?? 0), 0),
  calls: host.aws.world.calls
    .filter(({ accessKey, error, input }) => accessKey === 'selfheal' && error === null && !(input as { DryRun?: boolean }).DryRun)
    .map(({ service, operation }) => `${serviceNames[service] ?? service}:${operation}`),
  ids,
});

/** The names that a scenario has for its resources, by their ids; what is called by its id has none. */
export const namesOf = ({ ids }: Pick<Observation, 'ids'>): Map<string, string> =>
  new Map([...ids].flatMap(([name, id]) => (name === id ? [] : [[id, name] as const])));

/** What a scenario is played with: its own policy, laid over another one, of which commands and playbooks stay that it doesn't name. */
export const policyOf = ({ policy }: Scenario, under?: Policy): Policy =>
  policySchema.parse({
    ...under,
    ...policy,
    commands: { ...under?.commands, ...(policy.commands as object | undefined) },
    playbooks: { ...under?.playbooks, ...(policy.playbooks as object | undefined) },
  });

const ownerKinds = ['karpenter', 'eks', 'ecs', 'fleet', 'other'] as const;

/** The observer's limits, read from the policy independently of selfheal. */
const limitsOf = ({
  mode,
  channels,
  budget,
  blastRadius,
  massFailure,
  healers,
  owners,
  commands,
  certificates,
  databases,
  readers,
  disks,
  approval,
  lease,
}: Policy): Omit<Limits, 'skewMs'> => ({
  asks: new Set(approval.required.flatMap(({ action }) => (action === undefined ? [] : action))),
  leaseSeconds: lease.seconds,
  groupShare: massFailure.groupShare,
  commands: new Set(Object.values(commands).map(({ document, version }) => commandKey(document, version))),
  storage: databases.storage?.atMost ?? null,
  readers: readers?.atMost ?? null,
  replicated: new Set(readers?.instances),
  zones: new Set(certificates.zones),
  budget: { actions: budget.actions, windowSeconds: budget.window },
  groupBudget: { actions: budget.group.actions ?? null, windowSeconds: secondsOf(budget.group.window) },
  ownHealing: healers.autoRecovery,
  left: ownerKinds.filter((kind) => owners[kind] === 'leave'),
  volumeMost: disks?.atMost ?? null,
  blastShare: blastRadius.share,
  massFailure: { resources: massFailure.account, windowSeconds: massFailure.window, share: massFailure.share },
  dryRun: mode === 'dry-run',
  pages: channels.pagerduty !== undefined,
});

/** What several observers have seen. */
const together = (observers: readonly Observer[]): NonNullable<Observation['watched']> => {
  const counts = observers.map((one) => one.counts());
  const outcomes: Record<string, number> = {};
  for (const one of counts) for (const [status, count] of Object.entries(one.outcomes)) outcomes[status] = (outcomes[status] ?? 0) + count;
  return {
    violations: observers.flatMap(({ violations }) => violations),
    history: observers.flatMap(({ history }) => history).sort((a, b) => a.at - b.at),
    incidents: counts.reduce((sum, { incidents }) => sum + incidents, 0),
    actions: counts.reduce((sum, { actions }) => sum + actions, 0),
    outcomes,
  };
};

/** Builds a fleet. `idOf` says what its names stand for: a member keeps the name by which it was first spoken of. */
const standUp = async (host: Host, scenario: Scenario, people: PeopleLog, pace: Pace) => {
  const { aws } = host;
  const { instances, targetGroups, keys } = await buildFleet(host, scenario, pace);
  const ids = new Map([...instances, ...targetGroups, ...Object.keys(scenario.fleet.groups).map((name) => [name, name] as const)]);
  const idOf = (ref: string): string => {
    const member = memberOf(ref);
    const members = member ? aws.autoScaling.get(member.group)?.memberIds : undefined;
    const id = ids.get(ref) ?? (member ? members?.[member.index] : undefined);
    if (id === undefined) throw new Error(`there is no ${ref} any more`);
    ids.set(ref, id);
    return id;
  };
  for (const [name, { suspended }] of Object.entries(scenario.fleet.groups))
    for (const process of suspended) people.suspended.set(`${name}/${process}`, aws.world.clock.now());
  return { ids, idOf, keys };
};

/** Carries out steps, and lets the observer know what it can't see of them. */
const carrying = (stage: Stage, people: PeopleLog, observer: Observer | null) => {
  const diary = createDiary(stage.host, people);
  return async (step: Step): Promise<void> => {
    observer?.note(JSON.stringify(step));
    const on = 'on' in step && step.on !== undefined ? stage.idOf(step.on) : '';
    if (step.do === 'leak-memory') observer?.excuse('leaking', on);
    if (step.do === 'sick-target') observer?.sickened(on);
    if (step.do === 'kill-process') observer?.killed(on, step.process);
    if (step.do === 'retire' || step.do === 'interrupt-spot') observer?.excuse('retiring', on);
    const write = diary(step, on);
    await perform(step, on, stage);
    if (step.do === 'change-policy') observer?.redeployed(limitsOf(policySchema.parse({ ...stage.host.policy, ...step.policy })));
    write();
  };
};

/** Builds a scenario's world, runs its timeline, and watches until the last incident is over. */
export const playScenario = async (scenario: Scenario, options: PlayOptions = {}): Promise<Observation> => {
  const { pace = createPace(), readFile, patience = longest } = options;
  const { seed = scenario.seed } = options;
  const began = Date.parse(scenario.start);
  const policy = policyOf(scenario, options.policy);
  const told: unknown[] = [];
  const people = nobody();
  const limits = { ...limitsOf(policy), skewMs: (scenario.clockSkew ?? 0) * 1000 };
  const observer = scenario.expect.promises === undefined ? null : createObserver(people, limits);
  const home = { account: scenario.account, region: scenario.region };
  const organization = organizationOf(scenario);
  const elsewhere = Object.values(scenario.places).map((place) => {
    const log = nobody();
    return { ...place, people: log, observer: observer && createObserver(log, limits) };
  });
  const observers = observer
    ? [
        { place: home, member: true, observer },
        ...elsewhere.flatMap((one) => (one.observer ? [{ place: one, member: one.member, observer: one.observer }] : [])),
      ]
    : [];
  const zoneIdOf = ({ account, region }: Place, name: string): string => {
    const letters = ['a', 'b', 'c'];
    const shift = host.org?.world(account, region).world.zoneShift ?? 0;
    return `zone ${((letters.indexOf(name.slice(-1)) + shift) % letters.length) + 1} of ${region}`;
  };
  const inCommon = { windowMs: policy.massFailure.window * 1000, zoneIdOf };
  const sees = observers.length > 1 ? [observePlaces(home, observers, inCommon)] : observers.map((one) => one.observer.interceptor);
  const deaths = createRandom(seed).fork('deaths');
  const dies = () => deaths.chance(scenario.deaths);
  const host: Host = await createHost({
    seed,
    // One fleet after the other comes up.
    start: began - settling * (1 + elsewhere.length),
    ...(organization ? { organization } : {}),
    account: scenario.account,
    region: scenario.region,
    policy,
    interleave: scenario.interleave,
    ...(scenario.deaths > 0 ? { dies, diesInCall: dies } : {}),
    ...(scenario.staleReads === undefined ? {} : { staleReads: scenario.staleReads * 1000 }),
    ...(scenario.clockSkew === undefined ? {} : { clockSkew: scenario.clockSkew * 1000 }),
    ...options.host,
    interceptors: [...sees, ...(options.host?.interceptors ?? [])],
    onEvent: (event) => {
      told.push(event);
      options.onEvent?.(event);
    },
    ...(options.onOutcome ? { onOutcome: options.onOutcome } : {}),
  });
  try {
    const { aws } = host;
    observer?.watch(aws);
    host.web.onConnection((address) => observer?.connected(address));
    host.web.pager.onEvent((action, key) => observer?.paged(action, key));
    options.onHost?.(host);
    const parts: { timeline: Scenario['timeline']; carry: (step: Step) => Promise<void> }[] = [];
    for (const place of elsewhere) {
      const there = hostIn(host, place);
      place.observer?.watch(there.aws);
      const part = { ...scenario, account: place.account, region: place.region, fleet: place.fleet };
      const { idOf, keys } = await standUp(there, part, place.people, pace);
      const stage: Stage = { host: there, idOf, readEvent: () => null, told, keys, beating: new Map(), fleet: place.fleet };
      parts.push({ timeline: place.timeline, carry: carrying(stage, place.people, place.observer) });
    }
    const { ids, idOf, keys } = await standUp(host, scenario, people, pace);
    const unsteady = pace.over(host) ? [] : notSteady(host);
    const asked = Object.keys(scenario.expect.resources ?? {});
    const addresses = new Map<string, string | null>();
    for (const ref of unsteady.length > 0 ? [] : asked) addresses.set(ref, await addressOf(host, idOf(ref)));
    const stopped = new Map<string, number>();
    aws.world.subscribe((worldEvent) => {
      if (worldEvent.type === 'instance-state' && worldEvent.to === 'stopped' && !stopped.has(worldEvent.instanceId))
        stopped.set(worldEvent.instanceId, worldEvent.at);
    });
    const stage: Stage = {
      host,
      idOf,
      readEvent: (file: string) => {
        if (!readFile) throw new Error(`${file} can't be read here`);
        return readFile(file);
      },
      told,
      keys,
      beating: new Map(),
      fleet: scenario.fleet,
    };
    if (unsteady.length === 0) options.onReady?.(host, (text) => String(fillIn(text, fillers(stage))));

    parts.push({ timeline: scenario.timeline, carry: carrying(stage, people, observer) });
    const done: Done[] = [];
    type Due = { at: number; run: () => Promise<void> };
    const agenda: Due[] = parts.flatMap(({ timeline, carry }) =>
      timeline.map((step) => ({
        at: began + step.at * 1000,
        run: async () => {
          const record: Done = { at: aws.world.clock.now(), step, error: null };
          try {
            await carry(step);
          } catch (error) {
            record.error = errorMessage(error);
          }
          done.push(record);
          options.onStep?.(record);
        },
      })),
    );
    agenda.sort((a, b) => a.at - b.at);
    let requested = 0;
    /** Schedules answers to new requests for approval. */
    const takeRequests = (): void => {
      for (; requested < host.approvals.length; requested++) {
        const request = host.approvals[requested] ?? '';
        const answer = scenario.answers[requested];
        if (answer) {
          const at = aws.world.clock.now() + answer.after * 1000;
          const run = async () => {
            try {
              const { link } = JSON.parse(request) as { link: string };
              // Whatever the page answers: it may have been noted.
              if (answer.answer === 'approve') people.agreed.add(link);
              await answerTo(host, link, answer.answer, answer.by);
              options.onAnswer?.(null);
            } catch (error) {
              if (!options.onAnswer) throw error;
              options.onAnswer(errorMessage(error));
            }
          };
          agenda.push({ at, run });
        }
      }
      agenda.sort((a, b) => a.at - b.at);
    };
    const isAsked = () => host.approvals.length > requested;

    takeRequests();
    const last = Math.max(
      began + (scenario.watch === undefined ? 0 : scenario.watch * 1000),
      ...parts.flatMap(({ timeline }) => timeline).map(({ at }) => began + at * 1000 + (scenario.watch === undefined ? minWatch : 0)),
    );
    const isOver = () => aws.world.clock.now() >= last && !host.busy();
    while (unsteady.length === 0 && !pace.over(host)) {
      takeRequests();
      const [next] = agenda;
      const until = next?.at ?? last + patience;
      // What waits for its end mustn't be held up by what has none.
      const ended = next === undefined && isOver();
      if (ended) break;
      await pace.advance(host, () => isAsked() || (next === undefined && isOver()), until);
      if (next && !isAsked() && aws.world.clock.now() >= next.at) {
        agenda.shift();
        await next.run();
      } else if (!next && aws.world.clock.now() >= last + patience) break;
    }
    const open = [...host.engine.executions.values()].filter(({ status }) => status === 'RUNNING').length;
    if (!pace.over(host)) for (const one of observers) one.observer.finish();
    const watched = observer && together(observers.map((one) => one.observer));
    const resources = new Map<string, ResourceState>();
    for (const [ref, before] of addresses) resources.set(ref, await lookAt(host, idOf(ref), before));
    const failedRequests = new Map(
      Object.keys(scenario.expect.failedRequests ?? {}).map((ref) => [ref, aws.loadBalancing.requests(idOf(ref)).failed]),
    );
    const requests = { total: 0, failed: 0 };
    for (const { requests: one } of aws.loadBalancing.list()) {
      requests.total += one.total;
      requests.failed += one.failed;
    }
    const services = new Map<string, ServiceState | null>();
    for (const ref of Object.keys(scenario.expect.services ?? {}))
      services.set(ref, await serviceState(host, ref, scenario.fleet.services));
    const databases = new Map(Object.keys(scenario.expect.databases ?? {}).map((ref) => [ref, databaseStateOf(host, ref)]));
    const left = new Map(
      Object.keys(scenario.expect.queues ?? {}).map((ref) => [ref, messagesIn(host, queueName(scenario.fleet.queues, ref))]),
    );
    const certificates = new Map<string, CertificateState>();
    for (const ref of Object.keys(scenario.expect.certificates ?? {})) certificates.set(ref, await certificateState(host, ref));
    const fileSystems = new Map(
      Object.entries(scenario.expect.fileSystems ?? {}).flatMap(([ref, paths]) =>
        Object.keys(paths).map((path) => [`${ref} ${path}`, mountedAt(host, idOf(ref), path)?.sizeGiB] as const),
      ),
    );
    return {
      began,
      unsteady,
      done,
      ...observe(host, ids),
      stopped,
      resources,
      failedRequests,
      requests,
      services,
      databases,
      messagesIn: left,
      certificates,
      fileSystems,
      cutShort: pace.over(host),
      open,
      watched,
    };
  } finally {
    await host.close();
  }
};
