export { formatDuration } from '../../../shared/incident/duration.ts';

/** `09:34:44`, UTC. */
export const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);
/** `2 Mar 09:34`, UTC. */
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
export const day = (at: number): string => `${new Date(at).getUTCDate()} ${months[new Date(at).getUTCMonth()]}`;
export const minuteOf = (at: number): string => new Date(at).toISOString().slice(11, 16);
