import { expect, test } from '@jest/globals';
import { restoreAgent } from '../../shared/playbooks/restore-agent.ts';
import { scenes, stepsFor } from './examples.ts';

test('restore-agent waits five minutes, then runs a command, then replaces the host', () => {
  expect(stepsFor(restoreAgent, scenes['a host without an agent'])).toEqual(['watch', 'run-command', 'replace-container-instance']);
  expect(restoreAgent.ladder[0]).toMatchObject({ kind: 'watch', atMost: 300 });
});
