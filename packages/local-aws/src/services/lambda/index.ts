import { lambdaParameters } from '../../core/model-parameters.ts';
import type { LambdaFaults, QueueWorkers, SamplesSource, ServedMetric } from '../../core/service-interfaces.ts';
import type { Agent, World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createFunctionStore, type PlacedFunction } from './model/functions.ts';
import type { LambdaHooks } from './model/hooks.ts';
import { createHosted } from './model/hosted.ts';
import { createMappings, type PlacedMapping } from './model/mappings.ts';
import { lambdaMetrics, listLambdaMetrics } from './model/metrics.ts';
import { parseFunctionName } from './model/name.ts';
import { createFunctionPolicies } from './model/policies.ts';
import { aliasOperations } from './operations/aliases.ts';
import { createCaller, createDeploy } from './operations/called.ts';
import { createLookup } from './operations/common.ts';
import { concurrencyOperations } from './operations/concurrency.ts';
import { executionOperations } from './operations/executions.ts';
import { functionOperations } from './operations/functions.ts';
import { createInvoker, createWorker } from './operations/invoked.ts';
import { mappingOperations } from './operations/mappings.ts';
import { permissionOperations } from './operations/permissions.ts';
import { tagOperations } from './operations/tags.ts';

/** What is true of a function now, whatever its metrics say yet. */
export type FunctionView = {
  readonly tags: ReadonlyMap<string, string>;
  /** The version that each alias points to. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The share of its invocations that each version's own code lets fail. */
  readonly errors: ReadonlyMap<string, number>;
  /** The share that fails in all versions, for a cause outside of them. */
  readonly troubled: number;
  readonly reserved: number | undefined;
};

export type Lambda = {
  service: Service;
  /** Namespace `AWS/Lambda`: Invocations, Errors, Throttles, Duration and ConcurrentExecutions of functions that were placed or created. */
  metrics: SamplesSource;
  listMetrics(): Iterable<ServedMetric>;
  /** Puts a function there that can be described and deployed, and that doesn't run; the same name again changes nothing. */
  place(placed: PlacedFunction): void;
  placeMapping(placed: PlacedMapping): void;
  /** The names of all functions. */
  names(): readonly string[];
  /** Undefined for one that doesn't exist. */
  view(name: string): FunctionView | undefined;
  /** Makes a call for somebody in the world, by his access key, and returns its output. Throws the `AwsError` that refuses it. */
  call(accessKey: string, operation: string, input: object): unknown;
  /** Invokes a function asynchronously, as an alarm or a rule does; false where it doesn't exist. */
  deliver(functionArn: string, payload: unknown): Promise<boolean>;
  /** Whether a function's policy lets a service invoke it, for a resource of another account or region. */
  takesInvocation(functionArn: string, agent: Agent): boolean;
  /** Hands messages of a queue to a function; how many of them fail. Undefined where it takes none. */
  work: QueueWorkers['function'];
  faults: LambdaFaults;
};

/**
 * Lambda: functions with their versions, aliases, concurrency, tags and event source mappings, and the traffic that they have; Invoke, the
 * answers to callbacks, and the lists of executions. What runs is the host's.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export const createLambda = (world: World, hooks: LambdaHooks = {}): Lambda => {
  const { onInvoke = () => undefined, onCallback = () => false, executions = () => [] } = hooks;
  const { limit, reserved } = hooks.concurrency ?? { limit: lambdaParameters.concurrency, reserved: {} };
  const store = createFunctionStore(world, { limit, reserved });
  const mappings = createMappings(world, store);
  const hosted = createHosted(hooks);
  const lookup = createLookup(world, store);
  const policies = createFunctionPolicies(world);
  const invoked = createInvoker(store, world.clock.now, onInvoke);
  const operations = {
    ...functionOperations(world, store, hosted, lookup),
    ...aliasOperations(store, lookup),
    ...concurrencyOperations(store, hosted, lookup),
    ...mappingOperations(world, mappings, lookup),
    ...tagOperations(world, store),
    ...permissionOperations(world, policies, { store, hosted, lookup }),
    ...executionOperations(world, { onCallback, executions }, invoked),
  };
  const call = createCaller(world, operations);
  return {
    metrics: lambdaMetrics(store.traffic),
    listMetrics: () => listLambdaMetrics(store.traffic, world.clock.now()),
    place: store.place,
    placeMapping: mappings.place,
    names: () => store.list().map(({ name }) => name),
    view: (name) => {
      const found = store.get(name);
      if (!found) return undefined;
      const { tags, aliases, versions, troubles, reserved } = found;
      return {
        tags,
        reserved,
        aliases: new Map([...aliases.values()].map((alias) => [alias.name, alias.version])),
        errors: new Map([...versions.values()].map(({ version, behaviour }) => [version, behaviour.errors])),
        troubled: 1 - [...troubles].reduce((well, { errors = 0 }) => well * (1 - errors), 1),
      };
    },
    call,
    deliver: async (functionArn, payload) => {
      const { name, qualifier } = parseFunctionName(functionArn);
      return (await invoked({ functionName: name, qualifier, type: 'Event', executionName: undefined, payload })) !== undefined;
    },
    takesInvocation: policies.admits,
    work: createWorker(store, world.clock.now, mappings),
    faults: {
      fail: store.fail,
      slow: store.slow,
      invoked: store.invoked,
      deploy: createDeploy(store, call),
      disableMapping: mappings.disable,
    },
    service: { signingName: 'lambda', protocols: ['rest-json'], missingParameter: 'ValidationException', operations },
  };
};
