import type { Host } from '../testbed/host.ts';

/** Which alarms a world has set off, for the incidents that are waiting for them. */
export const createGoings = ({ aws: { world } }: Pick<Host, 'aws'>) => {
  const inAlarm = new Set<string>();
  const wentAt = new Map<string, number>();
  const expected = new Map<string, { alarm: string; since: number }>();
  world.subscribe((worldEvent) => {
    if (worldEvent.type !== 'alarm-state') return;
    const { alarmName, to, at } = worldEvent;
    if (to !== 'ALARM') inAlarm.delete(alarmName);
    else {
      inAlarm.add(alarmName);
      wentAt.set(alarmName, at);
    }
  });
  return {
    /** An incident's alarm is expected to fire after that time. */
    expect: (incident: string, alarm: string, since: number): void => void expected.set(incident, { alarm, since }),
    /** Whether it has fired; true if none was expected. */
    wentOff: (incident: string): boolean => {
      const wanted = expected.get(incident);
      return wanted === undefined || inAlarm.has(wanted.alarm) || (wentAt.get(wanted.alarm) ?? 0) >= wanted.since;
    },
    forget: (incident: string): void => void expected.delete(incident),
  };
};
export type Goings = ReturnType<typeof createGoings>;
