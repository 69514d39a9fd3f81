import { runCommand } from '../actions/run-command.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { anInstance } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const cleanDisk = definePlaybook({
  id: 'clean-disk',
  summary: "A disk is filling up: run the owner's command that frees space.",
  failing: [alarmFires],
  healthy: [alarmSaysOk],
  ladder: [rung(runCommand, { when: [anInstance] })],
});
