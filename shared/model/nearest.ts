/** The edit distance (Levenshtein) of two names. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
};

/** No name is longer. The edit distance takes time proportional to the product of both lengths. */
const maxNameLength = 64;

/** Whether one name is part of the other, as `stop-start` is of `stop-start-instance`. */
const isPartOf = (a: string, b: string): boolean => a.length > 3 && b.length > 3 && (b.includes(a) || a.includes(b));

/** The known name that an unknown one probably means, for "did you mean"; undefined if none is close. */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  if (name.length > maxNameLength) return undefined;
  const ranked = known.map((one) => ({ one, away: distance(name, one) })).sort((a, b) => a.away - b.away);
  const [best] = ranked;
  // Two of the letters of a short name are another word: "on" isn't "off".
  if (best && best.away <= 2 && best.away * 2 < Math.max(name.length, best.one.length)) return best.one;
  return ranked.find(({ one }) => isPartOf(name, one))?.one;
};
