import { defineResourceType } from './definition.ts';

/** Names are of ASCII 33 to 126 but the colon: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html */
export const group = defineResourceType({
  idPattern: /^[!-9;-~]{1,255}$/,
  dimensions: { AutoScalingGroupName: ['AWS/EC2', 'CWAgent', 'System/Linux', 'System/Windows', 'AWS/AutoScaling'] },
  observed: 'own',
  unread: 'Auto Scaling groups',
  trail: true,
  group: true,
  // Auto Scaling returns an empty list for any reason.
  absent: { is: ({ group }) => group === null, says: (id) => `Auto Scaling lists no group ${id}` },
  treated: { seen: ({ group }) => group, within: () => null },
});
