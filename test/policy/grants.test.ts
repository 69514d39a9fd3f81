import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { rebootDatabase } from '../../shared/actions/reboot-database.ts';
import { parsePolicy } from '../../shared/policy/read-policy.ts';
import { policyGrants } from '../../tools/deployment/policy-grants.ts';

type Make = (input: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<{ Resources?: Record<string, unknown> }>;
const make = createRequire(import.meta.url)('../../infrastructure/policy-grants.cjs') as Make;
const template = (policy: unknown) => make({ resolveVariable: async () => policy });
const key = 'arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000';
const granted = (policy: object) => policyGrants(parsePolicy(JSON.stringify(policy)));

describe('what a policy adds to the rights of a role', () => {
  test.each(['', '{}', '{"kmsKeys":[]}', '{"databases":{"reboot":"off","approval":"waived"}}', undefined, 'docs/policy.example.yml'])(
    'is nothing where it names nothing: %j',
    async (policy) => {
      expect(await template(policy)).toEqual({});
    },
  );

  test.each(['nowhere.yml', '{"mode": "on"}', 'docs/policy.md'])('is left to packaging where it can not be used: %j', async (policy) => {
    expect(await template(policy)).toEqual({});
  });

  test("is to start instances with the keys that it names, only for EC2's own use", () => {
    expect(granted({ kmsKeys: [key] })).toEqual({
      StartWithKeys: {
        Type: 'AWS::IAM::RolePolicy',
        Properties: {
          PolicyName: 'start-with-keys',
          RoleName: { Ref: 'RemediateRole' },
          PolicyDocument: {
            Version: '2012-10-17',
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

  test('is to act on databases with its opt-in tag', () => {
    expect(granted({ databases: { reboot: 'on' }, optIn: { key: 'heal', value: 'yes' } })).toMatchObject({
      ActOnDatabases: {
        Properties: {
          RoleName: { Ref: 'RemediateRole' },
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: rebootDatabase.permissions[0],
                // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
                Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*' },
                Condition: { StringEquals: { 'aws:ResourceTag/heal': 'yes' } },
              },
            ],
          },
        },
      },
    });
  });

  test('is in the template', async () => {
    const policy = { kmsKeys: [key], databases: { reboot: 'on' } };
    expect(await template(JSON.stringify(policy))).toEqual({ Resources: granted(policy) });
  });
});
