/** Guards that had another id in version 0.1, by that id: it stands in recorded outcomes and in scenarios. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['asked-for', 'intentional-stop'],
  ['group-place', 'disruption-budget'],
  ['group-safe', 'asg-constraints'],
  ['other-healer', 'concurrent-remediation'],
  ['somebody-at-work', 'recent-manual-change'],
]);

export const formerGuardIds: readonly string[] = [...renamed.keys()];

/** The id that a guard has now. */
export const currentGuardId = (id: string): string => renamed.get(id) ?? id;

/** For `JSON.parse` of a recorded outcome: gives its guards their current ids. */
export const reviveGuardId = (key: string, value: unknown): unknown =>
  key === 'guard' && typeof value === 'string' ? currentGuardId(value) : value;
