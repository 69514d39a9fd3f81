import { helpFor, UsageError as LocalAwsUsageError, serveUntilInterrupted } from '#local-aws/cli';
import { UsageError } from '../../shared/model/errors.ts';
import type { Command } from './command.ts';

const command = 'selfheal aws';

export const awsCommand: Command = {
  name: 'aws',
  help: helpFor(command),
  names: () => [],
  run: async (args, io) => {
    try {
      return await serveUntilInterrupted(args, io, command, { withoutGrants: ['selfheal'] });
    } catch (error) {
      throw error instanceof LocalAwsUsageError ? new UsageError(error.message) : error;
    }
  },
};
