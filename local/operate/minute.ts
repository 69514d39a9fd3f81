/** `2026-03-02 09:33`, in UTC. */
export const minuteOf = (at: number | string): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
