import { availableParallelism } from 'node:os';

export default {
  testEnvironment: '<rootDir>/test/runner/environment.js',
  testRunner: '<rootDir>/test/runner/framework.js',
  transform: {},
  // With more than there are cores, npm test takes a third longer. Workers that have grown large are started anew.
  maxWorkers: availableParallelism(),
  workerIdleMemoryLimit: '1250MB',
  // A worker saves what it has compiled before it ends.
  workerGracefulExitTimeout: 60_000,
  // A test that hangs is found all the same; one that shares its cores with others is given the time.
  testTimeout: 900_000,
  testSequencer: '<rootDir>/test/runner/sequencer.js',
  roots: ['<rootDir>/test', '<rootDir>/packages/local-aws/test'],
  testMatch: ['**/*.test.ts'],
};
