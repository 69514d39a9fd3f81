import { stringify } from 'yaml';
import type { MemberTemplate } from './member-template.ts';

/** The template of members as `infrastructure/member.yml` has it. */
export const memberFile = (template: MemberTemplate): string =>
  `# The template of members of a hub: see docs/hub.md. Made by \`npm run member\` for the stage prod and the policy that selfheal comes with.\n${stringify(
    template,
    { lineWidth: 140, aliasDuplicateObjects: false },
  )}`;
