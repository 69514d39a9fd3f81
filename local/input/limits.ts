/** In characters: a value, or a line that is none, has to fit into memory; how many there are has no limit. */
export const longestValue = 16 * 1024 * 1024;
