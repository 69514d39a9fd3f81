import { readdirSync, readFileSync } from 'node:fs';

/** How a block of commands is held: executed, executed against a served embedded AWS, executed one page in its order, or read for an account that a test doesn't have. */
const marks = ['run', 'local', 'walk', 'account'] as const;

/** A block of code with its place. `mark` is what stands behind the language, which no page shows. */
export type Block = { place: string; language: string; mark: string; text: string };

const root = new URL('../../', import.meta.url);

/** All pages that people read. */
export const pages = (): string[] => [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...['README.md', 'CHANGELOG.md'].map((name) => `packages/local-aws/${name}`),
];

const blocksIn = (page: string, name: string): Block[] => {
  const blocks: Block[] = [];
  let open: (Block & { indent: number; lines: string[] }) | null = null;
  for (const [i, line] of page.split('\n').entries()) {
    const [, indent = '', info = ''] = /^( *)```(.*)$/.exec(line) ?? [];
    if (!/^ *```/.test(line)) open?.lines.push(line.slice(open.indent));
    else if (open) {
      const { place, language, mark, lines } = open;
      blocks.push({ place, language, mark, text: lines.join('\n') });
      open = null;
    } else {
      const [language = '', ...rest] = info.trim().split(/\s+/);
      open = { place: `${name}:${i + 1}`, language, mark: rest.join(' '), text: '', indent: indent.length, lines: [] };
    }
  }
  return blocks;
};

/** What a command begins with. */
const command = /^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:npx|npm|node|aws|git|curl|selfheal|sls|jq|terraform) \S/;

/** Blocks of commands that nothing holds: without a mark, with none that there is, or in a block that can't have one. */
export const unheldIn = (page: string, name: string): string[] => {
  const blocks = blocksIn(page, name);
  const wrong = blocks.flatMap(({ place, language, mark, text }) => {
    if (language === '') return [`${place}: a block without a language`];
    if (language === 'sh')
      return (marks as readonly string[]).includes(mark) ? [] : [`${place}: a block of commands must be marked ${marks.join(', ')}`];
    return ['text', 'bash', 'shell', 'console'].includes(language) && text.split('\n').some((line) => command.test(line))
      ? [`${place}: commands that are not marked as such`]
      : [];
  });
  const prose = page.replace(/^ *```[^\n]*\n[\s\S]*?^ *```$/gm, (block) => block.replace(/[^\n]/g, ''));
  const indented = prose
    .split('\n')
    .flatMap((line, i) =>
      /^ {4,}/.test(line) && command.test(line) ? [`${name}:${i + 1}: commands in an indented block can't be marked`] : [],
    );
  return [...wrong, ...indented];
};

export const blocksOfPages = (): Block[] => pages().flatMap((name) => blocksIn(readFileSync(new URL(name, root), 'utf8'), name));
