import { availableParallelism } from 'node:os';

export default {
  testEnvironment: '<rootDir>/test/environment.js',
  // More than there are cores: many tests wait for a process, a browser or the durable SDK's timers. Workers that have grown large are
  // started anew.
  maxWorkers: availableParallelism() + 1,
  workerIdleMemoryLimit: '1GB',
  // A test that hangs is found all the same; one that shares its cores with others is given the time.
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/sequencer.js',
  roots: ['<rootDir>/test', '<rootDir>/packages/local-aws/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.js' },
  coverageProvider: 'v8',
  collectCoverageFrom: ['shared/**/*.ts', 'functions/**/*.ts', 'local/**/*.ts', 'packages/*/src/**/*.ts', 'tools/**/*.ts'],
};
