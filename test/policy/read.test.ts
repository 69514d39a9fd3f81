import { describe, expect, test } from '@jest/globals';
import { problemLine } from '../../local/input/yaml.ts';
import { readPolicyText } from '../../local/policy/read.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { whole } from '../runner/whole.ts';
import { holdsForMany } from './documents.ts';

const problems = (text: string): string[] => {
  const read = readPolicyText(text, 'p.yml');
  return 'problems' in read ? read.problems.map(problemLine) : [];
};

describe('a policy in a file', () => {
  test('is YAML or JSON, with the defaults for what it leaves out', () => {
    const json = { mode: 'off', budget: { actions: 3 }, modes: [{ when: { account: '012345678901' }, mode: 'dry-run' }] };
    const yaml = "# strict\nmode: off\nbudget: { actions: 3 }\nmodes:\n  - when: &us { account: '012345678901' }\n    mode: dry-run\n";
    const policy = parsePolicy(JSON.stringify(json));
    for (const text of [yaml, JSON.stringify(json), JSON.stringify(json, null, '\t')])
      expect(readPolicyText(text, 'p.yml')).toEqual({ policy });
    for (const text of ['', '\n# nothing\n', '---\n']) expect(readPolicyText(text, 'p.yml')).toEqual({ policy: parsePolicy('') });
  });

  test.each([
    ['a key that there is not', 'mode: off\nbudgets: {}\n', 'p.yml:2:1: there is no "budgets"; did you mean budget?'],
    ['a key further in', 'budget:\n  action: 3\n', 'p.yml:2:3: budget has no "action"; did you mean actions?'],
    [
      'a failure class that there is not',
      'playbooks:\n  disk-ful: none\n',
      'p.yml:2:3: playbooks has no "disk-ful"; did you mean disk-full?',
    ],
    [
      'a value that there is not',
      'mode: enforced\n',
      'p.yml:1:7: mode: "enforced" is not one of off, dry-run, enforce; did you mean enforce?',
    ],
    [
      'a key of a rule',
      'classification:\n  alarms:\n    - { metric: x, namspace: y, failure: disk-full, direction: above, subject: { type: instance, dimension: I } }\n',
      'p.yml:3:20: classification.alarms[0] has no "namspace"; did you mean namespace?',
    ],
    [
      'a number for a text',
      'modes:\n  - { when: { account: 123456789012 }, mode: off }\n',
      'p.yml:2:24: modes[0].when.account: must be a text; one that looks like a number must be quoted',
    ],
    [
      'what is missing',
      'modes:\n  - when: { region: us-east-1 }\n',
      'p.yml:2:5: modes[0].mode: is missing; must be one of off, dry-run, enforce',
    ],
    ['a setting without effect', 'playbooks:\n  disk-full: restart-instance\n', 'p.yml:2:14: playbooks.disk-full: '],
    [
      'an entry that is hidden by another',
      `routes:\n${'  - { when: { severity: low }, topicArn: "arn:aws:sns:us-east-1:123456789012:a" }\n'.repeat(2)}`,
      'p.yml:3:5: routes[1]: never applies: routes.0 ',
    ],
    ['a key that stands twice', 'mode: off\nmode: enforce\n', 'p.yml:2:1: "mode" stands here twice'],
    ['a key that stands twice in JSON', '{"mode":"off","mode":"enforce"}', 'p.yml:1:15: "mode" stands here twice'],
    ['a tab', 'budget:\n\tactions: 3\n', 'p.yml:2:1: not YAML: a tab stands before the text: indent with spaces'],
    [
      'a line that is indented too far',
      'budget:\n  actions: 3\n    window: 600\n',
      'p.yml:2:12: not YAML: a text that holds a colon and a space must be quoted; or the next line is indented too far',
    ],
    [
      'a line that is indented too little',
      'modes:\n  - when: {}\n   mode: off\n',
      'p.yml:3:1: not YAML: this line is indented too little or too far: entries of one list begin in the same column',
    ],
    ['a colon without a space', 'mode:off\nbudget: {}\n', 'p.yml:1:1: not YAML: a setting needs a colon and a space after its name'],
    ['a text for a list, and nothing about its length', 'calendars: freeze\n', 'p.yml:1:12: calendars: must be a list, such as [freeze]'],
    ['a text for settings', 'budget: 3\n', 'p.yml:1:9: budget: must be settings, such as { name: value }'],
    [
      'a wait without its end, which is no misspelt action',
      'playbooks: { application-down: p }\ncustomPlaybooks:\n  - { id: p, summary: s, treats: [application-down], failing: [alarm-fires], healthy: [alarm-is-ok], steps: [{ do: reboot-instance }, { wait: 2m }] }\n',
      'p.yml:3:135: customPlaybooks[0].steps[1].atMost: is missing',
    ],
    ['a tag', 'mode: !custom off\n', 'p.yml:1:7: Unresolved tag: !custom'],
    ['a second document', 'mode: off\n---\nmode: enforce\n', 'p.yml:2:1: not YAML: a second document begins here'],
    ['an alias for nothing', 'mode: *x\n', 'p.yml:1:'],
    ['a key that is no text', '? [a]\n: b\n', 'p.yml:1:3: a key must be a text'],
    ['a list', '- mode: off\n', 'p.yml:1:1: (root): '],
  ])('has its problems placed: %s', (_, text, told) => {
    expect(problems(text).join('\n')).toContain(told);
    expect(problems(text)).toHaveLength(1);
  });

  test('has every problem told at once, and of very many only some', () => {
    expect(problems('mode: on\nbudget: { actions: 0 }\nverfy: {}\n')).toHaveLength(3);
    const read = readPolicyText(Array.from({ length: 100 }, (_, i) => `k${i}: 1`).join('\n'), 'p.yml');
    expect(read).toMatchObject({ problems: { length: 20 }, more: 80 });
  });
});

const million = 1024 * 1024;
/** What takes a parser's stack, its memory or minutes of its time. */
const hostile: Record<string, string> = {
  'too long a text': `# ${'x'.repeat(million)}`,
  'a deep list': '['.repeat(million),
  'a deep map': '{a: '.repeat(million / 4),
  'a deep list in a block': '- '.repeat(million / 2),
  'keys of keys': '? '.repeat(million / 2),
  'keys of keys in a map': `{${'? '.repeat(million / 2 - 1)}`,
  'ever deeper indentation': Array.from({ length: 1400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  'many commas': `[${','.repeat(million - 1)}`,
  'many closers': ']'.repeat(300_000),
  'many keys': Array.from({ length: 80_000 }, (_, i) => `k${i}: 1`)
    .join('\n')
    .slice(0, million),
  'a circle': 'routes: &a [*a]',
  'aliases of aliases': `x0: &x0 [a]\n${Array.from({ length: 12 }, (_, i) => `x${i + 1}: &x${i + 1} [${Array(10).fill(`*x${i}`)}]`).join('\n')}`,
  'a long list many times': `calendars: &a [${Array(20_000).fill(1)}]\n${Array.from({ length: 90 }, (_, i) => `k${i}: *a`).join('\n')}`,
};

test.each(Object.entries(hostile))('%s is refused in one line', (_, text) => {
  const read = readPolicyText(text, 'p.yml');
  expect(read).toMatchObject({ problems: [expect.objectContaining({ message: expect.stringMatching(/^.{10,200}$/) })] });
});

describe('whatever is given for a policy', () => {
  test('is read or refused, and never skips validation', () => {
    // test/policy/documents.ts takes a count and a seed.
    expect(holdsForMany(whole ? 500 : 150, 1)).toBeGreaterThan(5);
  });
});
