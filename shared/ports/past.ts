/** An incident as it stands in the ledger, unread: its texts are JSON, or anything. `openedAt` is milliseconds since the epoch. */
export type PastItem = { incident: string; openedAt: number; opened: string | null; outcome: string | null; asked: number };

/** Some of the incidents of a time, and how many more the index names there that the table doesn't give. */
export type PastPage = { items: readonly PastItem[]; missing: number };

/** All incidents of a time, a page at a time. */
export type Past = {
  /**
   * The incidents opened from `from` to before `to`, newest first.
   * @throws whatever the SDK throws
   */
  pages(range: { from: number; to: number }): AsyncIterable<PastPage>;
};
