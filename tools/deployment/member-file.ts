import { stringify } from 'yaml';
import type { MemberTemplate } from './member-template.ts';

/** CloudFormation reads YAML 1.1, in which `on` is a boolean: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html */
const format = { version: '1.1', lineWidth: 140, aliasDuplicateObjects: false } as const;

/** The template of members as `infrastructure/member.yml` has it. */
export const memberFile = (template: MemberTemplate): string =>
  `# The template of members of a hub: see docs/hub.md. Made by \`npm run member\` for the stage prod and the policy that selfheal comes with.\n${stringify(
    template,
    format,
  )}`;
