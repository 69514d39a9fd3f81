import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createClient } from '../../shared/aws/client.ts';
import { partitionOf } from '../../shared/model/arn.ts';
import type { Place } from '../../shared/model/place.ts';
import type { Policy } from '../../shared/model/policy.ts';
import type { Deployment } from '../operate/deployment.ts';
import type { Hub, HubFunction } from './hub.ts';
import { type Placed, placedAt } from './placed.ts';

/** A member of a hub, as it is looked at. */
export type Member = Placed & {
  /** Null where it is looked at by itself, with credentials of its own. */
  hub: Hub | null;
  /** Its roles, by the function of the hub that takes each. */
  roles: Record<HubFunction, { name: string; arn: string }>;
  /** What makes its stack, or leads it to the hub. */
  deploy: string;
  /** What has the hub listen to its topic, by credentials of the hub. */
  listen: string;
  sns: SNSClient;
};

export type MemberOptions = { stage: string; names: Deployment['names']; optIn: Policy['optIn']; hub: Hub | null };

const deployOf = (stage: string, region: string, hub: Hub | null): string => {
  const parameters = {
    HubAccount: hub?.account ?? 'HUB-ACCOUNT',
    HubRegion: hub?.region ?? 'HUB-REGION',
    HubRole: hub?.roles.remediate ?? 'HUB-ROLE',
    HubWatchRole: hub?.roles.watch ?? 'HUB-WATCH-ROLE',
    Organization: hub?.externalId?.startsWith('o-') ? hub.externalId : 'ORGANIZATION',
  };
  const given = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
  const file = stage === 'prod' ? 'infrastructure/member.yml' : '.serverless/member.json';
  return `aws cloudformation deploy --template-file ${file} --stack-name selfheal-member-${stage} --region ${region} --capabilities CAPABILITY_NAMED_IAM --parameter-overrides ${given.join(' ')}`;
};

/** What deploys the hub with the member's topic in its parameter, and with the others that it listens to. */
const listenOf = (stage: string, { account, region }: Place, hub: Hub | null): string => {
  const topics = [...new Set([...(hub?.topics ?? []), `${account}:${region}`])];
  const organization = hub?.externalId?.startsWith('o-') ? hub.externalId : 'ORGANIZATION';
  const where = `--stage ${stage} --region ${hub?.region ?? 'HUB-REGION'}`;
  return `npx sls deploy ${where} --param hub=on --param organization=${organization} --param memberTopics=${topics.join(',')}`;
};

export const createMember = ({ account, region }: Place, config: object, { stage, names, optIn, hub }: MemberOptions): Member => {
  const partition = partitionOf(region);
  const tried = { ...config, maxAttempts: 3 };
  const role = (name: string) => ({ name, arn: `arn:${partition}:iam::${account}:role/${name}` });
  const placed = placedAt({ account, region, partition }, tried, {
    ...{ stage, names, optIn },
    ssm: createClient(SSMClient, tried),
    redeploy: `AWS_REGION=${region} bash tools/revert-drift.sh selfheal-member-${stage}`,
    place: { aws: ` --region ${region}`, own: ` --account ${account} --region ${region}` },
  });
  return {
    ...placed,
    hub,
    roles: { remediate: role(`selfheal-member-${stage}-${region}`), watch: role(`selfheal-member-watch-${stage}-${region}`) },
    deploy: deployOf(stage, region, hub),
    listen: listenOf(stage, { account, region }, hub),
    sns: createClient(SNSClient, tried),
  };
};
