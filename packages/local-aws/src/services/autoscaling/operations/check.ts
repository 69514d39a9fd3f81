import { createHash } from 'node:crypto';
import { AwsError } from '../../../wire/protocol/errors.ts';
import type { Core } from '../model/core.ts';
import type { Group, Member } from '../model/group.ts';

export const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

export const groupNamed = (core: Core, name: string | undefined): Group => {
  const group = core.groups.get(name ?? '');
  if (!group) throw invalid(`AutoScalingGroup name not found - no such group: ${name}`);
  return group;
};

/** The group, if it may still be changed. */
export const liveGroup = (core: Core, name: string | undefined): Group => {
  const group = groupNamed(core, name);
  if (group.deleting) throw invalid(`AutoScalingGroup ${group.name} is pending delete`);
  return group;
};

export const memberNamed = (core: Core, instanceId: string | undefined): { group: Group; member: Member } => {
  const found = core.memberOf.get(instanceId ?? '');
  if (!found) throw invalid(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
  return found;
};

/** The members of a group that a call names. Throws where it names none, too many, or one of another group. */
export const membersNamed = (group: Group, instanceIds: readonly string[] | undefined, most: number): Member[] => {
  if (!instanceIds || instanceIds.length === 0) throw invalid('At least one instance ID must be specified.');
  if (instanceIds.length > most)
    throw invalid(
      `1 validation error detected: Value at 'instanceIds' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
    );
  return [...new Set(instanceIds)].map((instanceId) => {
    const member = group.members.get(instanceId);
    if (!member) throw invalid(`The instance ${instanceId} is not part of Auto Scaling group ${group.name}.`);
    return member;
  });
};

/** A whole number within bounds, or undefined if it was not given. */
export const whole = (name: string, value: number | undefined, least: number, most: number): number | undefined => {
  if (value === undefined) return undefined;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const bound = value < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
  throw invalid(
    Number.isInteger(value)
      ? `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value ${bound}`
      : `Value '${value}' at '${name}' is not an integer`,
  );
};

export const oneOf = <T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T => {
  if (allowed.includes(value as T)) return value as T;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(', ')}]`,
  );
};

type Paged = { NextToken?: string | undefined; MaxRecords?: number | undefined };

/** A page of a listing. Its token belongs to this listing, asked for in this way, alone. */
export const page = <T>(
  operation: string,
  input: Paged,
  items: readonly T[],
  most: number,
  usual = most,
): { page: T[]; NextToken?: string } => {
  const { NextToken, MaxRecords, ...question } = input;
  const size = whole('maxRecords', MaxRecords, 1, most) ?? usual;
  const seal = createHash('sha256')
    .update(JSON.stringify([operation, question]))
    .digest('hex')
    .slice(0, 16);
  let from = 0;
  if (NextToken !== undefined) {
    const [offset, sealed] = Buffer.from(NextToken, 'base64url').toString('latin1').split(':');
    if (sealed !== seal || !/^\d{1,9}$/.test(offset ?? '')) throw new AwsError('InvalidNextToken', `The token '${NextToken}' is invalid.`);
    from = Number(offset);
  }
  const end = from + size;
  const more = end < items.length;
  return { page: items.slice(from, end), ...(more ? { NextToken: Buffer.from(`${end}:${seal}`).toString('base64url') } : {}) };
};
