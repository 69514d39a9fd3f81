import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';

type Make = (input: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<{ Resources?: Record<string, unknown> }>;
const make = createRequire(import.meta.url)('../infrastructure/kms-keys.cjs') as Make;
const withPolicy = (policy: unknown) => make({ resolveVariable: async () => policy });
const key = 'arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000';

describe('the right to start instances with keys', () => {
  test.each(['', '{}', '{"kmsKeys":[]}', undefined])('is not there where the policy names no key: %j', async (policy) => {
    expect(await withPolicy(policy)).toEqual({});
  });

  test("is for the keys that the policy names, and only for EC2's own use", async () => {
    const made = await withPolicy(JSON.stringify({ kmsKeys: [key] }));
    expect(made.Resources).toMatchObject({
      StartWithKeys: {
        Type: 'AWS::IAM::RolePolicy',
        Properties: {
          RoleName: { Ref: 'RemediateRole' },
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: 'kms:CreateGrant',
                Resource: [key],
                Condition: {
                  Bool: { 'kms:GrantIsForAWSResource': 'true' },
                  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
                  StringEquals: { 'kms:ViaService': { 'Fn::Sub': 'ec2.${AWS::Region}.amazonaws.com' } },
                },
              },
            ],
          },
        },
      },
    });
  });
});
