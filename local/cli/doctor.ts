import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { isSamePlace, type Place } from '../../shared/model/place.ts';
import { type Policy, policySchema } from '../../shared/model/policy.ts';
import { event } from '../doctor/checks/event.ts';
import { type Examined, examine, requireDeployment, verdictOf } from '../doctor/examine.ts';
import { findHub } from '../doctor/hub.ts';
import { checks } from '../doctor/index.ts';
import { examineMember } from '../doctor/member.ts';
import { createSubject, type Subject } from '../doctor/subject.ts';
import { blockOf, jsonOfPlace, lineOf, type PlaceFound, placeBlock, placeLine, sumOf } from '../doctor/tell.ts';
import { accountHelp, type Deployment, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { knownPlaces } from '../operate/places.ts';
import { createReach, reachHelp, reachOptions, type Via, viaOf } from '../operate/reach.ts';
import { whereOf, whereOptions } from '../operate/where.ts';
import { createStyle } from '../terminal/style.ts';
import type { Command, Io } from './command.ts';
import { policyFrom } from './options.ts';

const help = `Usage: selfheal doctor [--no-event] [--account ID [--region R] | --all] [--role NAME] [--policy FILE] [--stage STAGE]
       [--json]

Looks whether a deployment is as it should be, and names the one command that repairs what isn't. It changes nothing: it reads, and puts an
event on the bus that intake leaves alone: that an invocation succeeded, of a function that doesn't exist.
With --account or --all it looks at the members of a hub, where it only reads.
${accountHelp}

  --no-event         leave that event out
  --account ID       look at the stack of a member of a hub in this account
  --region R         and in this region (default: AWS_REGION, which also is where the hub is looked for)
  --all              look at the hub and each account and region that it knows of, with a line for each
${reachHelp}
  --policy FILE      the policy of the deployment, of YAML or JSON: which tag is the opt-in tag (default: selfheal=on); --all: which
                     accounts are in its units and scope.monitoring
${deploymentHelp}

Exit code 0, 1 if something is broken, 2 if it could not look. What may not be looked at is unknown, and not broken; with --account and
--all the exit code is 2 then, unless something is broken.

Examples:
  selfheal doctor
  selfheal doctor --stage dev --no-event
  selfheal doctor --account 444455556666 --region eu-west-1 --role Auditor
  selfheal doctor --all --role Auditor --policy policy.yml
  selfheal doctor --json | jq -r 'select(.verdict == "broken") | .repair'
`;

/** How many accounts and regions are looked at at the same time. */
const placesAtOnce = 4;
const codes = { ok: 0, broken: 1, unknown: 2 } as const;

type Given = { policy: Policy; via: Via; json: boolean };

const examineAll = async (subject: Subject): Promise<Examined[]> => {
  const found: Examined[] = [];
  for (const check of checks) found.push(...(await examine(check, subject)));
  return found;
};

const tell = (io: Io, json: boolean, found: readonly Examined[], place?: Place): void => {
  const style = createStyle(io.stdout, io.env);
  if (json) io.stdout.write(found.map((one) => `${JSON.stringify({ ...place, ...one })}\n`).join(''));
  else if (!io.stdout.isTTY) io.stdout.write(found.map((one) => `${lineOf(one)}\n`).join(''));
  else io.stdout.write(`${[...found.map((one) => blockOf(one, style)), sumOf(found)].join('\n')}\n`);
};

/** The hub, and how its members are looked at. */
const membersOf = async (deployment: Deployment, { policy: { optIn }, via }: Given) => {
  const { stage, names, config } = deployment;
  const subject = await createSubject(deployment, { optIn });
  const hub = await findHub(config, stage, subject);
  const reach = createReach(config, via);
  return { subject, hub, lookAt: (place: Place) => examineMember(place, reach, { stage, names, optIn, hub }) };
};

const lookAtMember = async (io: Io, deployment: Deployment, given: Given, account: string, region: string | undefined): Promise<number> => {
  const { subject, hub, lookAt } = await membersOf(deployment, given);
  const place = { account, region: region ?? subject.region };
  if (hub && isSamePlace(hub, place))
    throw new UsageError('that is where the hub itself is: selfheal doctor looks at it without --account');
  const found = await lookAt(place);
  tell(io, given.json, found, place);
  return codes[verdictOf(found)];
};

const lookAtAll = async (io: Io, deployment: Deployment, given: Given): Promise<number> => {
  const { subject, hub, lookAt } = await membersOf(deployment, given);
  if (hub === null)
    throw new UsageError(
      `there is no hub of the stage ${subject.stage} in the account ${subject.account} and the region ${subject.region}, or it may not be looked at`,
    );
  const places = await knownPlaces(deployment, given.policy, hub);
  const all: PlaceFound[] = [];
  for (let i = 0; i < places.length; i += placesAtOnce)
    all.push(
      ...(await Promise.all(
        places
          .slice(i, i + placesAtOnce)
          .map(async (place) => ({ place, found: isSamePlace(place, hub) ? await examineAll(subject) : await lookAt(place) })),
      )),
    );
  const style = createStyle(io.stdout, io.env);
  const line = (one: PlaceFound) =>
    given.json ? JSON.stringify(jsonOfPlace(one)) : io.stdout.isTTY ? placeBlock(one, style) : placeLine(one);
  io.stdout.write(all.map((one) => `${line(one)}\n`).join(''));
  if (all.length === 1) io.stderr.write('selfheal doctor: no member is known, by incidents, pauses or the policy\n');
  return codes[verdictOf(all.flatMap(({ found }) => found))];
};

const run = async (args: string[], io: Io): Promise<number> => {
  const { values } = parseArgs({
    args,
    options: {
      ...deploymentOptions,
      ...reachOptions,
      'no-event': { type: 'boolean', default: false },
      ...whereOptions,
      policy: { type: 'string' },
    },
  });
  const { account, region } = whereOf(values);
  const { all, json } = values;
  if (!all && account === undefined && region !== undefined) throw new UsageError('--region needs --account');
  const via = viaOf(values);
  if (!all && account === undefined && via !== null) throw new UsageError('--role needs --account or --all');
  const policy = (await policyFrom(values.policy)) ?? policySchema.parse({});
  const given = { policy, via, json };
  // With credentials of a member there may be no other region.
  const there =
    region === undefined || io.env.AWS_REGION || io.env.AWS_DEFAULT_REGION ? io : { ...io, env: { ...io.env, AWS_REGION: region } };
  return onDeployment(values.stage, there, async (deployment) => {
    if (account !== undefined) return lookAtMember(io, deployment, given, account, region);
    if (all) return lookAtAll(io, deployment, given);
    const subject = await createSubject(deployment, { optIn: policy.optIn });
    const found = await examineAll(subject);
    requireDeployment(found, subject);
    // Only where there is somebody to hear of it.
    if (!values['no-event']) found.push(...(await examine(event, subject)));
    tell(io, json, found);
    return found.some(({ verdict }) => verdict === 'broken') ? 1 : 0;
  });
};

export const doctorCommand: Command = { name: 'doctor', help, names: () => [], run };
