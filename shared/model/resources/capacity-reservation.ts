import { defineResourceType } from './definition.ts';

export const capacityReservation = defineResourceType({
  idPattern: /^cr-(?:[0-9a-f]{8}|[0-9a-f]{17})$/,
  unread: 'this kind of capacity reservation',
});
