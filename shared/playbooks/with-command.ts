import { runCommand, runCommandOf } from '../actions/run-command.ts';
import type { Command } from '../model/command.ts';
import { lone } from './conditions.ts';
import type { LadderStep, Playbook } from './playbook.ts';

/** One of the policy's commands. */
export type NamedCommand = Command & { name: string };

/**
 * A rung that runs this command. A group replaces its members, so only a command that interrupts nothing is run on one, unless members are
 * drained before (`drains`).
 */
export const commandRung = <Rung extends Extract<LadderStep, { kind: 'act' }>>(
  step: Rung,
  { name, ...command }: NamedCommand,
  drains = false,
): Rung => ({
  ...step,
  action: runCommandOf(name, command),
  when: command.effects.includes('interrupts') && !drains && !step.when.includes(lone) ? [lone, ...step.when] : step.when,
});

/** A playbook whose open rungs run the command that the policy names for the incident; without one they are left out. */
export const withCommand = <P extends Pick<Playbook, 'ladder'>>(playbook: P, command: NamedCommand | null, drains = false): P => {
  const isOpen = (step: LadderStep) => step.kind === 'act' && step.action === runCommand;
  if (!playbook.ladder.some(isOpen)) return playbook;
  const ladder = playbook.ladder.flatMap((step) => {
    if (step.kind !== 'act' || !isOpen(step)) return [step];
    return command ? [commandRung(step, command, drains)] : [];
  });
  return { ...playbook, ladder };
};
