import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalOrganization, type LocalOrganization } from '#local-aws';
import { partOf, standalone } from '../../local/testbed/template-parts.ts';
import { worldOptions } from '../../packages/local-aws/test/harness.ts';
import { place } from './place.ts';

const [hub, member] = ['111111111111', '222222222222'];
const [home, abroad] = ['us-east-1', 'eu-west-1'];
const id = 'o-abcdefghij';
const intake = `arn:aws:lambda:${home}:${hub}:function:selfheal-prod-intake`;

const parameters = {
  HubAccount: hub,
  HubRegion: home,
  HubRole: `arn:aws:iam::${hub}:role/hub`,
  HubWatchRole: `arn:aws:iam::${hub}:role/hub-watch`,
  Organization: id,
  ExternalId: '',
  PermissionsBoundary: '',
};
const terminated = {
  source: 'aws.ec2',
  detailType: 'EC2 Instance State-change Notification',
  resources: [],
  detail: { 'instance-id': 'i-0a1b2c3d4e5f60718', state: 'terminated' },
};

describe('the template of members', () => {
  let org: LocalOrganization;
  let heard: { account: string; region: string }[];

  beforeEach(async () => {
    heard = [];
    org = createLocalOrganization({
      id,
      seed: worldOptions.seed,
      start: worldOptions.start,
      accounts: [hub, member],
      regions: [home, abroad],
      each: () => ({
        onInvoke: ({ payload }) => {
          heard.push(payload as { account: string; region: string });
          return {};
        },
      }),
    });
  });
  afterEach(() => org.close());

  const placeHub = async (organization = id) =>
    place(
      org.world(hub, home),
      await partOf('hub.cjs', {
        'param:hub': 'on',
        'param:organization': organization,
        'param:externalId': '',
        'self:custom.names.hub': 'selfheal-prod-hub',
        'self:custom.names.member': 'selfheal-member-prod',
        'self:custom.names.memberWatch': 'selfheal-member-watch-prod',
      }),
      { 'IntakeLambdaFunction.Arn': intake, 'EventDeadLetters.Arn': org.world(hub, home).world.arn('sqs', 'dead') },
    );
  const happens = async (account: string, region: string) => {
    org.world(account, region).world.putEvent(terminated);
    await org.advanceTo(org.aws.world.clock.now() + 60_000);
  };

  test.each([home, abroad])(
    'sends what happens in %s to intake of the hub in its own region, with the account and region where it was',
    async (region) => {
      await placeHub();
      await place(org.world(member, region), standalone('member.yml'), parameters);
      await happens(member, region);
      expect(heard).toMatchObject([{ account: member, region, source: 'aws.ec2', detail: terminated.detail }]);
    },
  );

  test('sends nothing of regions where it is not', async () => {
    await placeHub();
    await place(org.world(member, home), standalone('member.yml'), parameters);
    await happens(member, abroad);
    expect(heard).toEqual([]);
  });

  test('sends nothing to the hub of another organisation', async () => {
    await placeHub('o-zzzzzzzzzz');
    await place(org.world(member, abroad), standalone('member.yml'), parameters);
    await happens(member, abroad);
    expect(heard).toEqual([]);
  });
});
