import { lambdaParameters } from '../../../core/model-parameters.ts';
import type { World } from '../../../core/world.ts';
import type { FunctionStore } from './functions.ts';

type State = 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting';

/** What reads a queue or a stream and invokes a function with what it finds. */
export type Mapping = {
  readonly id: string;
  functionName: string;
  /** An alias or a version; empty for the function alone. */
  target: string;
  readonly source: string;
  batchSize: number;
  state: State;
  /** Why it last changed, as Lambda says it. */
  reason: string;
  result: string;
  modifiedAt: number;
  /** Invocations in a minute while it is enabled. */
  readonly perMinute: number;
};

/** A mapping as a world has it from the beginning. */
export type PlacedMapping = {
  id?: string;
  functionName: string;
  target?: string;
  /** The ARN of a queue or a stream. */
  source: string;
  enabled?: boolean;
  perMinute?: number;
  modifiedAt?: number;
};

/** What people do is `USER_INITIATED`, as the examples in Lambda's documentation of CreateEventSourceMapping show it. */
export const byUser = 'USER_INITIATED';

/** Event source mappings. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html */
export const createMappings = ({ clock, ...world }: World, store: FunctionStore) => {
  const all = new Map<string, Mapping>();
  const random = world.random.fork('lambda mappings');

  /** What it brings its function counts with what callers send it. */
  const bring = ({ functionName, target, perMinute }: Mapping, on: boolean): void => {
    const rates = store.get(functionName)?.rates;
    if (!rates || perMinute === 0) return;
    rates.set(target, Math.max(0, (rates.get(target) ?? 0) + (on ? perMinute : -perMinute)));
    store.flow();
  };

  const set = (mapping: Mapping, state: State): void => {
    if (mapping.state === 'Enabled' && state !== 'Updating') bring(mapping, false);
    if (state === 'Enabled' && mapping.state !== 'Updating') bring(mapping, true);
    mapping.state = state;
    mapping.modifiedAt = clock.now();
  };

  /** It is on its way for a while, and then there. */
  const turn = (mapping: Mapping, on: Extract<State, `${string}ing`>, there: State | undefined, reason = byUser): void => {
    set(mapping, on);
    mapping.reason = reason;
    clock.after(lambdaParameters.mappingSeconds * 1000, () => {
      if (mapping.state !== on) return;
      if (there === undefined) all.delete(mapping.id);
      else set(mapping, there);
    });
  };

  const add = (placed: PlacedMapping, state: State): Mapping => {
    const { id = random.uuid(), functionName, target = '', source, perMinute = 0, modifiedAt = clock.now() } = placed;
    const mapping: Mapping = {
      ...{ id, functionName, target, source, perMinute, modifiedAt },
      ...{ batchSize: source.includes(':sqs:') ? 10 : 100, state, reason: byUser, result: 'No records processed' },
    };
    all.set(id, mapping);
    if (state === 'Enabled') bring(mapping, true);
    return mapping;
  };

  return {
    all: all as ReadonlyMap<string, Mapping>,
    turn,
    create: (placed: PlacedMapping): Mapping => {
      const mapping = add(placed, 'Creating');
      turn(mapping, 'Creating', placed.enabled === false ? 'Disabled' : 'Enabled');
      return mapping;
    },
    place: (placed: PlacedMapping): Mapping => add(placed, placed.enabled === false ? 'Disabled' : 'Enabled'),

    /** Lambda itself disables it, and says why in its last result. */
    disable: (target: string, result: string): void => {
      const found = [...all.values()].filter(({ id, functionName }) => id === target || functionName === target);
      if (found.length === 0) throw new RangeError(`there is no event source mapping ${target.slice(0, 100)}, nor a function with one`);
      for (const mapping of found) {
        set(mapping, 'Disabled');
        mapping.reason = 'SYSTEM_INITIATED';
        mapping.result = result;
      }
    },
  };
};
export type Mappings = ReturnType<typeof createMappings>;
