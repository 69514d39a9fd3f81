import { describe, expect, test } from '@jest/globals';
import { packagePolicy, policyOfParameter } from '../../tools/deployment/packaged-policy.ts';
import { functionNames, type Packaged, resourcesOf } from './service.ts';

/**
 * Ceilings on the kilobytes of code, somewhat above what was measured. Whoever has a reason to exceed one raises it here, with the reason
 * in the commit; whoever finds something to save lowers it.
 */
const kilobytes: Record<(typeof functionNames)[number], number> = {
  intake: 627,
  remediate: 1876,
  watch: 1071,
  approve: 527,
  chat: 553,
  beat: 472,
  probe: 127,
  'dashboard-widget': 435,
  'early-warning': 714,
};

/** Bytes of a function's code, without what its path to this folder's packages adds to each name of a module. */
const bytesOf = (code = ''): number => Buffer.byteLength(code.replace(/"[^"\n]*\/(?=node_modules\/)/g, '"'));

const packageOf = (source: string) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1];

export const bundles = (packaged: () => Packaged): void => {
  const packagesIn = (name: string) => new Set(packaged().sources[name]?.map(packageOf));

  describe('its bundles', () => {
    test('of intake has no client of what only remediation calls', () => {
      expect(packagesIn('intake')).toContain('@aws-sdk/client-lambda');
      for (const name of ['client-ec2', 'client-auto-scaling', 'client-cloudwatch', 'client-sns']) {
        expect(packagesIn('intake')).not.toContain(`@aws-sdk/${name}`);
      }
    });

    test('of the watch can only look at instances and groups', () => {
      const commands = packaged().sources.watch?.flatMap((source) => {
        const [, service, name] = /client-(ec2|auto-scaling)\/.*\/commands\/(\w+)Command/.exec(source) ?? [];
        return service ? [`${service}:${name}`] : [];
      });
      expect(commands?.sort()).toEqual(['auto-scaling:DescribeAutoScalingGroups', 'ec2:DescribeInstances']);
    });

    test('of the approval page has no client that could act', () => {
      expect(packagesIn('approve')).toContain('@aws-sdk/client-lambda');
      for (const name of ['client-ec2', 'client-auto-scaling', 'client-sns']) {
        expect(packagesIn('approve')).not.toContain(`@aws-sdk/${name}`);
      }
    });

    test('of what counts beats has no client but those of the ledger and the key', () => {
      const clients = [...packagesIn('beat')].filter((name) => name?.startsWith('@aws-sdk/client-'));
      expect(clients.sort()).toEqual(['@aws-sdk/client-dynamodb', '@aws-sdk/client-ssm']);
    });

    test('of the widget has no client but that of the ledger', () => {
      const clients = [...packagesIn('dashboard-widget')].filter((name) => name?.startsWith('@aws-sdk/client-'));
      expect(clients).toEqual(['@aws-sdk/client-dynamodb']);
    });

    test('of remediation has them', () => {
      expect(packagesIn('remediate')).toContain('@aws-sdk/client-ec2');
    });

    // A digest in the code is a digest in its hash, and so in the function's version.
    test.each(functionNames)('of %s has the policy with its digest if it goes by one', (name) => {
      const { text, digest } = packagePolicy(policyOfParameter('', '.'));
      const code = packaged().code[name] ?? '';
      const goes = ['intake', 'remediate', 'watch', 'beat', 'early-warning'].includes(name);
      expect([code.includes(digest), code.includes(text) || code.includes(JSON.stringify(text))]).toEqual([goes, goes]);
      expect(JSON.stringify(packaged().template)).not.toContain('SELFHEAL_POLICY');
    });

    test.each(functionNames)('of %s has nothing of what is only for development', (name) => {
      expect(packaged().files[name]).toEqual([`functions/${name}.cjs`, `functions/${name}.cjs.map`]);
      // What stands in for parts of the SDK has no file of its own.
      const own = (packaged().sources[name] ?? []).filter((source) => !/node_modules\/|^lean-sdk:/.test(source));
      expect(own.length).toBeGreaterThan(5);
      expect(own.filter((source) => !/(^|\/)(functions|shared)\//.test(source))).toEqual([]);
      expect(own.filter((source) => /(^|\/)(local|packages|tools|test|bench)\//.test(source))).toEqual([]);
      expect(packagesIn(name)).not.toContain('dynalite');
    });

    test('have a ceiling each', () => {
      expect(resourcesOf(packaged().template, 'AWS::Lambda::Function')).toHaveLength(Object.keys(kilobytes).length);
    });

    test.each(functionNames)('of %s stays small, and holds nothing that a function in Lambda has no use for', (name) => {
      expect(bytesOf(packaged().code[name]) / 1000).toBeLessThanOrEqual(kilobytes[name]);
      // With a single other character, V8 keeps and reads all of it as two bytes each. The bundler escapes texts, but not expressions.
      expect(packaged().code[name]).toMatch(/^[\0-\x7f]*$/);
      // Credentials come from the environment there: no sign-in, no files, no instance metadata.
      for (const useless of ['@aws-sdk/nested-clients', '@aws-sdk/credential-provider-sso', '@aws-sdk/credential-provider-ini', 'bowser']) {
        expect(packagesIn(name)).not.toContain(useless);
      }
    });
  });
};
