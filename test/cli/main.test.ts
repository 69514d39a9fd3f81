import { describe, expect, test } from '@jest/globals';
import { optionsIn } from '../../local/cli/command.ts';
import { commands } from '../../local/cli/main.ts';
import { fitHelp } from '../../local/terminal/help.ts';
import { selfheal } from './io.ts';

const names = Object.keys(commands);

describe('the command line', () => {
  test('without a command says what there is, and that it could not run', async () => {
    const { code, stdout, stderr } = await selfheal([]);
    expect([code, stdout]).toEqual([2, '']);
    for (const name of names) expect(stderr).toContain(`\n  ${name}`);
  });

  test.each([['--help'], ['-h'], ['help']])('%s says the same, on stdout', async (arg) => {
    const { code, stdout, stderr } = await selfheal([arg]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Usage: selfheal <command>');
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  test('tells its version', async () => {
    expect(await selfheal(['--version'])).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' });
  });

  test.each([
    ['demp', 'there is no command "demp"; did you mean demo?'],
    ['clasify', 'there is no command "clasify"; did you mean classify?'],
    ['--verson', 'there is no option "--verson"; did you mean --version?'],
    ['something-else-entirely', 'there is no command "something-else-entirely"'],
    ['constructor', 'there is no command "constructor"'],
    ['\u001b[31m', 'there is no command "\\u001b[31m"'],
  ])('%j is answered with what was probably meant', async (arg, line) => {
    expect(await selfheal([arg])).toEqual({ code: 2, stdout: '', stderr: `selfheal: ${line}\n` });
  });

  test.each([
    [['demo', '--sead', '3'], 'selfheal demo: there is no option --sead; did you mean --seed?'],
    [['playbooks', '--jsn'], 'selfheal playbooks: there is no option --jsn; did you mean --json?'],
    [['aws', '--prt', '1'], 'selfheal aws: there is no option --prt; did you mean --port?'],
    [['classify', '-x'], 'selfheal classify: there is no option -x'],
    [['demo', '--seed'], "selfheal demo: Option '--seed <value>' argument missing"],
    [['demo', 'more'], "selfheal demo: Unexpected argument 'more'. This command does not take positional arguments"],
    [['aws', '--port', 'x'], "selfheal aws: --port must be a whole number from 0 to 65535, not 'x'"],
  ])('%j is answered in one line', async (args, line) => {
    expect(await selfheal(args)).toEqual({ code: 2, stdout: '', stderr: `${line}\n` });
  });

  test('a defect ends with 2 and one line, since 1 is an answer; the stack is there for whoever asks', async () => {
    const { demo } = commands as { demo: (typeof commands)[string] };
    const { load } = demo;
    demo.load = async () => ({
      ...(await load()),
      run: () => {
        throw new TypeError('oops\nmore');
      },
    });
    try {
      expect(await selfheal(['demo'])).toEqual({
        code: 2,
        stdout: '',
        stderr: 'selfheal demo: TypeError: oops (SELFHEAL_TRACE=1 shows where)\n',
      });
      expect((await selfheal(['demo'], { env: { SELFHEAL_TRACE: '1' } })).stderr).toContain('main.test.ts');
    } finally {
      demo.load = load;
    }
  });
});

describe.each(names)('the help of %s', (name) => {
  test('says how it is used, what it ends with, and shows examples that it would take', async () => {
    const { code, stdout: help } = await selfheal([name, '--help']);
    expect(code).toBe(0);
    expect(help).toMatch(new RegExp(`^Usage: selfheal ${name}\\b`));
    expect(help).toMatch(/^Exit code/m);
    expect(await selfheal(['help', name])).toEqual({ code: 0, stdout: help, stderr: '' });
    const examples = (help.split(/^Examples:\n/m)[1] ?? '').split('\n').filter((line) => line.includes('selfheal'));
    expect(examples.length).toBeGreaterThan(0);
    const options = optionsIn(help);
    for (const example of examples) {
      const used = (example.split(new RegExp(`selfheal ${name}`))[1] ?? '').split('|')[0]?.match(/--[a-z][a-z-]*/g) ?? [];
      for (const option of used) expect(options).toContain(option);
    }
  });

  test('and its summary fit a screen', async () => {
    const { summary, load } = commands[name] as (typeof commands)[string];
    const command = await load();
    expect(command.name).toBe(name);
    expect(summary.length).toBeLessThanOrEqual(80);
    for (const width of [50, 80]) {
      const [said = ''] = fitHelp(command.help, width).split(/^Examples?:$/m);
      // A word may be longer than a line.
      for (const line of said.split('\n')) expect(line.length <= width || !line.trim().includes(' ')).toBe(true);
      const words = (text: string) => text.split(/\s+/);
      expect(words(fitHelp(command.help, width))).toEqual(words(command.help));
    }
  });
});

test('options are read from a help, where they begin a line or stand behind one that does', () => {
  const help = 'Usage: x --not-this\n\n  --from T, --to T   as --until does\n  -j, --json  lines\ntext --nor-this\n';
  expect(optionsIn(help)).toEqual(['--from', '--to', '--json', '--help']);
});
