import type { Call } from '#local-aws';
import type { PromiseId } from './promises.ts';

/** What a command of the policy is, as far as a call shows it. */
export const commandKey = (document: unknown, version: unknown): string => `${String(document)} in version ${String(version)}`;

/** Tracks the commands that selfheal sends: which documents, and each try once. */
export const createCommandsSent = (known: ReadonlySet<string>, object: (promise: PromiseId, resource: string, text: string) => void) => {
  const tries = new Set<string>();
  return {
    sent: ({ input }: Call): void => {
      const { Comment, DocumentName, DocumentVersion, InstanceIds = [] } = input;
      const resource = (InstanceIds as string[]).join();
      const key = commandKey(DocumentName, DocumentVersion);
      if (!known.has(key)) object('known-documents', resource, `${key} is no command of the policy`);
      const name = `${resource} ${String(Comment)}`;
      if (tries.has(name)) object('command-once', resource, `sent twice: ${String(Comment)}`);
      tries.add(name);
    },
  };
};
