import { defineResourceType } from './definition.ts';

export const snapshot = defineResourceType({
  idPattern: /^snap-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  unread: 'this kind of snapshot',
});
