import type { Playbook } from './playbook.ts';

const actionsOf = ({ ladder }: Playbook): string[] =>
  ladder.flatMap((step) => (step.kind === 'act' ? [`${step.action.id} ${step.action.command ?? ''}`] : []));
const idsOf = (things: readonly { id: string }[]): string[] => things.map(({ id }) => id);
const isWithin = (some: readonly string[], all: readonly string[]): boolean => some.every((one) => all.includes(one));

/**
 * Whether a playbook does nothing that another wouldn't: its actions are a subset, with the same commands, it treats the same failures, and
 * it requires at least as much to call the resource healed.
 */
export const narrows = (playbook: Playbook, other: Playbook): boolean =>
  isWithin(actionsOf(playbook), actionsOf(other)) &&
  isWithin(idsOf(playbook.failing), idsOf(other.failing)) &&
  isWithin(idsOf(other.failing), idsOf(playbook.failing)) &&
  isWithin(idsOf(other.healthy), idsOf(playbook.healthy));
