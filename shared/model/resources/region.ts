import { regionForm } from '../arn.ts';
import { defineResourceType } from './definition.ts';

export const region = defineResourceType({
  form: regionForm,
  unread: 'regions',
  place: true,
});
