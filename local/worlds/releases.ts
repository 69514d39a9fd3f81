import type { Call, LocalAws } from '#local-aws';
import { dayMs, minuteMs } from '../../shared/model/duration.ts';
import type { PromiseId } from './promises.ts';

/** What a rollback leaves and goes to, by the numbers of versions or revisions, and whether what it leaves is to blame. */
type Move = { of: string; from: number; to: number | null; isToBlame: boolean };

/** A version whose own code fails so much more often than the one before is to blame. */
const isWorse = (newer = 0, older = 0): boolean => newer > 0.02 && newer > 5 * older;

/** Share of failing requests from which people would call a function down. */
const isDown = 0.1;

/** The end of an ARN, or the name itself. */
const endOf = (text: unknown, after: string): string => String(text).replace(new RegExp(`^arn:.*?:${after}`), '');

/** `CLUSTER/NAME` of the service that a call of ECS is about. */
export const serviceOf = ({ operation, input }: Call): string => {
  if (operation === 'StopServiceDeployment')
    return endOf(input.serviceDeploymentArn, 'service-deployment/').split('/').slice(0, 2).join('/');
  const [cluster, service] = [endOf(input.cluster ?? 'default', 'cluster/'), endOf(input.service, 'service/')];
  return service.includes('/') ? service : `${cluster}/${service}`;
};

const revisionOf = (definition: string): number => Number(definition.split(':').at(-1));

/** What selfheal rolls back: whether it goes to an earlier release, and whether what it leaves is to blame. */
export const createReleases = (the: () => LocalAws, object: (promise: PromiseId, resource: string, text: string) => void) => {
  /** When selfheal last moved each alias or service. */
  const moved = new Map<string, number>();
  /** What was served when a call was made. */
  const moves = new Map<Call, Move>();

  /** Since when the version that an alias points to has been there, and since when something else lets the function fail. */
  const serving = new Map<string, { version: string; at: number }>();
  const troubledSince = new Map<string, number>();

  /**
   * What a function needs went down as its release came: all requests of the new version fail, none of the old one did, and metrics are of
   * whole minutes. Nobody could tell it from a bad release.
   */
  const looksToBlame = (name: string, alias: string): boolean => {
    const [since, released] = [troubledSince.get(name), serving.get(`${name}:${alias}`)?.at];
    return since !== undefined && released !== undefined && Math.abs(since - released) <= minuteMs;
  };

  const ofAlias = ({ input }: Call): Move => {
    const name = endOf(input.FunctionName, 'function:');
    const view = the().lambda.view(name);
    const [from = '', to] = [view?.aliases.get(String(input.Name)), String(input.FunctionVersion)];
    const isToBlame = isWorse(view?.errors.get(from), view?.errors.get(to)) || looksToBlame(name, String(input.Name));
    return { of: `${name}:${String(input.Name)}`, from: Number(from), to: Number(to), isToBlame };
  };

  const ofService = (call: Call): Move => {
    const of = serviceOf(call);
    const definition = the().ecs.view(of)?.definition ?? '';
    const to = call.input.taskDefinition === undefined ? null : revisionOf(endOf(call.input.taskDefinition, 'task-definition/'));
    return { of, from: revisionOf(definition), to, isToBlame: the().ecs.isDefective(definition) };
  };

  return {
    /** Looks at the truth; called every few seconds of simulated time. */
    look: (): void => {
      const { lambda, world } = the();
      const at = world.clock.now();
      for (const name of lambda.names()) {
        const view = lambda.view(name);
        if (!view || view.troubled <= isDown) troubledSince.delete(name);
        else if (!troubledSince.has(name)) troubledSince.set(name, at);
        for (const [alias, version] of view?.aliases ?? []) {
          const of = `${name}:${alias}`;
          if (serving.get(of)?.version !== version) serving.set(of, { version, at });
        }
      }
    },
    isRollback: ({ service, operation, input }: Call): boolean =>
      (service === 'lambda' && operation === 'UpdateAlias') ||
      (service === 'ecs' &&
        (operation === 'StopServiceDeployment' || (operation === 'UpdateService' && input.taskDefinition !== undefined))),
    /** Whether a function or a service has the tag. */
    isOptedIn: (of: string): boolean =>
      (the().lambda.view(of.split(':')[0] ?? '')?.tags ?? the().ecs.view(of)?.tags)?.get('selfheal') === 'on',
    /** Whether what serves fails by its own code, or what it needs is down. */
    stillFails: (id: string): boolean => {
      const [name = '', alias] = id.split(':');
      const view = the().lambda.view(name);
      const serves = alias === undefined ? undefined : view?.aliases.get(alias);
      return view !== undefined && Math.max(view.troubled, view.errors.get(serves ?? '') ?? 0) > isDown;
    },
    before: (call: Call): void => {
      moves.set(call, call.service === 'lambda' ? ofAlias(call) : ofService(call));
    },
    /** Returns what was rolled back. */
    after: (call: Call): string => {
      const { of, from, to, isToBlame } = moves.get(call) as Move;
      moves.delete(call);
      const now = the().world.clock.now();
      const last = moved.get(of);
      moved.set(of, now);
      if (to !== null && !(to < from)) object('never-forwards', of, `moved from ${from} to ${to}`);
      if (last !== undefined && now - last < dayMs) object('never-forwards', of, 'moved a second time within a day');
      if (!isToBlame) object('not-its-fault', of, `moved from ${from}, which is not to blame`);
      return of;
    },
  };
};
