import { AwsError } from '../../../wire/protocol/errors.ts';

/** One page by RDS's marker, which says where it starts. */
export const paginate = <Row>(
  rows: readonly Row[],
  { MaxRecords = 100, Marker }: { MaxRecords?: number | undefined; Marker?: string | undefined },
) => {
  if (!Number.isInteger(MaxRecords) || MaxRecords < 20 || MaxRecords > 100)
    throw new AwsError('InvalidParameterValue', `Invalid value ${MaxRecords} for MaxRecords. Must be between 20 and 100`);
  const start = Marker === undefined || Marker === '' ? 0 : Number(/^from-(\d{1,9})$/.exec(Marker)?.[1]);
  if (Number.isNaN(start)) throw new AwsError('InvalidParameterValue', `The value ${String(Marker).slice(0, 100)} is no marker`);
  const end = start + MaxRecords;
  return { page: rows.slice(start, end), next: end < rows.length ? { Marker: `from-${end}` } : {} };
};
