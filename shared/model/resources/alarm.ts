import { defineResourceType } from './definition.ts';

/** The alarm itself, if it names no other resource. */
export const alarm = defineResourceType({
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a name with a control character in it is what this refuses
  idPattern: /^[^\u0000-\u001f\u007f]{1,255}$/,
  observed: 'own',
  unread: 'alarms',
  trail: true,
  // CloudWatch returns an empty list for any reason.
  absent: { is: ({ alarm }) => alarm === null, says: (id) => `CloudWatch lists no alarm ${id}` },
});
