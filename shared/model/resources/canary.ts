import { defineResourceType } from './definition.ts';

export const canary = defineResourceType({
  form: /^[0-9A-Za-z_-]{1,255}$/,
  dimensions: { CanaryName: [] },
  unread: 'this kind of canary',
});
