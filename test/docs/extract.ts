/** What a page has in code marks, as it stands there. */
type Code = { inline: string[]; blocks: { language: string; text: string }[] };

export const codeIn = (page: string): Code => {
  const blocks = [...page.matchAll(/^ *```(\w*)[^\n]*\n([\s\S]*?)^ *```$/gm)].map(([, language = '', text = '']) => ({ language, text }));
  const prose = page.replace(/^ *```\w*[^\n]*\n[\s\S]*?^ *```$/gm, '');
  const inline = [...prose.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text.replace(/\s+/g, ' '));
  return { inline, blocks };
};

/** Lines of a shell script, with its continuations joined. */
export const linesOf = (text: string): string[] => text.replace(/\\\n\s*/g, '').split('\n');

/** Lines of shell, wherever they stand: those of a block with its continuations joined, and inline commands. */
export const shellIn = ({ inline, blocks }: Code): string[] => [
  ...blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => linesOf(text)),
  ...inline.filter((text) => /^(npx|npm|aws|selfheal|--param) /.test(text)),
];

type Call = { service: string; operation: string; flags: string[] };

/** Calls of the AWS CLI, also those inside of others. */
export const awsCallsIn = (lines: readonly string[]): Call[] => {
  const parts: string[] = [];
  for (const given of lines) {
    let line = given.replace(/ #.*$/, '').replace(/\$\{\w+:\+([^}]*)\}/g, ' $1');
    // What is innermost is a command of its own; what is around it has a word there.
    for (let inner = /\$\(([^()]*)\)/.exec(line); inner; inner = /\$\(([^()]*)\)/.exec(line)) {
      parts.push(inner[1] ?? '');
      line = line.replace(inner[0], 'word');
    }
    parts.push(line);
  }
  return parts
    .flatMap((part) => part.replace(/'[^']*'|"[^"]*"/g, 'word').split(/\|\|?|&&|;/))
    .flatMap((part) => {
      const [, service = '', operation = '', rest = ''] = /(?<!selfheal )\baws ([a-z0-9][a-z0-9-]*) ([a-z0-9-]+)(.*)/.exec(part) ?? [];
      return service ? [{ service, operation, flags: [...rest.matchAll(/ --([a-z0-9-]+)/g)].map(([, flag = '']) => flag) }] : [];
    });
};

/** The rows of the table under a heading, without its head: the cells of each, as text. */
export const rowsUnder = (page: string, heading: string): string[][] => {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
};

/** The words in code marks of a cell. */
export const marked = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
