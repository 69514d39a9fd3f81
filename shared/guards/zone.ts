import { zoneOf } from '../model/resources/index.ts';
import { type Check, defineGuard, holdForNow, none, pass } from './guard.ts';

const placeIsFine: Check = async ({ incident, facts, target, correlatedFailures }) => {
  const places = [zoneOf(target, facts), facts.instance?.zoneId, incident.region];
  const impaired = (await correlatedFailures()).impaired.find((place) => places.includes(place));
  return impaired === undefined ? pass : holdForNow(`AWS has reported that ${impaired} is impaired`);
};

/** If AWS reports that a whole zone or region is impaired, healing single instances in it makes things worse. */
export const zone = defineGuard({
  id: 'zone',
  check: {
    of: {
      instance: placeIsFine,
      group: none,
      database: placeIsFine,
      service: placeIsFine,
      queue: none,
      task: placeIsFine,
      certificate: none,
    },
  },
});
