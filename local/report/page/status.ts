import type { Status } from '../../../shared/model/status.ts';
import { svg } from './dom.ts';

/** A shape for each status, in a box of 16 by 16: the words always stand beside it, and colour only helps. */
const shapes: Record<Status, () => SVGElement[]> = {
  healed: () => [svg('circle', { cx: 8, cy: 8, r: 7, class: 'filled' }), svg('path', { d: 'M4.6 8.3l2.3 2.3 4.5-4.9', class: 'cut' })],
  'healed-itself': () => [svg('circle', { cx: 8, cy: 8, r: 6.2 }), svg('path', { d: 'M4.9 8.3l2.1 2.1 4.1-4.5' })],
  escalated: () => [svg('path', { d: 'M8 1.2 15 14H1z', class: 'filled' }), svg('path', { d: 'M8 6v3.6M8 11.7v.3', class: 'cut' })],
  held: () => [svg('rect', { x: 1.5, y: 1.5, width: 13, height: 13, rx: 3 }), svg('path', { d: 'M6 5v6M10 5v6' })],
  failed: () => [
    svg('path', { d: 'M8 .8 15.2 8 8 15.2.8 8z', class: 'filled' }),
    svg('path', { d: 'M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4', class: 'cut' }),
  ],
  'dry-run': () => [svg('circle', { cx: 8, cy: 8, r: 6.2, class: 'dashed' }), svg('path', { d: 'M5 8h6' })],
};

export const statusIcon = (status: Status): SVGElement =>
  svg('svg', { viewBox: '0 0 16 16', class: `icon ${status}`, 'aria-hidden': 'true' }, ...shapes[status]());
