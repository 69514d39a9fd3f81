import { restartService } from '../actions/restart-service.ts';
import { rollBackService } from '../actions/roll-back-service.ts';
import { serviceIsSteady } from '../health/container-service.ts';
import { minutes } from '../model/duration.ts';
import { endsItself, ownDeployment, sameDeployment } from './conditions.ts';
import { definePlaybook, rung, watch } from './playbook.ts';

export const healService = definePlaybook({
  id: 'heal-service',
  summary:
    'A service of ECS whose tasks fail: wait for ECS where it ends a failing deployment by itself; else bring the revision before back, if the new one is to blame; without a deployment restart it once.',
  failing: [serviceIsSteady],
  healthy: [serviceIsSteady],
  ladder: [
    watch({ because: 'ECS ends a failing deployment by itself', atMost: minutes(30), when: [endsItself] }),
    rung(rollBackService, { when: [ownDeployment], within: minutes(20) }),
    rung(restartService, { when: [sameDeployment], within: minutes(20) }),
  ],
});
