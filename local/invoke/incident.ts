import { type Incident, incidentKey, incidentSchema } from '../../shared/model/incident.ts';

/** Reads an incident; its key may be left out. Throws an Error that names what is wrong with it. */
export const parseIncident = (event: unknown): Incident => {
  const unkeyed = typeof event === 'object' && event !== null && !('key' in event);
  const read = incidentSchema.safeParse(unkeyed ? { ...event, key: 'none' } : event);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Error(`not an incident: ${issue?.path.join('.') || '(root)'}: ${issue?.message}`);
  }
  return unkeyed ? { ...read.data, key: incidentKey(read.data) } : read.data;
};
