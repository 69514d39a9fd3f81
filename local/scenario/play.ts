import type { Outcome } from '../../shared/incident/outcome.ts';
import { type Policy, policySchema } from '../../shared/policy.ts';
import { createHost, type Host } from '../host.ts';
import { createPace, type Pace } from '../replay/pace.ts';
import { buildFleet, notSteady, settling } from './build.ts';
import { perform } from './perform.ts';
import type { Scenario } from './schema.ts';
import type { Step } from './steps.ts';
import { memberOf } from './values.ts';

const minute = 60_000;
/** What breaks needs some minutes until an alarm tells of it. */
const leastWatch = 30 * minute;
/** An incident that isn't over by then never will be. */
const longest = 60 * 24 * 60 * minute;

/** A step as it was carried out, or why it couldn't be. */
export type Done = { at: number; step: Step; error: string | null };

/** What came of a scenario, seen from outside. */
export type Observation = {
  /** When the timeline began, in milliseconds since the epoch. */
  began: number;
  /** What was not well before anything was broken. */
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
  /** Nobody wanted to see the end: it was interrupted, or is later than the time that was asked for. */
  cutShort: boolean;
  /** Incidents that had not ended then. */
  open: number;
};

export type PlayOptions = {
  seed?: number;
  /** What the scenario's own policy is laid over; the defaults, where it is left out. */
  policy?: Policy;
  pace?: Pace;
  /** Reads a file that the scenario names, relative to its own folder. Throws an Error that says why it can't. */
  readFile?: (file: string) => unknown;
  onHost?: (host: Host) => void;
  onEvent?: (event: unknown) => void;
  onOutcome?: (outcome: Outcome) => void;
  onStep?: (done: Done) => void;
};

/** Names of services as people write them, where they are signed for by another one. */
const serviceNames: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', elasticloadbalancing: 'elb' };

/** The link's page, answered as a person would. Throws if it takes no answer. */
const answerTo = async (host: Host, request: string, decision: 'approve' | 'reject', by: string): Promise<void> => {
  const { link } = JSON.parse(request) as { link: string };
  const { origin, pathname } = new URL(link);
  const body = new URLSearchParams({ token: pathname.slice(1), decision, name: by });
  const { ok, status } = await host.fetch(`${origin}/`, { method: 'POST', body });
  if (!ok) throw new Error(`the page on which people decide answered ${status}`);
};

const observe = (host: Host, ids: ReadonlyMap<string, string>) => ({
  outcomes: [...host.outcomes],
  messages: host.messages.length,
  approvals: host.approvals.length,
  rejected: host.intakes.reduce((sum, { result }) => sum + (result?.rejected.length ?? 0), 0),
  calls: host.aws.world.calls
    .filter(({ accessKey, error, input }) => accessKey === 'selfheal' && error === null && !(input as { DryRun?: boolean }).DryRun)
    .map(({ service, operation }) => `${serviceNames[service] ?? service}:${operation}`),
  ids,
});

/** Builds a scenario's world, lets happen what it says, and watches until the last incident is over. */
export const playScenario = async (scenario: Scenario, options: PlayOptions = {}): Promise<Observation> => {
  const { pace = createPace(), readFile } = options;
  const began = Date.parse(scenario.start);
  const told: unknown[] = [];
  const host = await createHost({
    seed: options.seed ?? scenario.seed,
    start: began - settling,
    account: scenario.account,
    region: scenario.region,
    policy: policySchema.parse({ ...options.policy, ...scenario.policy }),
    onEvent: (event) => {
      told.push(event);
      options.onEvent?.(event);
    },
    ...(options.onOutcome ? { onOutcome: options.onOutcome } : {}),
  });
  try {
    const { aws } = host;
    options.onHost?.(host);
    const { instances, targetGroups } = await buildFleet(host, scenario, pace);
    const ids = new Map([...instances, ...targetGroups, ...Object.keys(scenario.fleet.groups).map((name) => [name, name] as const)]);
    const unsteady = pace.over(host) ? [] : notSteady(host);
    /** A member keeps the name by which it was first spoken of. */
    const idOf = (ref: string): string => {
      const member = memberOf(ref);
      const members = member ? aws.autoScaling.get(member.group)?.memberIds : undefined;
      const id = ids.get(ref) ?? (member ? members?.[member.index] : undefined);
      if (id === undefined) throw new Error(`there is no ${ref} any more`);
      ids.set(ref, id);
      return id;
    };
    const stage = {
      host,
      idOf,
      readEvent: (file: string) => {
        if (!readFile) throw new Error(`${file} can't be read here`);
        return readFile(file);
      },
      told,
    };

    const done: Done[] = [];
    type Due = { at: number; run: () => Promise<void> };
    const agenda: Due[] = scenario.timeline.map((step) => ({
      at: began + step.at * 1000,
      run: async () => {
        const record: Done = { at: aws.world.clock.now(), step, error: null };
        try {
          await perform(step, stage);
        } catch (error) {
          record.error = (error as Error).message;
        }
        done.push(record);
        options.onStep?.(record);
      },
    }));
    let asked = 0;
    /** Requests for consent that are new are put on the agenda of whoever answers them. */
    const takeRequests = (): void => {
      for (; asked < host.approvals.length; asked++) {
        const request = host.approvals[asked] ?? '';
        const answer = scenario.answers[asked];
        if (answer) {
          const at = aws.world.clock.now() + answer.after * 1000;
          agenda.push({ at, run: () => answerTo(host, request, answer.answer, answer.by) });
        }
      }
      agenda.sort((a, b) => a.at - b.at);
    };
    const isAsked = () => host.approvals.length > asked;

    takeRequests();
    const watched = Math.max(
      began + (scenario.watch === undefined ? 0 : scenario.watch * 1000),
      ...scenario.timeline.map(({ at }) => began + at * 1000 + (scenario.watch === undefined ? leastWatch : 0)),
    );
    const isOver = () => aws.world.clock.now() >= watched && !host.busy();
    while (unsteady.length === 0 && !pace.over(host)) {
      takeRequests();
      const [next] = agenda;
      const until = next?.at ?? watched + longest;
      // What waits for its end mustn't be held up by what has none.
      const ended = next === undefined && isOver();
      if (ended) break;
      await pace.advance(host, () => isAsked() || (next === undefined && isOver()), until);
      if (next && !isAsked() && aws.world.clock.now() >= next.at) {
        agenda.shift();
        await next.run();
      } else if (!next && aws.world.clock.now() >= watched + longest) break;
    }
    const open = [...host.engine.executions.values()].filter(({ status }) => status === 'RUNNING').length;
    return { began, unsteady, done, ...observe(host, ids), cutShort: pace.over(host), open };
  } finally {
    await host.close();
  }
};
