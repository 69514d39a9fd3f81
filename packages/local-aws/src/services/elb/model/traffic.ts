import { elbParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import type { Target, TargetGroup } from './target-group.ts';

/** What has an id or an address: whether it runs and answers. */
export type Reach = (id: string) => { readonly state: string; readonly reachable: boolean } | undefined;

/** Requests, or requests a second. */
export type Counts = {
  /** For which the load balancer could choose a target, and those of them for each target. */
  routed: number;
  perTarget: number;
  /** For which it had no target: it answers 503. */
  unrouted: number;
  /** Whose target doesn't answer, or not in time as it has too many: the load balancer answers 502 or 504. */
  unanswered: number;
  /** That software answers with an error: with all of them where it is sick (assumed), or with a share of them. */
  targetErrors: number;
};

const none: Counts = { routed: 0, perTarget: 0, unrouted: 0, unanswered: 0, targetErrors: 0 };
const names = Object.keys(none) as (keyof Counts)[];

export const totalOf = ({ routed, unrouted }: Counts): number => routed + unrouted;
export const balancerErrorsOf = ({ unrouted, unanswered }: Counts): number => unrouted + unanswered;

/** From `at` on it goes on at `rates`; before that, there had been `sums`. */
type ChangePoint = { at: number; sums: Counts; rates: Counts };

type Flow = {
  readonly group: TargetGroup;
  readonly senders: Map<number, { perSecond: number; each: number }>;
  /** The targets that requests go to, and those to which they will once the load balancer knows. */
  routes: readonly Target[];
  announced: readonly Target[];
  readonly points: ChangePoint[];
};

const sumsAt = (points: readonly ChangePoint[], at: number): Counts => {
  const point = points.findLast((candidate) => candidate.at <= at);
  if (!point) return none;
  const seconds = (at - point.at) / 1000;
  const sumOf = (name: keyof Counts) => point.sums[name] + point.rates[name] * seconds;
  return Object.fromEntries(names.map((name) => [name, sumOf(name)])) as Counts;
};

/**
 * Requests through load balancers: so many a second, spread evenly over the targets that the load balancer takes for healthy. A request
 * takes no time, so that none is under way when a target goes down: assumed. They are counted between changes and not one by one, so
 * that hours of them cost nothing.
 */
export const createTraffic = (world: World, reach: Reach, errorsOf: (group: TargetGroup, target: Target) => number) => {
  const flows = new Map<TargetGroup, Flow>();
  let senders = 0;

  /**
   * The healthy targets, or all of them where none is: "the load balancer fails open",
   * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
   */
  const routesOf = ({ targets }: TargetGroup): Target[] => {
    const used = [...targets.values()].filter(({ state, instanceId }) => state !== 'draining' && reach(instanceId)?.state === 'running');
    const healthy = used.filter(({ state }) => state === 'healthy');
    return healthy.length > 0 ? healthy : used;
  };

  const ratesOf = ({ group, senders, routes }: Flow): Counts => {
    const sending = [...senders.values()];
    const perSecond = sending.reduce((sum, one) => sum + one.perSecond, 0);
    if (routes.length === 0) return { ...none, unrouted: perSecond };
    const perTarget = perSecond / routes.length;
    const silent = routes.filter(({ instanceId }) => reach(instanceId)?.reachable !== true);
    const taken = Math.min(perTarget, ...sending.map(({ each }) => each));
    const errors = routes.reduce((sum, target) => sum + (silent.includes(target) ? 0 : errorsOf(group, target)), 0);
    return {
      routed: perSecond,
      perTarget,
      unrouted: 0,
      unanswered: perTarget * silent.length + (perTarget - taken) * (routes.length - silent.length),
      targetErrors: taken * errors,
    };
  };

  const update = (flow: Flow): void => {
    const at = world.clock.now();
    const rates = ratesOf(flow);
    const last = flow.points.at(-1);
    if (last && names.every((name) => last.rates[name] === rates[name])) return;
    if (last?.at === at) last.rates = rates;
    else flow.points.push({ at, sums: sumsAt(flow.points, at), rates });
  };

  /** The group's targets, or their health, may have changed: the load balancer acts on that a little later. */
  const reroute = (group: TargetGroup): void => {
    const flow = flows.get(group);
    if (!flow) return;
    const next = routesOf(group);
    if (next.length === flow.announced.length && next.every((target, i) => target === flow.announced[i])) return;
    flow.announced = next;
    world.clock.after(elbParameters.propagationSeconds * 1000, () => {
      flow.routes = next;
      update(flow);
    });
  };

  const updateAll = (): void => {
    for (const flow of flows.values()) update(flow);
  };

  world.subscribe((worldEvent) => {
    if (worldEvent.type === 'instance-state') for (const group of flows.keys()) reroute(group);
    if (worldEvent.type === 'instance-state' || worldEvent.type === 'instance-reachable') updateAll();
  });

  return {
    reroute,
    /** Software has become sick or well. */
    updateAll,
    /** Adds so many requests a second, of which a target answers `each` in time and no more; returns what ends them. */
    send: (group: TargetGroup, perSecond: number, each = Number.POSITIVE_INFINITY): (() => void) => {
      let flow = flows.get(group);
      if (!flow) {
        const routes = routesOf(group);
        flow = { group, senders: new Map(), routes, announced: routes, points: [] };
        flows.set(group, flow);
      }
      const { senders: all } = flow;
      const id = senders++;
      const sending = flow;
      all.set(id, { perSecond, each });
      update(sending);
      return () => {
        all.delete(id);
        update(sending);
      };
    },
    perSecond: (group: TargetGroup): number => totalOf(flows.get(group)?.points.at(-1)?.rates ?? none),
    /** What there has been up to a time. */
    sumsAt: (group: TargetGroup, at: number): Counts => sumsAt(flows.get(group)?.points ?? [], at),
    /** When there was last any of what `of` counts; undefined where there never was. */
    latest: (group: TargetGroup, of: (counts: Counts) => number): number | undefined => {
      const { points = [] } = flows.get(group) ?? {};
      const index = points.findLastIndex(({ rates }) => of(rates) > 0);
      return index < 0 ? undefined : (points[index + 1]?.at ?? world.clock.now());
    },
  };
};
export type Traffic = ReturnType<typeof createTraffic>;
