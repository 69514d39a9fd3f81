import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { frameOf, generatorOf, Html, html, policyOf } from '../../shared/model/html.ts';
import { utc } from '../../shared/model/text.ts';
import { writeRefusal, writeWhole } from '../own-file.ts';
import type { Message, Published } from './collect.ts';

const generator = generatorOf('messages');

const style = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --back: #fff; --card: #f6f8fa; --line: #d0d7de; --link: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #a5afba; --back: #0d1117; --card: #161b22; --line: #30363d; --link: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 52rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.125rem; margin: 2rem 0 .5rem; }
h3 { font-size: .875rem; color: var(--soft); margin: 1rem 0 .25rem; }
a { color: var(--link); }
.soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
.mail { font: .875rem/1.5 ui-monospace, monospace; white-space: pre-wrap; }
.chat { border-left: .25rem solid var(--line); }
.chat p { margin: 0 0 .25rem; }
.chat ul { margin: .5rem 0; padding-left: 1.25rem; }
.sms { max-width: 24rem; border-radius: 1rem; }
code { font-family: ui-monospace, monospace; }
:focus-visible { outline: 3px solid currentcolor; outline-offset: 2px; }
`;

const head = `${generator}\n${policyOf("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")}`;

const page = (title: string, content: Html, css = style): string =>
  frameOf({ title, style: css, head, body: html`<main>\n${content}\n</main>` });

/** An address in a message; it can't end an attribute. */
const address = /https:\/\/[A-Za-z0-9./?=#:%$;&+_~-]*[A-Za-z0-9/=#$%]/g;

/** Renders a line like a mail program or chat: anything like an address becomes a link. */
const linked = (line: string): Html => {
  const parts: Html[] = [];
  let from = 0;
  for (const { 0: url, index } of line.matchAll(address)) {
    const href = url.replaceAll('&', '&amp;');
    parts.push(text(line.slice(from, index)), new Html(`<a href="${href}" rel="noreferrer">${href}</a>`));
    from = index + url.length;
  }
  parts.push(text(line.slice(from)));
  return new Html(parts.map(({ markup }) => markup).join(''));
};

/** Spaces at the ends of a text stay. */
const text = (part: string): Html => new Html(`${part.startsWith(' ') ? ' ' : ''}${html`${part}`.markup}${/\S.* $/.test(part) ? ' ' : ''}`);

/** Names between back quotes are shown as such by every chat. */
const marked = (line: string): Html =>
  new Html(
    line
      .split(/(`[^`]*`)/)
      .map((part) => (/^`.*`$/.test(part) ? html`<code>${part.slice(1, -1)}</code>` : linked(part)).markup)
      .join(''),
  );

const lines = (whole: string): string[] => whole.split('\n');

const chatCard = ({ chat: { content } }: Message & { kind: 'chat' }): Html => html`<div class="card chat">
<p><strong>${marked(content.title)}</strong></p>
${lines(content.description).map((line) => html`<p>${marked(line)}</p>`)}
<ul>${content.nextSteps.map((step) => html`<li>${marked(step)}</li>`)}</ul>
<p class="soft">${content.keywords.join(' · ')}</p>
</div>`;

const kinds: Readonly<Record<Message['kind'], string>> = {
  outcome: 'Outcome',
  opened: 'Opened',
  interim: 'Before the end',
  approval: 'Request for approval',
  chat: 'Chat',
};

const headOf = ({ at, topic, kind }: Message): Html => html`<h2>${kinds[kind]} <span class="soft">${utc(at)}, to ${topic}</span></h2>`;

const sectionOf = (message: Message, approval: string | undefined): Html => {
  if (message.kind === 'chat') return html`<section>${headOf(message)}${chatCard(message)}</section>`;
  const mail = new Html(
    lines(message.email)
      .map((line) => linked(line).markup)
      .join('\n'),
  );
  return html`<section>${headOf(message)}
${approval === undefined ? html`` : html`<p><a href="${approval}">The page that its link opens</a></p>`}
<h3>Mail: ${message.subject}</h3>
<div class="card mail">${mail}</div>
<h3>Text message (${String(message.sms.length)} characters)</h3>
<div class="card sms">${linked(message.sms)}</div>
</section>`;
};

/** As the dashboard shows it: white, with its buttons, and without what they call. */
const widgetStyle = `
body { margin: 0; background: #fff; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
cwdb-action { display: none; }
.btn { border: 1px solid #545b64; border-radius: 2px; padding: 4px 12px; font: 700 14px/1.45 system-ui, sans-serif; color: #545b64; }
`;

const titleOf = (name: string): string =>
  ({ 'chat.html': 'Chat', 'widget.html': 'Dashboard widget' })[name] ?? `Approval page ${/\d+/.exec(name)?.[0]}`;

/** All published messages as pages by file name: `index.html` has everything and links to the others. */
export const pagesOf = (title: string, published: readonly Published[]): Record<string, string> => {
  const pages: Record<string, string> = {};
  const messages = published.flatMap((one) => one.messages);
  const sections = messages.map((message) => {
    if (message.kind !== 'approval' || message.page === null) return sectionOf(message, undefined);
    const name = `approval-${Object.keys(pages).length + 1}.html`;
    // As it was served.
    pages[name] = message.page;
    return sectionOf(message, name);
  });
  const chats = messages.filter((message) => message.kind === 'chat');
  const widgets = published.flatMap(({ widget }) => (widget === null ? [] : [widget]));
  if (chats.length > 0)
    pages['chat.html'] = page('Chat', html`<h1>Chat</h1>${chats.map((one) => html`<section>${headOf(one)}${chatCard(one)}</section>`)}`);
  if (widgets.length > 0) pages['widget.html'] = page('Dashboard widget', new Html(widgets.join('\n<hr>\n')), widgetStyle);
  const others = Object.keys(pages).map((name) => html`<li><a href="${name}">${titleOf(name)}</a></li>`);
  pages['index.html'] = page(
    title,
    html`<h1>${title}</h1>
<ul>${others}</ul>
${sections}
${messages.length === 0 ? html`<p>No message was sent.</p>` : html``}`,
  );
  return pages;
};

/** Why an approval page can't be written to a file, as the end of a sentence, or null. */
export const approvalRefusal = (path: string, force: boolean): Promise<string | null> =>
  writeRefusal(path, force, (beginning) => beginning.includes(generator));

/** An approval page as it was served, for a file: its buttons lead nowhere, and it says by which command it was written. */
export const approvalFile = (served: string): string => served.replace('<title>', () => `${head}\n<title>`);

/** Why pages can't be written to a folder, as the end of a sentence, or null. A folder with other files is left alone. */
export const folderRefusal = async (folder: string, force: boolean): Promise<string | null> => {
  let there: string[];
  try {
    there = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    return code === 'ENOTDIR' ? `${folder} is not a folder` : `${folder} can't be read (${code})`;
  }
  if (force || there.length === 0) return null;
  const index = await readFile(join(folder, 'index.html'), 'utf8').catch(() => '');
  return index.slice(0, 1024).includes(generator) ? null : `${folder} has other files in it; --force writes beside them`;
};

/** Writes pages into a folder, which is made where there is none. */
export const writePages = async (folder: string, pages: Readonly<Record<string, string>>): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeWhole(Object.fromEntries(Object.entries(pages).map(([name, content]) => [join(folder, name), content])));
};
