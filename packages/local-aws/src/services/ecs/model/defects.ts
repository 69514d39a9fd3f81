import type { TaskDefinition } from './state.ts';

/**
 * What is wrong with a task definition: its image can't be pulled, since there is none or the registry doesn't answer, its software exits so many seconds after it has started, or answers
 * this share of the requests with an error while it passes its health checks.
 */
export type Defect =
  | { kind: 'cannot-pull'; reason: 'not-found' | 'unreachable' }
  | { kind: 'exits'; after: number }
  | { kind: 'errors'; ratio: number };

/** The defects of whole families, or of single revisions of them, while they last. */
export const createDefects = () => {
  const defects = new Map<string, Defect>();
  return {
    of: ({ family, revision }: TaskDefinition): Defect | undefined => defects.get(`${family}:${revision}`) ?? defects.get(family),
    has: (definition: string): boolean => defects.has(definition) || defects.has(definition.split(':')[0] ?? ''),
    /** By `family` or `family:revision`; returns what mends it. */
    add: (definition: string, defect: Defect): (() => void) => {
      defects.set(definition, defect);
      return () => {
        if (defects.get(definition) === defect) defects.delete(definition);
      };
    },
  };
};
export type Defects = ReturnType<typeof createDefects>;
