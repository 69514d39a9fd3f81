type Child = Node | string | null | undefined;
type Attributes = Record<string, string | number | boolean | null | undefined>;

const fill = <E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

/** An element. Texts become text nodes: nothing here ever reads markup. */
export const h = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] => fill(document.createElement(tag), attributes, children);

export const svg = <K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] => fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);

/** The element of the page with this id, which must be of this kind. */
export const the = <E extends Element>(id: string, kind: new () => E): E => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
};

/** A table of texts, as an alternative to a picture. Columns of numbers are aligned as such. */
export const table = (columns: readonly string[], rows: readonly (readonly (string | number)[])[], caption?: string): HTMLTableElement =>
  h(
    'table',
    { class: 'plain' },
    caption === undefined ? null : h('caption', { class: 'unseen' }, caption),
    h('thead', {}, h('tr', {}, ...columns.map((column) => h('th', { scope: 'col' }, column)))),
    h(
      'tbody',
      {},
      ...rows.map((row) =>
        h('tr', {}, ...row.map((cell) => h('td', typeof cell === 'number' ? { class: 'number' } : {}, h('bdi', {}, String(cell))))),
      ),
    ),
  );
