import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const globals = new URL('globals.js', import.meta.url).href;
enableCompileCache();
// The processes that tests start compile nothing anew either.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');
registerHooks({
  resolve: (name, context, next) => (name === '@jest/globals' ? { url: globals, shortCircuit: true } : next(name, context)),
});

const circus = join(dirname(require.resolve('jest-circus/package.json')), 'build/jestAdapterInit.js');
const handlers = Symbol.for('EVENT_HANDLERS');
const timeout = Symbol.for('TEST_TIMEOUT_SYMBOL');

/** What a test may leave behind in the process, as it was before the first one. */
const { env, exit } = process;
const before = { ...env };
const restore = () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  process.exitCode = undefined;
};

/** How many servers there are: each keeps the worker from ending. */
const servers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;

/**
 * Runs a test file by jest's own circus, but loads it as Node does, not into a context of its own: what has been loaded in this worker, the
 * SDK above all, is there for the next file. Circus itself, with all that it keeps of tests, is new for each file.
 */
export default async function framework(globalConfig, config, environment, runtime, testPath, sendMessageToJest) {
  delete require.cache[circus];
  globalThis[handlers] = undefined;
  globalThis[timeout] = undefined;
  process.exit = exit;
  const { initialize, runAndTransformResultsToJestFormat } = require(circus);
  const { snapshotState } = await initialize({
    config,
    environment,
    globalConfig,
    localRequire: require,
    parentProcess: process,
    runtime,
    sendMessageToJest,
    setGlobalsForRuntime: (made) => {
      globalThis[Symbol.for('selfheal.test')] = made;
    },
    testPath,
  });
  try {
    const started = Date.now();
    await import(pathToFileURL(testPath).href);
    const setupAfterEnvPerfStats = { setupAfterEnvStart: started, setupAfterEnvEnd: started };
    const served = servers();
    const results = await runAndTransformResultsToJestFormat({ config, globalConfig, setupAfterEnvPerfStats, testPath });
    // What has been closed is gone some turns later.
    for (let turn = 0; turn < 100 && servers() > served; turn++) await setImmediate();
    if (servers() > served) throw new Error('a server that the tests of this file have started still runs: the worker could not end');
    snapshotState.save();
    return results;
  } finally {
    restore();
  }
}
