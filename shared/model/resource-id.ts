import { regionForm } from './arn.ts';
import { excerpt, Malformed } from './malformed.ts';
import type { Resource, ResourceType } from './resource.ts';

/**
 * The form of each type's ids. Nothing is ever done to an id that doesn't match.
 * Instance and volume ids: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html
 * Group names (ASCII 33 to 126 without the colon): https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
 */
const forms: Record<ResourceType, RegExp> = {
  // EC2 ids had 8 digits until 2016, and 17 since.
  instance: /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  volume: /^vol-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  snapshot: /^snap-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  'capacity-reservation': /^cr-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  group: /^[!-9;-~]{1,255}$/,
  fleet: /^(?:fleet|sfr)-[0-9a-f-]{8,64}$/,
  'target-group': /^targetgroup\/[A-Za-z0-9-]{1,32}\/[0-9a-f]{8,32}$/,
  'load-balancer': /^(?:(?:app|net|gwy|gateway)\/[A-Za-z0-9-]{1,32}\/[0-9a-f]{8,32}|[A-Za-z0-9-]{1,32})$/,
  database: /^[A-Za-z0-9][A-Za-z0-9-]{0,254}$/,
  service: /^[!-~][ -~]{0,1023}$/,
  task: /^[!-~]{1,1024}$/,
  queue: /^[A-Za-z0-9_-]{1,80}(?:\.fifo)?$/,
  canary: /^[0-9A-Za-z_-]{1,255}$/,
  certificate: /^arn:aws(?:-[a-z]+)*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-zA-Z-]{1,64}$/,
  zone: /^(?:[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}(?:-[a-z]{3}-\d)?[a-z]|[a-z]{2,6}\d{1,2}-(?:[a-z]{3}\d-)?az\d{1,2})$/,
  region: regionForm,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a name with a control character in it is what this refuses
  alarm: /^[^\u0000-\u001f\u007f]{1,255}$/,
};

/** Whether an id has the form of its type. */
export const wellFormed = ({ type, id }: Resource): boolean => forms[type].test(id);

/**
 * Reads a resource from a value in an event. Surrounding white space is dropped.
 * @throws {Malformed} naming the field, if the value is not an id of that type
 */
export const resourceOf = (type: ResourceType, value: unknown, field: string): Resource => {
  if (typeof value !== 'string') throw new Malformed(field, `expected an id (${type}), got ${excerpt(value)}`);
  const resource = { type, id: value.trim() };
  if (!wellFormed(resource)) throw new Malformed(field, `not a well-formed id (${type}): ${excerpt(value)}`);
  return resource;
};
