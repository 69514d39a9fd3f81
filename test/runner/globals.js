import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { jestExpect } = createRequire(require.resolve('jest-circus/package.json'))('@jest/expect');
const { ModuleMocker } = require('jest-mock');

/** What circus has for the file that runs now: helpers are loaded once, and used by many files. */
const now = () => globalThis[Symbol.for('selfheal.test')];
const current = (name) =>
  new Proxy(() => undefined, { apply: (_, self, args) => now()[name].apply(self, args), get: (_, key) => now()[name][key] });

export const describe = current('describe');
export const test = current('test');
export const it = current('it');
export const beforeAll = current('beforeAll');
export const beforeEach = current('beforeEach');
export const afterAll = current('afterAll');
export const afterEach = current('afterEach');
export const expect = jestExpect;

const mocker = new ModuleMocker(globalThis);
export const jest = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  restoreAllMocks: () => mocker.restoreAllMocks(),
  setTimeout: (ms) => {
    globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = ms;
  },
};
