import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { guards } from '../../shared/guards/index.ts';
import { failureIds } from '../../shared/model/failure-id.ts';
import { playbookIds } from '../../shared/model/playbook-id.ts';
import type { Playbook } from '../../shared/playbooks/playbook.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { alarmKinds } from '../../shared/recommended-alarms/watched.ts';
import { signalModules } from '../../shared/signals/index.ts';
import { commentsIn } from '../../tools/docs/comments.ts';
import { generatePages } from '../../tools/docs/generate.ts';
import { cell, fill, table } from '../../tools/docs/markdown.ts';
import { scenes, stepsFor } from '../playbooks/examples.ts';

const root = new URL('../../', import.meta.url);
const page = (name: string) => readFileSync(new URL(`docs/${name}`, root), 'utf8');

describe('the generated pages', () => {
  test('are up to date: npm run docs writes them', () => {
    for (const { present, wanted } of generatePages()) expect(present).toBe(wanted);
  });

  test('have every playbook, guard, failure class and kind of event', () => {
    for (const id of playbookIds) expect(page('playbooks.md')).toContain(`\n### ${id}\n`);
    for (const { id } of guards) expect(page('playbooks.md')).toMatch(new RegExp(`^\\| \\d+ \\| \`${id}\` \\| .{20,} \\|$`, 'm'));
    for (const id of failureIds) expect(page('events.md')).toMatch(new RegExp(`^\\| \`${id}\` \\| .*\\.\\./events/.*\\|$`, 'm'));
    for (const what of alarmKinds) expect(page('early-warning.md')).toMatch(new RegExp(`^\\| \`${what}\` \\|`, 'm'));
    for (const { kind } of signalModules) expect(page('events.md')).toMatch(new RegExp(`^\\| \`${kind}\` \\| .*\\.\\./events/.*\\|$`, 'm'));
  });

  test.each(['playbooks.md', 'events.md', 'early-warning.md'])('%s has no link that leads nowhere', (name) => {
    const text = page(name);
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link).filter((link) => !link.startsWith('https://'));
    expect(links.length).toBeGreaterThan(0);
    const anchors = (of: string) =>
      [...of.matchAll(/^#+ (.+)$/gm)].map(([, head = '']) =>
        head
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
    for (const link of links) {
      const [path = '', anchor] = link.split('#');
      const there = path === '' ? new URL(`docs/${name}`, root) : new URL(path, new URL(`docs/${name}`, root));
      expect([link, existsSync(there)]).toEqual([link, true]);
      if (anchor !== undefined) expect(anchors(readFileSync(there, 'utf8'))).toContain(anchor);
    }
  });

  test('keep what is written by hand, and need their marks', () => {
    const written = 'a\n<!-- generated: x -->\nold\n<!-- end of x -->\nb\n';
    expect(fill(written, 'x', 'new')).toBe('a\n<!-- generated: x -->\nnew\n<!-- end of x -->\nb\n');
    expect(() => fill(written, 'y', 'new')).toThrow('no part between');
    expect(cell('a|b\nc')).toBe('a\\|b c');
    expect(table(['x'], [['1']])).toBe('| x |\n| --- |\n| 1 |');
  });
});

test('a comment is found over each guard', () => {
  const said = commentsIn('guards');
  expect(guards.map(({ id }) => id).filter((id) => !/^[A-Z].{20,}\.$/.test(said.get(id) ?? ''))).toEqual([]);
});

describe('the example in docs/playbooks.md', () => {
  const blocks = (language: string) =>
    [...page('playbooks.md').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

  test('is a playbook that does what is said of it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'selfheal-docs-'));
    try {
      const [source = ''] = blocks('ts');
      const absolute = source.replace(
        /from '(\.[^']+)'/g,
        (_, path: string) => `from '${new URL(path, new URL('shared/playbooks/', root)).pathname}'`,
      );
      writeFileSync(join(folder, 'reboot-only.mjs'), stripTypeScriptTypes(absolute));
      const { rebootOnly } = (await import(join(folder, 'reboot-only.mjs'))) as { rebootOnly: Playbook };
      expect(stepsFor(rebootOnly, scenes['a lone instance that hangs'])).toEqual(['reboot-instance']);
      expect(stepsFor(rebootOnly, scenes['a member that hangs'])).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('has policies that can be used', () => {
    const policies = [...blocks('json'), ...[...page('playbooks.md').matchAll(/`(\{"playbooks".*?\})`/g)].map(([, text = '']) => text)];
    expect(policies.length).toBeGreaterThan(2);
    // Its own playbook is not among those that there are.
    for (const policy of policies) expect(() => parsePolicy(policy.replaceAll('reboot-only', 'restart-instance'))).not.toThrow();
  });
});
