import { rollbackAlias } from '../actions/rollback-alias.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { releaseIsWell } from '../health/release.ts';
import { isFunction } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const rollBackAlias = definePlaybook({
  id: 'rollback-alias',
  summary: 'A function whose invocations fail since its alias was moved: move the alias back, if the new version is what fails.',
  failing: [alarmFires],
  healthy: [releaseIsWell, alarmSaysOk],
  ladder: [rung(rollbackAlias, { when: [isFunction] })],
});
