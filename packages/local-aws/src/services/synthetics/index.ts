import {
  type CanaryRun,
  GetCanary$,
  type GetCanaryInput,
  type GetCanaryOutput,
  GetCanaryRuns$,
  type GetCanaryRunsInput,
  type GetCanaryRunsOutput,
} from '../../../../../shared/resources/synthetics-schemas.ts';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';

/** A canary as a world has it; it asks for nothing here. Times in milliseconds since the epoch. */
export type PlacedCanary = {
  name: string;
  createdAt: number;
  modifiedAt?: number;
  state?: { name: 'RUNNING' | 'STOPPED' | 'ERROR'; reason?: string };
  /** The newest last. */
  runs?: readonly { at: number; state: 'PASSED' | 'FAILED'; reason?: string }[];
};

export type Synthetics = { service: Service; place(placed: PlacedCanary): void };

const runSeconds = 20;

/** Canaries as they are described. https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_Operations.html */
export const createSynthetics = (world: World): Synthetics => {
  const canaries = new Map<string, PlacedCanary>();
  const ids = world.random.fork('synthetics');

  const expect = (name: string): PlacedCanary => {
    if (!/^[0-9a-z_-]{1,255}$/.test(name)) throw new AwsError('ValidationException', `Canary name is invalid: ${name.slice(0, 100)}`);
    const found = canaries.get(name);
    if (!found) throw new AwsError('ResourceNotFoundException', `Canary ${name} not found`, 404);
    return found;
  };

  const getCanary = ({ Name }: GetCanaryInput): Omit<GetCanaryOutput, '$metadata'> => {
    const { name, createdAt, modifiedAt = createdAt, state = { name: 'RUNNING' } } = expect(Name);
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
    const { name, runs = [] } = expect(Name);
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
    place: (placed) => {
      if (!canaries.has(placed.name)) canaries.set(placed.name, placed);
    },
    service: {
      signingName: 'synthetics',
      protocols: ['rest-json'],
      operations: {
        GetCanary: operation<GetCanaryInput, GetCanaryOutput>(() => GetCanary$, getCanary),
        GetCanaryRuns: operation<GetCanaryRunsInput, GetCanaryRunsOutput>(() => GetCanaryRuns$, getRuns),
      },
    },
  };
};
