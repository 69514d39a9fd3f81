import { replaceContainerInstance } from '../actions/replace-container-instance.ts';
import { runCommand } from '../actions/run-command.ts';
import { agentIsConnected, hostIsReplaced } from '../health/container-host.ts';
import { minutes } from '../model/duration.ts';
import { agentReconnects } from './agent-reconnects.ts';
import { anInstance, inGroup } from './conditions.ts';
import { definePlaybook, rung } from './playbook.ts';

export const restoreAgent = definePlaybook({
  id: 'restore-agent',
  summary:
    "A host whose agent ECS has lost: wait, since agents reconnect all the time; then start the agent by the owner's command, or drain the host and let its group replace it.",
  failing: [agentIsConnected],
  healthy: [agentIsConnected],
  ladder: [
    agentReconnects,
    rung(runCommand, { when: [anInstance], within: minutes(3) }),
    rung(replaceContainerInstance, { when: [inGroup], healthy: [hostIsReplaced], within: minutes(15) }),
  ],
});
