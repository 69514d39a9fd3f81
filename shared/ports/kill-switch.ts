/** `on`: the policy has the word. `dry-run`, `off`: nothing is done any more, whatever the policy says. */
export const switchPositions = ['on', 'dry-run', 'off'] as const;

export type SwitchPosition = (typeof switchPositions)[number];

export type KillSwitch = {
  /**
   * How the switch stands; what was read less than half a minute before `now` (in milliseconds) needn't be read again. Throws what
   * the SDK throws, and an Error where the parameter holds anything else: whoever can't read it must do nothing.
   */
  read(now: number): Promise<SwitchPosition>;
};

/** For where none is set up: it never stops anything. */
export const noKillSwitch: KillSwitch = { read: async () => 'on' };
