import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { architectureParts } from './architecture.ts';
import { earlyWarningParts } from './early-warning.ts';
import { eventParts } from './events.ts';
import { fill } from './markdown.ts';
import { playbookParts } from './playbooks.ts';
import { policyParts } from './policy.ts';

const pages: Readonly<Record<string, () => Record<string, string>>> = {
  'docs/architecture.md': architectureParts,
  'docs/playbooks.md': playbookParts,
  'docs/policy.md': policyParts,
  'docs/events.md': eventParts,
  'docs/early-warning.md': earlyWarningParts,
};

/** Each page that has generated parts, as it stands and as it should. */
export const generatePages = (): { path: URL; name: string; present: string; wanted: string }[] =>
  Object.entries(pages).map(([name, parts]) => {
    const path = new URL(`../../${name}`, import.meta.url);
    const present = readFileSync(path, 'utf8');
    return { path, name, present, wanted: Object.entries(parts()).reduce((page, [part, content]) => fill(page, part, content), present) };
  });

// Run as a program, by `npm run docs`.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { path, name, present, wanted } of generatePages()) {
    if (present !== wanted) writeFileSync(path, wanted);
    process.stdout.write(`${name}: ${present === wanted ? 'up to date' : 'written'}\n`);
  }
}
