import { extendFileSystem } from '../actions/extend-file-system.ts';
import { growVolume } from '../actions/grow-volume.ts';
import { listDisks } from '../actions/list-disks.ts';
import { runCommand } from '../actions/run-command.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { statusChecksPass } from '../health/status-checks.ts';
import { volumeIsGrown } from '../health/volume.ts';
import { minutes } from '../model/duration.ts';
import { anInstance, hasAllOfVolume, hasLessThanVolume, namesFileSystem } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const cleanDisk = definePlaybook({
  id: 'clean-disk',
  summary:
    "A disk is filling up: run the owner's command that frees space; if that is not enough, grow the volume that the instance itself names by its serial number, and its file system (on Linux); where only the volume was grown before, its file system alone.",
  failing: [alarmFires],
  healthy: [volumeIsGrown, alarmSaysOk, statusChecksPass],
  ladder: [
    rung(runCommand, { when: [anInstance] }),
    rung(listDisks, { when: [anInstance, namesFileSystem], within: minutes(1) }),
    rung(extendFileSystem, { when: [anInstance, namesFileSystem, hasLessThanVolume] }),
    rung(growVolume, { when: [anInstance, namesFileSystem, hasAllOfVolume] }),
  ],
});
