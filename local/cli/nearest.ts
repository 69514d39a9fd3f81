/** Edit distance. */
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

/** What was probably meant by a name that is none of the known ones; undefined where nothing comes near. For "did you mean". */
export const nearest = (name: string, known: readonly string[]): string | undefined => {
  const [best] = known.map((one) => ({ one, away: distance(name, one) })).sort((a, b) => a.away - b.away);
  return best && best.away <= 2 ? best.one : undefined;
};
