import type { Action } from '../../shared/actions/action.ts';
import type { Guard } from '../../shared/guards/guard.ts';
import { guards } from '../../shared/guards/index.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { ResourceType } from '../../shared/model/resource.ts';

/** Guards that only need a history and a policy; the real ones are asked. */
export const evaluableGuards = guards.filter(({ live }) => !live);

/** The guards that would have been asked but can't be evaluated now. */
export const unevaluatedGuards = (asked: readonly Guard[], action: Action, type: ResourceType, policy: Policy): string[] =>
  guards.filter((guard) => !asked.includes(guard) && guard.isOpen(action, type, policy)).map(({ id }) => id);
