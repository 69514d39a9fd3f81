import * as z from 'zod';
import { parseArn } from '../model/arn.ts';
import { once } from '../model/once.ts';
import { resourceOf } from '../model/resource-id.ts';
import { anything, defineSignal, type Envelope, eventSignal, read } from './module.ts';

const schema = once(() => z.object({ 'sub-type': z.string().nullish(), description: anything }));

const facts = ['launch-failed', 'fleet-failed', 'activity'] as const;

/** Classifies an information event: a failure if nothing more is launched or the event itself says so. */
const factOf = (detailType: string, subType: string): (typeof facts)[number] => {
  if (detailType.endsWith(' Error') || subType === 'fleetProgressHalted') return 'launch-failed';
  return subType.endsWith('Failed') ? 'fleet-failed' : 'activity';
};

const decode = (detail: unknown, envelope: Envelope) => {
  const { 'sub-type': type, description } = read(schema, detail, 'detail');
  const fleet = envelope.resources
    .map((text) => parseArn(text)?.resource ?? '')
    .map((resource) => /^(?:fleet|spot-fleet-request)\/(.+)$/.exec(resource)?.[1])
    .find((id) => id !== undefined);
  const fact = factOf(envelope.detailType, type ?? '');
  return [
    eventSignal(envelope, {
      kind: 'ec2-fleet',
      fact,
      subject: fleet === undefined ? null : resourceOf('fleet', fleet, 'resources'),
      quiet: fact !== 'activity' ? null : 'the fleet works as requested',
      evidence: { subType: type, description, what: `EC2 says: ${type ?? 'an error'}` },
    }),
  ];
};

const types = (name: string) =>
  ['State Change', 'Instance Change', 'Spot Instance Request Change', 'Information', 'Error'].map((type) => `${name} ${type}`);

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-event-types.html */
export const ec2Fleet = defineSignal({
  kind: 'ec2-fleet',
  facts,
  events: { source: 'aws.ec2fleet', detailTypes: types('EC2 Fleet'), decode },
});

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-fleet-event-types.html */
export const spotFleet = defineSignal({
  kind: 'ec2-fleet',
  facts,
  events: { source: 'aws.ec2spotfleet', detailTypes: types('EC2 Spot Fleet'), decode },
});
