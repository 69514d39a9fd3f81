import { costOf, prices } from './cost.ts';
import { breakdowns, treatOneByOne } from './incidents.ts';
import { type Measurement, round } from './measurement.ts';

/**
 * What the same incidents take in a member of a hub and in the hub's own account: the same breakdowns in the same physics. An event that a
 * bus delivers to one of another account is billed to its sender as a custom event: https://aws.amazon.com/eventbridge/pricing/
 */
export const benchHub = async (quick = false, count = quick ? 4 : 40): Promise<Measurement[]> => {
  const trialsOf = async (from: 'hub' | 'member') =>
    costOf((await Promise.all(breakdowns.map((breakdown) => treatOneByOne(breakdown, count, 1, { from })))).flat());
  const [own, member] = [await trialsOf('hub'), await trialsOf('member')];
  const delivered = member.dollars + member.started * 1000 * prices.customEvent;
  return [
    { name: 'hub.own.cost_per_1000_incidents_usd', value: round(own.dollars, 3), unit: 'USD' },
    { name: 'hub.member.cost_per_1000_incidents_usd', value: round(delivered, 3), unit: 'USD' },
    { name: 'hub.cost_ratio', value: round(delivered / own.dollars), unit: 'x' },
    { name: 'hub.own.calls_per_incident', value: round(own.calls), unit: 'count' },
    { name: 'hub.member.calls_per_incident', value: round(member.calls), unit: 'count' },
    { name: 'hub.member.sessions_per_incident', value: round(member.sessions), unit: 'count' },
    { name: 'hub.own.operations_per_incident', value: round(own.operations), unit: 'count' },
    { name: 'hub.member.operations_per_incident', value: round(member.operations), unit: 'count' },
  ];
};
