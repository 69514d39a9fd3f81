import { defineResourceType } from './definition.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html: ids had 8 digits until 2016, and 17 since. */
export const instance = defineResourceType({
  idPattern: /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  strict: true,
  prefix: /^i-/i,
  arns: [{ service: 'ec2', prefix: 'instance/' }],
  dimensions: { InstanceId: ['AWS/EC2', 'CWAgent', 'System/Linux', 'System/Windows'] },
  observed: 'own',
  unread: 'instances',
  trail: true,
  machine: true,
  absent: { is: ({ instance }) => instance === null, says: (id) => `EC2 finds no instance ${id}: there is no such instance` },
  treated: { seen: ({ instance }) => instance, within: ({ group }) => group },
  zone: (_, { instance }) => instance?.availabilityZone,
});
