import { defineResourceType } from './definition.ts';

export const certificate = defineResourceType({
  form: /^arn:aws(?:-[a-z]+)*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-zA-Z-]{1,64}$/,
  arns: [{ service: 'acm', prefix: '', whole: true }],
  dimensions: { CertificateArn: ['AWS/CertificateManager'] },
  unread: 'this kind of certificate',
});
