import { readFileSync, writeFileSync } from 'node:fs';
import { memberFile } from './deployment/member-file.ts';
import type { MemberTemplate } from './deployment/member-template.ts';

// By `npm run member`, after packaging.
const packaged = JSON.parse(readFileSync(new URL('../.serverless/member.json', import.meta.url), 'utf8')) as MemberTemplate;
writeFileSync(new URL('../infrastructure/member.yml', import.meta.url), memberFile(packaged));
