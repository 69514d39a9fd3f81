import { expect, test } from '@jest/globals';
import { restartService } from '../../shared/actions/restart-service.ts';
import { containerService, facts, policy } from '../remediation/examples.ts';
import { doAll } from './examples.ts';

const seen = (arn?: string) => facts({ instance: null, service: containerService(arn === undefined ? {} : { deployment: { arn } }) });

test('restart-service deploys what the service has', async () => {
  expect(await doAll(restartService, seen())).toEqual([
    { permission: 'ecs:UpdateService', input: { cluster: 'prod', service: 'checkout', forceNewDeployment: true } },
  ]);
});

test('restart-service is done once there is another deployment', () => {
  const [{ done }] = restartService.steps;
  expect(done(seen('one'), { before: seen('one') } as never)).toBe(false);
  expect(done(seen('two'), { before: seen('one'), policy: policy() } as never)).toBe(true);
});
