import type { Action } from './action.ts';
import { rebootDatabase } from './reboot-database.ts';
import { rebootInstance } from './reboot-instance.ts';
import { redrive } from './redrive.ts';
import { replaceMember } from './replace-member.ts';
import { runCommand } from './run-command.ts';
import { scaleOut } from './scale-out.ts';
import { startInstance } from './start-instance.ts';
import { stopStartInstance } from './stop-start-instance.ts';

/** All actions. */
export const actions: readonly Action[] = [
  rebootDatabase,
  rebootInstance,
  redrive,
  replaceMember,
  runCommand,
  scaleOut,
  startInstance,
  stopStartInstance,
];
