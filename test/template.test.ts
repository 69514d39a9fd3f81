import { afterAll, beforeAll, describe } from '@jest/globals';
import { whole } from './runner/whole.ts';
import { birth } from './template/birth.ts';
import { bundles } from './template/bundles.ts';
import { delivery } from './template/delivery.ts';
import { history } from './template/history.ts';
import { iam } from './template/iam.ts';
import { member } from './template/member.ts';
import { operations } from './template/operations.ts';
import { permissions } from './template/permissions.ts';
import { plain } from './template/plain.ts';
import { references } from './template/references.ts';
import { rules } from './template/rules.ts';
import { type Packaged, packageService } from './template/service.ts';
import { specification } from './template/specification.ts';
import { stages } from './template/stages.ts';
import { topics } from './template/topics.ts';
import { versions } from './template/versions.ts';
import { watchRegion } from './template/watch-region.ts';
import { ways } from './template/ways.ts';

/** Packaging takes seconds, so it is done once, and each concern has its file of questions to what came out. */
describe('the packaged service', () => {
  let packaged: Packaged;
  const template = () => packaged.template;
  beforeAll(async () => {
    packaged = await packageService();
  });
  afterAll(() => packaged?.close());

  permissions(template);
  iam(template);
  delivery(template);
  rules(template);
  topics(template);
  versions(template);
  operations(template);
  birth(template);
  history(template);
  references(template);
  specification(template);
  bundles(() => packaged);
  stages(() => packaged);
  plain(() => packaged);
  ways(() => packaged);
  member(() => packaged);
  if (whole) watchRegion(() => packaged);
});
