import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { createLocalAws } from '../src/local-aws.ts';
import { worldOptions } from './harness.ts';

describe("the SDK's clients", () => {
  test('have a schema for every operation that is served, under its own name', () => {
    const { kms, ec2, autoScaling, cloudWatch, eventBridge, loadBalancing, ssm, lambda, logs } = createLocalAws(worldOptions);
    for (const { service } of [kms, ec2, autoScaling, cloudWatch, eventBridge, loadBalancing, ssm, lambda, logs]) {
      const names = Object.keys(service.operations);
      expect(names.length).toBeGreaterThan(0);
      expect(Object.values(service.operations).map(({ schema }) => schema[2])).toEqual(names);
    }
  });

  test('are not loaded before a request needs one, so that serving starts at once', async () => {
    const script = `
      import { createRequire } from 'node:module';
      import { createLocalAws } from './packages/local-aws/src/local-aws.ts';
      import './packages/local-aws/src/wire/server.ts';
      createLocalAws(${JSON.stringify(worldOptions)});
      console.log(Object.keys(createRequire(process.cwd() + '/x.js').cache).filter((file) => /@aws-sdk.client-|dynalite|fauxqs/.test(file)).join());
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(stdout.trim()).toBe('');
  });
});
