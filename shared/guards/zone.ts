import { defineGuard, holdForNow, pass } from './guard.ts';

/** If AWS reports that a whole zone or region is impaired, healing single instances in it makes things worse. */
export const zone = defineGuard({
  id: 'zone',
  check: async ({ incident, facts: { instance }, target, neighbours }) => {
    if (target.type !== 'instance') return pass;
    const places = [instance?.availabilityZone, instance?.zoneId, incident.region];
    const impaired = (await neighbours()).impaired.find((place) => places.includes(place));
    return impaired === undefined ? pass : holdForNow(`AWS has reported that ${impaired} is impaired`);
  },
});
