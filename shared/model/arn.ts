/** Matches a region code such as `us-west-2`. */
export const regionForm = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/;

/**
 * https://docs.aws.amazon.com/general/latest/gr/rande.html. ARNs of the isolated partitions and the European Sovereign Cloud have the same
 * form.
 */
export const partitions = ['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc'] as const;

export type Partition = (typeof partitions)[number];

/** A parsed ARN. `region` and `account` are null where the ARN leaves them out. */
export type Arn = { text: string; partition: Partition; service: string; region: string | null; account: string | null; resource: string };

const arnForm = /^arn:([a-z-]+):([a-z0-9-]+):([^:]*):([^:]*):(.+)$/s;

const isPartition = (text: string): text is Partition => (partitions as readonly string[]).includes(text);

/** Parses an ARN; null if the value is not one. Spaces after its colons, as in some samples of AWS's documentation, are dropped. */
export const parseArn = (value: unknown): Arn | null => {
  if (typeof value !== 'string' || value.length > 2048) return null;
  const trimmed = value.trim();
  const text = trimmed.includes(' ') ? trimmed.replace(/^((?:[^:]*:){4}) +/, '$1') : trimmed;
  const match = arnForm.exec(text);
  if (match === null) return null;
  const [, partition = '', service = '', region, account, resource = ''] = match;
  if (!isPartition(partition)) return null;
  return { text, partition, service, region: regionOf(region), account: accountOf(account), resource };
};

/** A 12-digit account id, or null. */
export const accountOf = (value: unknown): string | null => {
  const text = (typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '').trim();
  return /^\d{12}$/.test(text) ? text : null;
};

/** A region code such as `us-west-2`, or null: never a display name. */
export const regionOf = (value: unknown): string | null => {
  if (typeof value !== 'string' || value.length >= 32) return null;
  const text = value.trim();
  return regionForm.test(text) ? text : null;
};

const prefixes: ReadonlyArray<readonly [string, Partition]> = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
];

/** The partition that a region belongs to. */
export const partitionOf = (region: string | null): Partition => prefixes.find(([prefix]) => region?.startsWith(prefix))?.[1] ?? 'aws';
