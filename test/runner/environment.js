import { createRequire } from 'node:module';

const { ModuleMocker } = createRequire(import.meta.url)('jest-mock');

/** The worker itself: its globals are those of the tests. */
export default class Environment {
  constructor({ projectConfig }) {
    this.global = globalThis;
    this.fakeTimers = null;
    this.fakeTimersModern = null;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.options = projectConfig.testEnvironmentOptions;
  }
  async setup() {}
  async teardown() {}
  getVmContext() {
    return globalThis;
  }
  exportConditions() {
    return ['node', 'node-addons'];
  }
}
