/** Durations are plain seconds; these say so where they are written down. */
export const seconds = (n: number): number => n;
export const minutes = (n: number): number => n * 60;
export const hours = (n: number): number => n * 3600;

/** `4 min 05 s`, for people. */
export const formatDuration = (total: number): string => {
  const whole = Math.round(total);
  if (whole < 60) return `${whole} s`;
  const rest = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${rest(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${rest(Math.floor((whole % 3600) / 60))} min`;
};
