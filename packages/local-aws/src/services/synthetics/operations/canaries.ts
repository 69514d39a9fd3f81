import type { World } from '../../../core/world.ts';
import { AwsError } from '../../../wire/protocol/errors.ts';
import { operation, type Service } from '../../../wire/protocol/service.ts';
import type { Canaries } from '../model.ts';
import {
  type CanaryRun,
  GetCanary$,
  type GetCanaryInput,
  type GetCanaryOutput,
  GetCanaryRuns$,
  type GetCanaryRunsInput,
  type GetCanaryRunsOutput,
} from './schemas.ts';

const runSeconds = 20;

export const canaryOperations = (world: World, canaries: Canaries): Service['operations'] => {
  const ids = world.random.fork('synthetics');

  const getCanary = ({ Name }: GetCanaryInput): Omit<GetCanaryOutput, '$metadata'> => {
    const { name, createdAt, modifiedAt = createdAt, state = { name: 'RUNNING' } } = canaries.expect(Name);
    return {
      Canary: {
        Id: name,
        Name: name,
        Status: { State: state.name, ...(state.reason === undefined ? {} : { StateReason: state.reason }) },
        Timeline: {
          Created: new Date(createdAt),
          LastModified: new Date(modifiedAt),
          LastStarted: new Date(createdAt),
          ...(state.name === 'RUNNING' ? {} : { LastStopped: new Date(modifiedAt) }),
        },
        RuntimeVersion: 'syn-nodejs-puppeteer-10.0',
      },
    };
  };

  const getRuns = ({ Name, MaxResults = 100, NextToken }: GetCanaryRunsInput): Omit<GetCanaryRunsOutput, '$metadata'> => {
    const { name, runs = [] } = canaries.expect(Name);
    if (MaxResults < 1 || MaxResults > 100) throw new AwsError('ValidationException', 'MaxResults must be between 1 and 100');
    const start = NextToken === undefined ? 0 : Number(/^from-(\d{1,9})$/.exec(NextToken)?.[1]);
    if (Number.isNaN(start)) throw new AwsError('ValidationException', 'NextToken is not valid');
    const page = runs.toReversed().slice(start, start + MaxResults);
    return {
      CanaryRuns: page.map(
        ({ at, state, reason }): CanaryRun => ({
          Id: ids.uuid(),
          Name: name,
          Status: { State: state, ...(reason === undefined ? {} : { StateReason: reason }) },
          Timeline: { Started: new Date(at), Completed: new Date(at + runSeconds * 1000) },
        }),
      ),
      ...(start + MaxResults < runs.length ? { NextToken: `from-${start + MaxResults}` } : {}),
    };
  };

  return {
    GetCanary: operation<GetCanaryInput, GetCanaryOutput>(() => GetCanary$, getCanary),
    GetCanaryRuns: operation<GetCanaryRunsInput, GetCanaryRunsOutput>(() => GetCanaryRuns$, getRuns),
  };
};
