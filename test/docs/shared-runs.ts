import { blocksOfPages } from './blocks.ts';
import { linesOf } from './extract.ts';

const invocation = /^npx sls invoke local --stage local -f intake -p (events\/\S+\.json)$/;

const lines = (): string[] =>
  blocksOfPages()
    .filter(({ language, mark }) => language === 'sh' && mark === 'run')
    .flatMap(({ text }) => linesOf(text))
    .map((line) => line.replace(/\s+#.*$/, '').trim());

/** Commands of the pages that take seconds each, and that the test of `invoke local` runs and looks at. */
export const sharedWithInvokeLocal = (): string[] => lines().filter((line) => invocation.test(line));
export const invokedEvents = (): string[] => lines().flatMap((line) => invocation.exec(line)?.[1] ?? []);
