import { defineResourceType } from './definition.ts';

export const certificate = defineResourceType({
  idPattern: /^arn:aws(?:-[a-z]+)*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-zA-Z-]{1,64}$/,
  arns: [{ service: 'acm', prefix: '', whole: true }],
  dimensions: { CertificateArn: ['AWS/CertificateManager'] },
  unread: 'this kind of certificate',
  reported: true,
  echo: 'acm',
  observed: 'treated',
  absent: { is: ({ certificate }) => certificate === null, says: (id) => `ACM finds no certificate ${id}: there is no such certificate` },
  treated: {
    seen: ({ certificate }) => certificate,
    within: () => null,
    assumed: (id, tags) => ({
      certificate: {
        ...{ id, tags, owner: null, domain: id, status: 'ISSUED', kind: 'AMAZON_ISSUED', method: 'DNS', inUse: true },
        ...{ renewal: { status: 'PENDING_VALIDATION', reason: null }, expiresAt: null, records: [] },
      },
    }),
  },
});
