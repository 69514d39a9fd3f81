import { AwsError } from '../../../wire/protocol/errors.ts';

type PageInput = { Limit?: number | undefined; Marker?: string | undefined };

/** One page of what a list call of KMS tells. A marker says behind which row to go on. */
export const page = <Row>(
  rows: readonly Row[],
  idOf: (row: Row) => string,
  { Limit, Marker }: PageInput,
  { usual, most }: { usual: number; most: number },
): { rows: Row[]; Truncated: boolean; NextMarker?: string } => {
  const size = Limit ?? usual;
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw new AwsError('ValidationException', `Value '${size}' at 'limit' failed to satisfy constraint: Member must be from 1 to ${most}`);
  const after = Marker === undefined ? -1 : rows.findIndex((row) => Buffer.from(idOf(row)).toString('base64url') === Marker);
  if (Marker !== undefined && after < 0) throw new AwsError('InvalidMarkerException', 'The marker is not valid.');
  const found = rows.slice(after + 1, after + 1 + size);
  const last = found.at(-1);
  if (last === undefined || after + 1 + size >= rows.length) return { rows: found, Truncated: false };
  return { rows: found, Truncated: true, NextMarker: Buffer.from(idOf(last)).toString('base64url') };
};
