/** Every action's id, apart from the actions themselves: a policy names them where no client of theirs is bundled. */
export const actionIds = ['reboot-instance', 'replace-member', 'scale-out', 'start-instance', 'stop-start-instance'] as const;
export type ActionId = (typeof actionIds)[number];
