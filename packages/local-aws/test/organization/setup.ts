import { AssumeRoleCommand, type AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import type { LocalAwsOptions } from '../../src/local-aws.ts';
import { createLocalOrganization, type LocalOrganizationOptions } from '../../src/organization.ts';
import { localClients, worldOptions } from '../harness.ts';

export const hub = '111111111111';
export const member = '222222222222';
export const stranger = '999999999999';
export const id = 'o-abcdefghij';
export const [home, abroad] = ['us-east-1', 'eu-west-1'];

export const policy = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
export const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
export const trusting = (Principal: object | string, Condition?: object, Action: string | string[] = 'sts:AssumeRole') =>
  policy({ Effect: 'Allow', Principal, Action, ...(Condition && { Condition }) });

export const roleArn = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;

/** A hub and a member in two regions, and clients of whoever calls. */
export const organization = (
  options: Partial<LocalOrganizationOptions> = {},
  each?: (account: string, region: string) => Partial<LocalAwsOptions>,
) => {
  const { seed, start } = worldOptions;
  const org = createLocalOrganization({
    id,
    seed,
    start,
    accounts: [hub, member],
    regions: [home, abroad],
    ...(each && { each }),
    ...options,
  });
  const as = (
    credentials: { accessKeyId: string; sessionToken?: string | undefined } | string,
    region = home,
  ): ReturnType<typeof localClients> =>
    localClients(org.handle, { region, ...(typeof credentials === 'string' ? { accessKeyId: credentials } : credentials) });
  /** Credentials of a role, for whoever may assume it. */
  const assume = async (caller: ReturnType<typeof as>, role: string, more: Partial<AssumeRoleCommandInput> = {}) => {
    const answer = await caller.sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'incident-1', ...more }));
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = answer.Credentials ?? {};
    return { ...answer, credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken } };
  };
  /** The hub's function, which may assume roles of the organisation, and nothing else. */
  const placeHub = () => {
    org.world(hub).iam.putRole({
      name: 'hub',
      trust: trusting({ Service: 'lambda.amazonaws.com' }),
      policies: {
        assume: policy(
          allow(['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'], 'arn:aws:iam::*:role/member', {
            StringEquals: { 'aws:ResourceOrgID': id },
          }),
        ),
      },
    });
    return as(org.world(hub).iam.credentialsOf('hub'));
  };
  return { org, as, assume, placeHub };
};
