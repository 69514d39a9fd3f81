import * as z from 'zod';

/** A target as it was registered, with the ARN of its target group; null where it had no port or zone of its own. */
const placeSchema = z.object({ targetGroup: z.string(), id: z.string(), port: z.number().nullable(), zone: z.string().nullable() });
export type Place = z.infer<typeof placeSchema>;

export const drainedSchema = z.object({
  /** Targets that were deregistered, or that its group deregisters. */
  places: z.array(placeSchema),
  /** The group that it is on standby in; null if it is in none. */
  standby: z.string().nullable(),
  /** When it should be back, in milliseconds since the epoch. */
  until: z.number(),
});

/** An instance that takes no requests while it is treated, and how it is put back. */
export type Drained = z.infer<typeof drainedSchema>;

/** Places by the ARN of their target group. */
export const byTargetGroup = (places: readonly Place[]): Map<string, Place[]> => {
  const groups = new Map<string, Place[]>();
  for (const place of places) groups.set(place.targetGroup, [...(groups.get(place.targetGroup) ?? []), place]);
  return groups;
};

/** The name in the ARN of a target group. */
export const targetGroupName = (arn: string): string => arn.split('/')[1] ?? arn;

/** For people: what an instance is out of. */
export const drainedFrom = ({ places, standby }: Drained): string => {
  const names = [...new Set(places.map(({ targetGroup }) => targetGroupName(targetGroup)))].join(', ');
  return standby === null ? `target group ${names}` : `target group ${names}, on standby in group ${standby}`;
};

/** The commands by which a person puts it back. */
export const putBackBy = (instance: string, { places, standby }: Drained): string => {
  if (standby !== null) return `aws autoscaling exit-standby --auto-scaling-group-name ${standby} --instance-ids ${instance}`;
  return [...byTargetGroup(places)]
    .map(([arn, own]) => {
      const targets = own.map(({ id, port, zone }) =>
        [`Id=${id}`, ...(port === null ? [] : [`Port=${port}`]), ...(zone === null ? [] : [`AvailabilityZone=${zone}`])].join(','),
      );
      return `aws elbv2 register-targets --target-group-arn ${arn} --targets ${targets.join(' ')}`;
    })
    .join('; ');
};
