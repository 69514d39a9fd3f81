import { regionForm } from '../arn.ts';
import { defineResourceType } from './definition.ts';

export const region = defineResourceType({
  idPattern: regionForm,
  unread: 'regions',
  place: true,
});
