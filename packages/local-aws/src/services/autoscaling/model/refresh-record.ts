import type { RefreshPreferences } from '@aws-sdk/client-auto-scaling';

type Status = 'Pending' | 'InProgress' | 'Baking' | 'Successful' | 'Failed' | 'Cancelling' | 'Cancelled';

export type Refresh = {
  readonly id: string;
  readonly startedAt: number;
  readonly preferences: RefreshPreferences;
  /** Members still to be replaced, and how many there were at first. */
  readonly left: Set<string>;
  readonly total: number;
  status: Status;
  reason: string | undefined;
  endedAt: number | null;
  /** Since when only members are left that it waits for. */
  waitingSince: number | null;
  /** When its bake time is over, once all is replaced. */
  bakedAt: number | null;
};
