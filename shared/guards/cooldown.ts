import { formatDuration, minutes } from '../model/duration.ts';
import { type Check, defineGuard, hold, holdUntil, none, ofHosts, pass } from './guard.ts';
import { settlesWithin } from './settling.ts';

/**
 * How long an instance takes at most from the call until it works, in seconds: EC2 cuts the power of one that doesn't shut down "within a few
 * minutes", and then it boots. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RebootInstances.html; the sum is assumed.
 */
const actionTakes = minutes(6);

const hasSettled: Check = async (input) => {
  const { attempts, incident, target, now } = input;
  const begun = attempts();
  if (!begun) return hold('the earlier actions are unknown');
  const last = begun.filter((one) => one.incident !== incident.key).sort((a, b) => b.at - a.at)[0];
  if (!last) return pass;
  const age = (now - last.at) / 1000;
  const allowance = await settlesWithin(input, actionTakes, age);
  return age < allowance
    ? holdUntil(
        `incident ${last.incident} has done ${last.action} to ${target.id} ${formatDuration(age)} ago, which gets ${formatDuration(allowance)} to show its effect`,
        last.at + allowance * 1000,
      )
    : pass;
};

/**
 * What another incident has done gets time to show its effect: checks go on failing for a while after what made them fail is mended, those of a
 * target group for the longest.
 */
export const cooldown = defineGuard({
  id: 'cooldown',
  live: true,
  check: {
    of: ofHosts({
      starts: none,
      changesSoftware: hasSettled,
      interrupts: hasSettled,
      removesFromService: hasSettled,
      destroys: hasSettled,
      addsCapacity: none,
      changesAddress: none,
      repeatsWork: none,
      growsStorage: none,
    }),
  },
});
