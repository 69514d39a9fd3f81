import { bareName, type CertificateFacts, type ValidationRecordFacts } from '../model/certificate.ts';
import { errorMessage } from '../model/errors.ts';
import type { NameServers } from '../ports/name-servers.ts';

/**
 * Why DNS doesn't lead to the zone: the first name above the record that has name servers must be the zone's, and have only servers of the
 * zone. A zone between them would hide the record, and a second zone of the same name is never asked.
 */
const whyMisled = async ({ name, zone }: ValidationRecordFacts, nameServers: NameServers): Promise<string | null> => {
  if (zone === null) return null;
  const own = new Set(zone.servers.map(bareName));
  try {
    for (let above = bareName(name); above.length > zone.name.length; ) {
      above = above.slice(above.indexOf('.') + 1);
      const servers = (await nameServers(above)).map(bareName);
      if (servers.length === 0) continue;
      if (above !== zone.name) return `${above} has name servers of its own, so that zone ${zone.name} is not asked for it`;
      const other = servers.find((one) => !own.has(one));
      return other === undefined ? null : `DNS leads from ${zone.name} to ${other}, which is no name server of zone ${zone.id}`;
    }
    return `DNS has no name servers for ${zone.name}, so that zone ${zone.id} is not asked`;
  } catch (error) {
    return `where DNS leads from ${zone.name} is not known: ${errorMessage(error)}`;
  }
};

/** Looks up whether DNS leads to the zones of records. */
export const withDelegation = async (certificate: CertificateFacts, nameServers: NameServers): Promise<CertificateFacts> => ({
  ...certificate,
  records: await Promise.all(
    certificate.records.map(async (record) => (record.zone ? { ...record, misled: await whyMisled(record, nameServers) } : record)),
  ),
});
