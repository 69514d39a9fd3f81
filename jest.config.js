export default {
  testEnvironment: 'node',
  // Jest leaves a core unused otherwise, and of two that is half. Workers that have grown large are started anew.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
  // A test that hangs is found all the same; one that shares its cores with others is given the time.
  testTimeout: 60_000,
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.js' },
  coverageProvider: 'v8',
  collectCoverageFrom: ['shared/**/*.ts', 'functions/**/*.ts', 'local/**/*.ts'],
};
