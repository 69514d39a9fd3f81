import type { LambdaHooks, ListedExecution } from './hooks.ts';

/** The version that an execution stays on, as its ARN tells it. */
export const versionOf = ({ arn }: ListedExecution): string => arn.split('/')[0]?.split(':')[7] ?? '$LATEST';

/** What is known of the functions that the host carries out: their executions tell which versions there are. */
export const createHosted = ({ executions, concurrency }: Pick<LambdaHooks, 'executions' | 'concurrency'>) => {
  const deleted = new Set<string>();

  /** Its versions by when they were made: a version that is there was there when its first execution began. */
  const versions = (name: string): Map<string, number> => {
    const found = new Map<string, number>();
    for (const execution of executions?.() ?? []) {
      const version = versionOf(execution);
      if (execution.functionName !== name || version === '$LATEST' || deleted.has(`${name}:${version}`)) continue;
      found.set(version, Math.min(execution.startedAt, found.get(version) ?? Number.POSITIVE_INFINITY));
    }
    return found;
  };

  return {
    /** A host that tells of executions may have any function: it names only those that have run. */
    mayHave: executions !== undefined,
    versions,
    delete: (name: string, version: string): boolean => versions(name).has(version) && deleted.add(`${name}:${version}`).size > 0,
    reserved: concurrency?.reserved ?? {},
  };
};
export type Hosted = ReturnType<typeof createHosted>;
