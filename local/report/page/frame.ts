import { h, table } from './dom.ts';

/** The class that all charts carry; the page's policy knows the style that Plot gives it. */
const className = 'chart';

/** What all charts have in common. Their colours are the page's, so they follow it into the dark and onto paper. */
export const common = (width: number) => ({ className, width, style: { fontSize: '12px', overflow: 'visible' } }) as const;

/** The numbers behind a chart; `left` says which of them are left out. */
export type Numbers = { columns: string[]; rows: (string | number)[][]; left?: string };

/** The width of a character in a chart, about, in pixels. */
export const perCharacter = 6.8;

export const shorten = (text: string, pixels: number): string => {
  const room = Math.floor(pixels / perCharacter);
  return text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text;
};

/** No chart can be read in less, in pixels. */
const least = 160;

/**
 * A chart that is drawn anew for the room it has, with the numbers behind it as a table. `label` tells in a sentence what it shows, to
 * those who don't see it.
 */
export const chartIn = (host: Element, label: string, draw: (width: number) => Element, numbers?: Numbers): void => {
  const stage = h('div', { class: 'stage', role: 'img', 'aria-label': label });
  let drawn = 0;
  const redraw = () => {
    const width = Math.floor(stage.getBoundingClientRect().width);
    if (width < least || width === drawn) return;
    drawn = width;
    const chart = draw(width);
    for (const link of chart.querySelectorAll('a')) link.setAttribute('tabindex', '-1');
    stage.replaceChildren(chart);
  };
  host.append(stage);
  if (numbers) {
    host.append(
      h(
        'details',
        { class: 'numbers' },
        h('summary', {}, 'The numbers as a table'),
        h('div', { class: 'scroll' }, table(numbers.columns, numbers.rows, label)),
        numbers.left === undefined ? null : h('p', { class: 'soft' }, numbers.left),
      ),
    );
  }
  new ResizeObserver(redraw).observe(stage);
  redraw();
};
