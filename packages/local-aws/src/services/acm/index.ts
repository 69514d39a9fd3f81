import type { World } from '../../core/world.ts';
import type { Service } from '../../wire/protocol/service.ts';
import { createCertificates, type PlacedCertificate } from './model.ts';
import { certificateOperations } from './operations.ts';

export type Acm = { service: Service; place(placed: PlacedCertificate): void };

/** Certificates as they are described. https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html */
export const createAcm = (world: World): Acm => {
  const certificates = createCertificates();
  return {
    place: certificates.place,
    service: {
      signingName: 'acm',
      protocols: ['json'],
      targetPrefix: 'CertificateManager',
      operations: certificateOperations(world, certificates),
    },
  };
};
