import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './worker.ts';

export type Ran = Extract<Report, { kind: 'ran' }>;
export type Answer = {
  ran: readonly Ran[] /** The test that didn't end: `hung` within its time, or with its process, which it `ended`. */;
  unfinished: { test: string; why: 'hung' | 'ended' } | null;
};

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A test that takes so many times as long as it takes without a mutant, and this much more, has a loop. */
const defaultPatience = 10;
const defaultGraceMs = 5000;
/** A test of which nobody knows how long it takes. */
const unknownMs = 900_000;

export type Pool = {
  size: number;
  /** `usualMs`: how long a test file takes, as far as it is known. */
  run(order: Order, usualMs: (test: string) => number | undefined): Promise<Answer>;
  end(): void;
};

type Member = { child: ChildProcess; fresh: boolean };

/** Processes that run test files, as many as there are cores; each is started when it is needed, and anew once a run has left something behind. */
export const createPool = ({ size = availableParallelism(), patience = defaultPatience, graceMs = defaultGraceMs } = {}): Pool => {
  const idle: Member[] = [];
  const all = new Set<ChildProcess>();
  /** How many times slower tests run now than when they were timed: the machine has other work, too. */
  let slowness = 1;

  const start = async (): Promise<Member> => {
    const child = fork(new URL('worker.ts', import.meta.url), {
      cwd: root,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // What is compiled of a file that is there for one run is not worth keeping.
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
      serialization: 'advanced',
    });
    all.add(child);
    child.once('exit', () => all.delete(child));
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`a process for tests ended at once, with ${code}`)));
    });
    return { child, fresh: true };
  };

  const runIn = ({ child }: Member, order: Order, usualMs: (test: string) => number | undefined): Promise<Answer & { tired: boolean }> =>
    new Promise((resolve) => {
      const ran: Ran[] = [];
      let current = order.tests[0] ?? '';
      let timer: NodeJS.Timeout | undefined;
      const finish = (unfinished: Answer['unfinished'], tired: boolean) => {
        clearTimeout(timer);
        child.removeAllListeners('message');
        child.removeListener('exit', ended);
        if (tired) child.kill('SIGKILL');
        resolve({ ran, unfinished, tired });
      };
      const ended = () => finish({ test: current, why: 'ended' }, true);
      child.once('exit', ended);
      child.on('message', (report: Report) => {
        clearTimeout(timer);
        if (report.kind === 'began') {
          current = report.test;
          const usual = usualMs(current);
          const limit = usual === undefined ? unknownMs : graceMs + patience * usual;
          timer = setTimeout(() => finish({ test: current, why: 'hung' }, true), limit * slowness);
        }
        if (report.kind === 'ran') {
          ran.push(report);
          const usual = usualMs(report.test);
          if (usual !== undefined && report.failure === null) slowness = Math.max(1, 0.8 * slowness + (0.2 * report.ms) / usual);
        }
        if (report.kind === 'done') finish(null, report.tired);
      });
      // What an earlier test left behind may have ended it since.
      if (child.connected) child.send(order);
      else ended();
    });

  return {
    size,
    run: async (order, usualMs) => {
      for (;;) {
        const member = idle.pop() ?? (await start());
        const { fresh } = member;
        const { tired, ...answer } = await runIn(member, order, usualMs);
        if (!tired) idle.push({ child: member.child, fresh: false });
        // What an earlier run left behind may have ended it.
        if (answer.unfinished?.why !== 'ended' || fresh) return answer;
      }
    },
    end: () => {
      for (const child of all) child.kill('SIGKILL');
    },
  };
};
