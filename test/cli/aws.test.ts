import { expect, test } from '@jest/globals';
import { selfheal } from './io.ts';

test('selfheal aws is the command line of the embedded AWS, under its own name', async () => {
  const { code, stdout } = await selfheal(['aws', '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: selfheal aws \[options\]\n/);
  expect(stdout).toContain('\n  selfheal aws --port 4566 --speed 60\n');
});

test.each([
  [['--port', 'x'], "selfheal aws: --port must be a whole number from 0 to 65535, not 'x'\n"],
  [['--scenario', 'demo'], 'selfheal aws: --scenario needs --deployed\n'],
  [['--deployed', '--scenario', 'dem'], 'selfheal aws: there is no scenario "dem"; did you mean demo?\n'],
  [['--deployed', '--scenario'], 'selfheal aws: --scenario needs a value\n'],
  [['--deployed', '--policy', 'no-such.yml'], 'selfheal aws: --policy no-such.yml: no such file\n'],
  [['--prot', '1'], 'selfheal aws: there is no option --prot; did you mean --port?\n'],
])('selfheal aws refuses %j with one line and exit code 2', async (args, line) => {
  expect(await selfheal(['aws', ...args])).toEqual({ code: 2, stdout: '', stderr: line });
});
