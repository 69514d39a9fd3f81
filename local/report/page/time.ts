export { formatDuration } from '../../../shared/model/duration.ts';

/** All times are UTC. `09:34:44` */
export const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);
/** `09:34` */
export const minuteOf = (at: number): string => clock(at).slice(0, 5);
/** `2026-03-02` */
export const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
