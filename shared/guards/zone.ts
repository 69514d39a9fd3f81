import { paginateDescribeInstanceStatus } from '@aws-sdk/client-ec2';
import { has } from '../actions/action.ts';
import { formatDuration, minutes } from '../model/duration.ts';
import { zoneOf } from '../model/resources/index.ts';
import { type Check, defineGuard, holdForNow, none, pass } from './guard.ts';

/** Hosts that fail within so many seconds of each other may have failed for one cause. */
const together = minutes(15);

const placeIsFine: Check = async ({ incident, facts, target, correlatedFailures }) => {
  const places = [zoneOf(target, facts), facts.instance?.zoneId, incident.region];
  const impaired = (await correlatedFailures()).impaired.find((place) => places.includes(place));
  return impaired === undefined ? pass : holdForNow(`AWS has reported that ${impaired} is impaired`);
};

/**
 * Holds a move to another host where the whole zone seems to have failed before AWS says so: other hosts there failed about when this one did, and
 * none is known to work. An instance that is stopped then may take long to stop, and finds no place until the zone is back; left alone, it works
 * again with the zone. A group starts what it replaces in its other zones.
 */
const someHostWorks: Check = async ({ facts: { instance, status }, action, clients: { ec2 } }) => {
  const moves = has(action, 'interrupts') && !has(action, 'destroys') && status?.system === 'impaired';
  if (!moves || !instance || instance.availabilityZone === 'unknown') return pass;
  const Filters = [{ Name: 'availability-zone', Values: [instance.availabilityZone] }];
  let failed = 0;
  for await (const { InstanceStatuses = [] } of paginateDescribeInstanceStatus({ client: ec2, pageSize: 1000 }, { Filters })) {
    for (const { InstanceId, SystemStatus } of InstanceStatuses) {
      if (InstanceId === instance.id) continue;
      if (SystemStatus?.Status === 'ok') return pass;
      // One that is being launched, or has no checks, says nothing.
      if (SystemStatus?.Status === 'initializing' || SystemStatus?.Status === 'not-applicable') continue;
      const since = SystemStatus?.Details?.find(({ ImpairedSince }) => ImpairedSince !== undefined)?.ImpairedSince?.getTime();
      const apart = Math.abs((since ?? Number.NaN) - (status.systemImpairedSince ?? Number.NaN));
      if (!(apart > together * 1000)) failed++;
    }
  }
  return failed === 0
    ? pass
    : holdForNow(
        `no host in ${instance.availabilityZone} is known to work, and ${failed === 1 ? 'another one' : `${failed} others`} failed within ${formatDuration(together)} of its own: it may be the zone`,
      );
};

const placeWorks: Check = async (input) => {
  const answer = await placeIsFine(input);
  return answer.answer === 'pass' ? someHostWorks(input) : answer;
};

/** If a whole zone or region is impaired, as AWS reports or its hosts show, healing single instances in it makes things worse. */
export const zone = defineGuard({
  id: 'zone',
  check: {
    of: {
      instance: placeWorks,
      group: none,
      database: placeIsFine,
      service: placeIsFine,
      queue: none,
      task: placeIsFine,
      certificate: none,
    },
  },
});
