import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { createRequire, registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Asks to run test files, one after the other, until one fails. Paths are from the project's folder. */
export type Order = {
  tests: readonly string[];
  /** These are loaded anew; null: all of the project's. What stays is shared with the tests before, as in a normal run. */
  anew: readonly string[] | null;
  /** The text that a file has in this run. Nothing is written. */
  overlay: { file: string; source: string } | null;
  /** Of which files to tell what ran. */
  cover: readonly string[] | null;
};

/** Parts of a file, and whether they ran; the innermost is right. */
export type Coverage = Readonly<Record<string, readonly (readonly [start: number, end: number, count: number])[]>>;

export type Report =
  | { kind: 'ready' }
  | { kind: 'began'; test: string }
  | { kind: 'ran'; test: string; failure: string | null; ms: number; covered: Coverage | null }
  | { kind: 'done'; tired: boolean };

const root = fileURLToPath(new URL('../../', import.meta.url));
const tell = (report: Report): void => {
  process.send?.(report);
};

let version = 0;
let order: Order = { tests: [], anew: null, overlay: null, cover: null };
let anew: ReadonlySet<string> = new Set();

/** Files in JavaScript by their text: a module that is loaded anew is mostly as it was. */
const stripped = new Map<string, string>();
const toJavaScript = (source: string): string => {
  const known = stripped.get(source) ?? stripTypeScriptTypes(source);
  stripped.set(source, known);
  return known;
};

/** From the project's folder, where it is a file of the project's; a test may have loaded it by a URL of its own. */
const pathOf = (url: string): string | null => {
  const path = url.startsWith('file:') ? fileURLToPath(url) : '';
  return path.startsWith(root) && path.endsWith('.ts') && !path.includes('/node_modules/') ? path.slice(root.length) : null;
};

registerHooks({
  resolve: (name, context, next) => {
    const found = next(name, context);
    const path = pathOf(found.url);
    return path === null || !(order.anew === null || anew.has(path))
      ? found
      : { ...found, url: `${found.url}${found.url.includes('?') ? '&' : '?'}run=${version}` };
  },
  load: (url, context, next) => {
    const path = pathOf(url);
    if (path === null) return next(url, context);
    const source = path === order.overlay?.file ? order.overlay.source : readFileSync(join(root, path), 'utf8');
    return { format: 'module', source: toJavaScript(source), shortCircuit: true };
  },
});

// What runs the tests otherwise runs them here: the project's own runner, and jest's own reading of its configuration.
const require = createRequire(import.meta.url);
const { default: Environment } = require('../../test/runner/environment.js') as {
  default: new (given: { projectConfig: unknown }) => object;
};
const { default: framework } = require('../../test/runner/framework.js') as { default: (...given: unknown[]) => Promise<TestResult> };
const { readConfigs } = createRequire(createRequire(require.resolve('jest')).resolve('jest-cli'))('jest-config') as {
  readConfigs(argv: object, roots: readonly string[]): Promise<{ globalConfig: unknown; configs: unknown[] }>;
};
type TestResult = { numPassingTests: number; numFailingTests: number; testExecError?: unknown };
const { globalConfig, configs } = await readConfigs({ _: [], $0: '', runInBand: true }, [root]);
const [projectConfig] = configs;

/** The first failure decides; what follows is skipped. */
class UntilFailure extends Environment {
  failure: string | null = null;

  handleTestEvent(event: { name: string; test?: { mode?: string | null; name: string; errors?: unknown[] } }): void {
    const { test } = event;
    if (event.name === 'test_start' && test && this.failure !== null) test.mode = 'skip';
    if (event.name === 'test_done' && test && (test.errors ?? []).length > 0) this.failure ??= test.name;
  }
}

/** What circus asks of jest's runtime, which keeps modules apart; here, Node loads them. */
const runtime = { enterTestCode: () => undefined, leaveTestCode: () => undefined };

const session = new Session();
session.connect();

const covered = async (files: readonly string[]): Promise<Coverage> => {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  const wanted = new Set(files);
  return Object.fromEntries(
    result.flatMap(({ url, functions }) => {
      const path = pathOf(url);
      if (path === null || !wanted.has(path)) return [];
      const ranges = functions.flatMap((one) =>
        one.ranges.map(({ startOffset, endOffset, count }) => [startOffset, endOffset, count] as const),
      );
      return [[path, ranges]];
    }),
  );
};

const runTest = async (test: string): Promise<Report & { kind: 'ran' }> => {
  const { cover } = order;
  const environment = new UntilFailure({ projectConfig });
  if (cover) await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
  const began = performance.now();
  let failure: string | null;
  try {
    const result = await framework(globalConfig, projectConfig, environment, runtime, join(root, test), undefined);
    failure = environment.failure ?? (result.numFailingTests > 0 || result.testExecError ? 'outside of a test' : null);
    if (result.numPassingTests + result.numFailingTests === 0 && failure === null) failure = 'no test ran';
  } catch (error) {
    failure = `does not load: ${String(error).split('\n', 1)[0]}`;
  }
  return { kind: 'ran', test, failure, ms: performance.now() - began, covered: cover ? await covered(cover) : null };
};

/** Timers and connections that a test left behind could fail the next one. */
const held = (): number => process.getActiveResourcesInfo().filter((name) => /Timeout|Immediate|TCP|Worker|Process/.test(name)).length;

const runAll = async (): Promise<void> => {
  const before = held();
  version += 1;
  for (const test of order.tests) {
    // What a file runs as it is loaded counts for each test that loads it.
    if (order.cover) version += 1;
    tell({ kind: 'began', test });
    const ran = await runTest(test);
    tell(ran);
    if (ran.failure !== null && !order.cover) break;
  }
  tell({ kind: 'done', tired: held() > before || process.memoryUsage.rss() > 900e6 });
};

// The one that runs this decides what an interrupt means.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (given: Order) => {
  order = given;
  anew = new Set([...(given.anew ?? []), ...given.tests]);
  void runAll();
});
await session.post('Profiler.enable');
tell({ kind: 'ready' });
