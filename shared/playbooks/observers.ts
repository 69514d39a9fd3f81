import { agentIsConnected } from '../health/container-host.ts';
import { memberIsReplaced } from '../health/group.ts';
import type { FailureId } from '../model/failure-id.ts';
import { agentReconnects } from './agent-reconnects.ts';
import { groupHeals } from './group-heals.ts';
import type { Playbook } from './playbook.ts';

/** For failures without a playbook: they are escalated unless a live look shows within a while that they are over. Observers never act. */
export const observers: Readonly<Partial<Record<FailureId, Pick<Playbook, 'failing' | 'healthy' | 'ladder'>>>> = {
  'instance-terminated': { failing: [], healthy: [memberIsReplaced], ladder: [groupHeals] },
  'agent-lost': { failing: [], healthy: [agentIsConnected], ladder: [agentReconnects] },
};
