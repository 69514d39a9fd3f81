import { defineResourceType } from './definition.ts';

/** By its name or by its id. */
export const zone = defineResourceType({
  idPattern: /^(?:[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}(?:-[a-z]{3}-\d)?[a-z]|[a-z]{2,6}\d{1,2}-(?:[a-z]{3}\d-)?az\d{1,2})$/,
  unread: 'this kind of zone',
  place: true,
  zone: (id) => id,
});
