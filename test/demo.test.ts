import { beforeAll, describe, expect, test } from '@jest/globals';
import { selfheal } from './cli/io.ts';

type Line = {
  incident: string;
  failure: string;
  resource: { type: string; id: string };
  status: string;
  verified: boolean;
  timeToRecoverSeconds: number | null;
  actions: { action: string; attempt: number; at: string; result: string }[];
};

const run = (args: string[]) => selfheal(args, { columns: 80 });

describe('the demo', () => {
  let lines: Line[];
  let ran: Awaited<ReturnType<typeof run>>;

  beforeAll(async () => {
    ran = await run(['demo', '--json']);
    lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  });

  const doneBy = (action: string) =>
    lines.filter(({ actions }) => actions.some((record) => record.action === action && record.result === 'done'));

  test('ends as it must, and says nothing but outcomes', () => {
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' });
    expect(lines.length).toBeGreaterThanOrEqual(4);
  });

  test.each(['reboot-instance', 'replace-member', 'scale-out'])('heals by %s, and has verified it', (action) => {
    expect(doneBy(action).map(({ status, verified }) => ({ status, verified }))).toEqual([{ status: 'healed', verified: true }]);
    for (const { timeToRecoverSeconds } of doneBy(action)) expect(timeToRecoverSeconds).toBeGreaterThan(60);
  });

  test('escalates what no rung can help, without having touched it', () => {
    const escalated = lines.filter(({ status }) => status === 'escalated');
    expect(escalated.map(({ failure, verified, actions }) => ({ failure, verified, actions }))).toEqual([
      { failure: 'host-impaired', verified: false, actions: [] },
    ]);
  });

  test('is throttled on the way and backs off', () => {
    const [reboot] = doneBy('reboot-instance');
    expect(reboot?.actions.map(({ attempt, result }) => [attempt, result])).toEqual([
      [1, 'throttled: RequestLimitExceeded'],
      [2, 'throttled: RequestLimitExceeded'],
      [3, 'done'],
    ]);
    const times = (reboot?.actions ?? []).map(({ at }) => Date.parse(at));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(times).size).toBe(3);
  });

  test('takes the same course for the same seed', async () => {
    expect((await run(['demo', '--json'])).stdout).toBe(ran.stdout);
  });

  test('tells its stories in 80 columns, without colour where there is no terminal', async () => {
    const { code, stdout } = await run(['demo']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout).toContain('All 4 incidents ended as expected.');
  });

  test('refuses a seed that is none', async () => {
    expect(await run(['demo', '--seed', 'x'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'selfheal demo: --seed must be a whole number, not "x"\n',
    });
  });
});

describe('the command line', () => {
  test('suggests the command that was meant', async () => {
    expect(await run(['demmo'])).toEqual({ code: 2, stdout: '', stderr: 'selfheal: there is no command "demmo"; did you mean demo?\n' });
  });

  test('says in one line what is wrong with an option', async () => {
    const { code, stderr } = await run(['demo', '--nope']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^selfheal demo: there is no option --nope\n$/);
  });

  test.each(['demo', 'classify', 'aws'])('%s has help', async (name) => {
    const { code, stdout } = await run([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`selfheal ${name}`);
  });
});
