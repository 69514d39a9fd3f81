import { parseArgs } from 'node:util';
import { UsageError } from '../../shared/model/errors.ts';
import { switchPositions } from '../../shared/ports/kill-switch.ts';
import { becauseOf } from '../operate/acts.ts';
import { accountHelp, deploymentHelp, deploymentOptions, onDeployment } from '../operate/deployment.ts';
import { minuteOf } from '../operate/minute.ts';
import { expectAccount, readSwitch, turnSwitch, turnSwitchThere } from '../operate/switch.ts';
import { whereOf, whereOptions } from '../operate/where.ts';
import type { Command, Io } from './command.ts';

const help = `Usage: selfheal switch [on|dry-run|off] [--because TEXT] [--account ID] [--region R] [--all] [--stage STAGE]
       [--json]

Turns the kill switch of a deployment, or shows its position. It takes effect within a minute, without a deployment: with off nothing is
done, with dry-run it is only said what would be done, with on the policy decides. Who turned it is recorded first.
${accountHelp}

  --because TEXT  why, for those who read the record
  --account ID    the switch of a member of a hub, with credentials of that account; its CloudTrail records who turned it
  --region R      the region of the switch (default: AWS_REGION)
  --all           the hub's own, said by name: it holds in all accounts and regions. With on, those whose own one is off stay off
${deploymentHelp}

Exit code 0, or 2 if it could not be read or turned.

Examples:
  selfheal switch
  selfheal switch off --because 'the load balancer is being replaced'
  selfheal switch off --all --because 'AWS has an outage'
  AWS_PROFILE=shop selfheal switch off --account 444455556666 --region eu-west-1
`;

const run = async (args: string[], io: Io): Promise<number> => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...deploymentOptions, ...whereOptions, because: { type: 'string' } },
  });
  const because = becauseOf(values.because);
  const { account, region } = whereOf(values);
  const everywhere = values.all ? '; it holds in all accounts and regions, of which each may have a stricter one of its own' : '';
  const there = region === undefined ? io : { ...io, env: { ...io.env, AWS_REGION: region } };
  const [asked, ...others] = positionals;
  const position = switchPositions.find((one) => one === asked);
  if (others.length > 0 || (asked !== undefined && position === undefined))
    throw new UsageError(`the switch is one of ${switchPositions.join(', ')}, not ${JSON.stringify(positionals.join(' ').slice(0, 40))}`);
  return onDeployment(values.stage, there, async (deployment) => {
    // A member has a switch of the same name, and no ledger.
    if (values.all) await deployment.ledger.pauses();
    if (account !== undefined) await expectAccount(deployment, account);
    const before = await readSwitch(deployment);
    const turned = position !== undefined && position !== before.position;
    if (turned) await (account === undefined ? turnSwitch : turnSwitchThere)(deployment, position, because);
    const now = turned ? position : before.position;
    const since = before.since === null ? '' : ` since ${minuteOf(before.since)} UTC`;
    const text = turned ? `${now}; it was ${before.position}${since}${everywhere}` : `${now}${since}${everywhere}`;
    const json = {
      stage: deployment.stage,
      ...(account ? { account } : {}),
      ...(region ? { region } : {}),
      position: now,
      ...(turned ? { before: before.position } : {}),
    };
    io.stdout.write(values.json ? `${JSON.stringify(json)}\n` : `${text}\n`);
    return 0;
  });
};

export const switchCommand: Command = { name: 'switch', help, names: () => switchPositions, run };
