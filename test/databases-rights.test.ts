import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { rebootDatabase } from '../shared/actions/reboot-database.ts';

type Make = (input: { resolveVariable: (name: string) => Promise<unknown> }) => Promise<{ Resources?: Record<string, unknown> }>;
const make = createRequire(import.meta.url)('../infrastructure/databases.cjs') as Make;
const given: Record<string, unknown> = { 'param:optInTag': 'selfheal', 'param:optInValue': 'on' };
const withPolicy = (policy: unknown) => make({ resolveVariable: async (name) => ({ ...given, 'param:policy': policy })[name] });

describe('the rights on databases', () => {
  test.each(['', '{}', '{"databases":{}}', '{"databases":{"reboot":"off","approval":"waived"}}', undefined])(
    'are not there where the policy does not name them: %j',
    async (policy) => {
      expect(await withPolicy(policy)).toEqual({});
    },
  );

  test('are those of what the policy names, on instances with the opt-in tag', async () => {
    const { Resources } = await withPolicy('{"databases":{"reboot":"on"}}');
    expect(Resources).toMatchObject({
      ActOnDatabases: {
        Type: 'AWS::IAM::RolePolicy',
        Properties: {
          RoleName: { Ref: 'RemediateRole' },
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Action: rebootDatabase.permissions[0],
                // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
                Resource: { 'Fn::Sub': 'arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*' },
                Condition: { StringEquals: { 'aws:ResourceTag/selfheal': 'on' } },
              },
            ],
          },
        },
      },
    });
  });
});
