import { afterEach, expect, test } from '@jest/globals';
import { approverPermissions, operatorPermissions } from '../../local/operate/permissions.ts';
import { closeServed, scenarioOf, servedScenario } from './served.ts';

afterEach(closeServed);

const names: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

test("an operator's commands make the calls that the stack's policies allow, and no others", async () => {
  const { run, json, advance, aws } = await servedScenario(scenarioOf('approval-granted'));
  const called = () => {
    const { calls } = aws().world;
    const own = calls
      .filter(({ accessKey }) => accessKey === 'ops')
      .map(({ service, operation }) => `${names[service] ?? service}:${operation}`);
    calls.length = 0;
    // Nobody needs a permission for that one.
    return new Set(own.filter((name) => name !== 'sts:GetCallerIdentity'));
  };
  await advance(1200);
  const [{ incident }] = await json('incidents --open');
  for (const command of [
    `show ${incident.slice(0, 25)}`,
    'switch off',
    'switch',
    'pause i-1 --for 2h --because x',
    'resume i-1',
    'pause',
    'acts',
    'digest',
    'playbooks --learned',
    `stop ${incident}x`,
  ])
    await run(command);
  const operating = called();
  // Reading its key by reference goes by Parameter Store, which asks Secrets Manager in the caller's name.
  expect((await run(`approve ${incident}`)).code).toBe(0);
  const approving = called();
  expect([...operating].sort()).toEqual([...new Set<string>(operatorPermissions)].sort());
  const known = new Set<string>([...operatorPermissions, ...approverPermissions]);
  expect([...approving].filter((name) => !known.has(name))).toEqual([]);
  expect(approving).toContain('lambda:SendDurableExecutionCallbackSuccess');
});
