import { helpFor, serveUntilInterrupted, UsageError } from '#local-aws/cli';
import { type Command, Unusable } from './command.ts';

const command = 'selfheal aws';

export const awsCommand: Command = {
  name: 'aws',
  help: helpFor(command),
  names: () => [],
  run: async (args, io) => {
    try {
      return await serveUntilInterrupted(args, io, command, { withoutGrants: ['selfheal'] });
    } catch (error) {
      throw error instanceof UsageError ? new Unusable(error.message) : error;
    }
  },
};
