import type { Call, LocalAws } from '#local-aws';
import { dayMs } from '../../shared/model/duration.ts';
import type { PromiseId } from './promises.ts';

/** A version whose own code fails so much more often than the one before is to blame. */
const isWorse = (newer: number, older: number): boolean => newer > 0.02 && newer > 5 * older;

/** What selfheal rolls back: whether it goes to an earlier version, and whether what it leaves is to blame. */
export const createReleases = (the: () => LocalAws, object: (promise: PromiseId, resource: string, text: string) => void) => {
  /** When selfheal last moved each alias, by `FUNCTION:ALIAS`. */
  const moved = new Map<string, number>();
  /** The version that an alias pointed to when the call was made. */
  const before = new Map<Call, string | undefined>();
  const nameOf = ({ input }: Call): string => String(input.FunctionName).replace(/^arn:.*:function:/, '');

  return {
    isRollback: ({ service, operation }: Call): boolean => service === 'lambda' && operation === 'UpdateAlias',
    /** The function that a call is about. */
    nameOf,
    isOptedIn: (name: string): boolean => the().lambda.view(name)?.tags.get('selfheal') === 'on',
    /** Whether what serves fails by its own code, or what it needs is down. */
    stillFails: (id: string): boolean => {
      const [name = '', alias] = id.split(':');
      const view = the().lambda.view(name);
      const serves = alias === undefined ? undefined : view?.aliases.get(alias);
      return view !== undefined && Math.max(view.troubled, view.errors.get(serves ?? '') ?? 0) > 0.1;
    },
    before: (call: Call): void => {
      before.set(call, the().lambda.view(nameOf(call))?.aliases.get(String(call.input.Name)));
    },
    after: (call: Call): void => {
      const [name, now] = [nameOf(call), the().world.clock.now()];
      const alias = `${name}:${String(call.input.Name)}`;
      const from = before.get(call);
      before.delete(call);
      const to = String(call.input.FunctionVersion);
      const last = moved.get(alias);
      moved.set(alias, now);
      if (!(Number(to) < Number(from))) object('never-forwards', alias, `moved from version ${from} to ${to}`);
      if (last !== undefined && now - last < dayMs) object('never-forwards', alias, 'moved a second time within a day');
      const errors = the().lambda.view(name)?.errors;
      if (!isWorse(errors?.get(from ?? '') ?? 0, errors?.get(to) ?? 0))
        object('not-its-fault', alias, `moved from version ${from}, which is no worse than ${to}`);
    },
  };
};
