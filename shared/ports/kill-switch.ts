/** `on`: the policy decides. `dry-run`, `off`: no action is taken, whatever the policy says. */
export const switchPositions = ['on', 'dry-run', 'off'] as const;

export type SwitchPosition = (typeof switchPositions)[number];

/** Turns all actions off without a deployment. */
export type KillSwitch = {
  /**
   * Reads the position at `now`, in milliseconds since the epoch; a value up to half a minute old may be reused. Callers must not act when
   * it throws.
   * @throws whatever the SDK throws
   * @throws {Error} if the parameter has an unknown value
   */
  read(now: number): Promise<SwitchPosition>;
};

/** A switch that is always on, for deployments without one. */
export const noKillSwitch: KillSwitch = { read: async () => 'on' };

/** Several switches that all have to be on: the strictest counts. */
export const strictestOf = (switches: readonly KillSwitch[]): KillSwitch => ({
  read: async (now) => {
    const read = await Promise.all(switches.map((one) => one.read(now)));
    return switchPositions[Math.max(0, ...read.map((position) => switchPositions.indexOf(position)))] ?? 'off';
  },
});
