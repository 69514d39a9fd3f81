import { defineResourceType } from './definition.ts';

export const canary = defineResourceType({
  idPattern: /^[0-9A-Za-z_-]{1,255}$/,
  dimensions: { CanaryName: [] },
  unread: 'this kind of canary',
});
