import { raiseConcurrency } from '../actions/raise-concurrency.ts';
import { alarmFires, alarmSaysOk } from '../health/alarm.ts';
import { minutes } from '../model/duration.ts';
import { isFunction } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const raiseReservedConcurrency = definePlaybook({
  id: 'raise-concurrency',
  summary: 'A function that its reserved concurrency throttles: reserve more, up to the maximum of the policy.',
  failing: [alarmFires],
  healthy: [alarmSaysOk],
  ladder: [rung(raiseConcurrency, { when: [isFunction], tries: 3, within: minutes(15) })],
});
