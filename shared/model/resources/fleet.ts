import { defineResourceType } from './definition.ts';

export const fleet = defineResourceType({
  idPattern: /^(?:fleet|sfr)-[0-9a-f-]{8,64}$/,
  unread: 'this kind of fleet',
});
