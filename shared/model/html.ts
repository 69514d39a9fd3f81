import { createHash } from 'node:crypto';
import { plainLine } from './text.ts';

/** Markup that is safe to embed in a page. Only `html` creates it, so text cannot get in unescaped. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = string | Html | readonly Html[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Longer text is truncated; in characters. */
const textLimit = 1000;

const escapeText = (text: string): string => plainLine(text, textLimit).replace(/[&<>"']/g, (character) => entities[character] as string);

const markupOf = (part: Part): string => {
  if (part instanceof Html) return part.markup;
  return typeof part === 'string' ? escapeText(part) : part.map(({ markup }) => markup).join('\n');
};

/** A template tag that escapes every string, in text and in quoted attributes. */
export const html = (literals: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(literals.map((literal, i) => literal + (i < parts.length ? markupOf(parts[i] as Part) : '')).join(''));

const style = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --back: #fff; --card: #f6f8fa; --line: #8c959f; --go: #116329; --no: #a40e26; --on: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #a5afba; --back: #0d1117; --card: #161b22; --line: #6e7681; --go: #56d364; --no: #ff7b72; --on: #0d1117; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 44rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
dl { display: grid; grid-template-columns: 1fr; gap: 0 1rem; margin: 0; padding: 1rem; background: var(--card); border-radius: .5rem; }
dt { color: var(--soft); font-size: .875rem; }
dd { margin: 0 0 .75rem; }
dd:last-child { margin-bottom: 0; }
ol { margin: 0; padding: 0; list-style: none; }
li { padding: .375rem 0; border-top: 1px solid var(--card); }
time { color: var(--soft); font-variant-numeric: tabular-nums; }
.note { color: var(--soft); }
label { display: block; margin-top: 1.5rem; }
input { display: block; width: 100%; min-height: 3rem; margin-top: .25rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: .5rem; }
.buttons { display: grid; gap: .75rem; margin: 1rem 0; }
button { min-height: 3rem; padding: .5rem 1rem; font: inherit; font-weight: 600; border: 2px solid; border-radius: .5rem; cursor: pointer; }
button[value=approve] { background: var(--go); border-color: var(--go); color: var(--on); }
button[value=reject] { background: transparent; border-color: var(--no); color: var(--no); }
:focus-visible { outline: 3px solid currentcolor; outline-offset: 2px; }
@media (min-width: 36rem) { dl { grid-template-columns: max-content 1fr; } dd { margin-bottom: .25rem; } .buttons { grid-template-columns: 1fr 1fr; } }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** Headers that limit the browser to showing the page, its one style and sending its form back to its origin. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  // The address of the page contains the secret link.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow, noarchive',
  'strict-transport-security': 'max-age=31536000',
};

/** A whole document. `head` goes before the title: the generator, the content security policy. */
export const frameOf = ({ title, style, head = '', body }: { title: string; style: string; head?: string; body: Html }): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head === '' ? '' : `${head}\n`}<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
${body.markup}
</body>
</html>
`;

/** Marks which command wrote the page; it stands near the beginning. */
export const generatorOf = (name: string): string => `<meta name="generator" content="selfheal ${name}">`;

/** A content security policy for documents without HTTP headers. It must come before the content that it applies to. */
export const policyOf = (policy: string): string => `<meta http-equiv="content-security-policy" content="${policy}">`;

/** A page for an approver. */
export const documentOf = (title: string, content: Html): string => frameOf({ title, style, body: html`<main>\n${content}\n</main>` });
