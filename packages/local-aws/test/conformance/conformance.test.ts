import { afterEach, describe, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../../src/local-aws.ts';
import { localClients, worldOptions } from '../harness.ts';
import { conformance } from './index.ts';

let aws: LocalAws | undefined;
afterEach(() => aws?.close());

describe.each(Object.entries(conformance))('%s conforms:', (_service, checks) => {
  test.each(checks.map((check) => [check.name, check.page, check] as const))('%s (%s)', async (_name, _page, { run }) => {
    const local = createLocalAws({ ...worldOptions, exempt: ['TESTKEY'] });
    aws = local;
    let names = 0;
    await run({
      ...localClients(local.handle),
      pass: (seconds) => local.advanceTo(local.world.clock.now() + seconds * 1000),
      fresh: (prefix) => `${prefix}-${++names}`,
    });
  });
});
