import { defineResourceType } from './definition.ts';

export const volume = defineResourceType({
  idPattern: /^vol-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  strict: true,
  prefix: /^vol-/i,
  arns: [{ service: 'ec2', prefix: 'volume/' }],
  dimensions: { VolumeId: ['AWS/EBS', 'AWS/EC2'] },
  impaired: 'volume-impaired',
  unread: 'this kind of volume',
  trail: true,
});
