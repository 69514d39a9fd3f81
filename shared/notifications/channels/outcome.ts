import { abridge } from '../../model/abridge.ts';
import type { Outcome } from '../../model/outcome.ts';
import { runbookOf } from '../../model/runbook.ts';
import { linksOf } from '../links.ts';
import type { Deployment } from './channel.ts';

type Linking = Pick<Deployment, 'home' | 'runbooks'>;

/** SNS and EventBridge refuse messages of more than 256 KB, and one to SNS holds the story twice, its quotes escaped. */
const room = { bytes: 50_000, keep: 10 };

/** Links are made when they are told: what is recorded doesn't depend on what the console's pages are called. */
export const linked = (outcome: Outcome, { home = null, runbooks }: Linking): Outcome => ({
  ...outcome,
  links: linksOf(outcome, { home, runbook: runbooks ? runbookOf(outcome, runbooks) : null }),
});

/** With links, and a story that SNS and EventBridge have room for. */
export const shortened = (outcome: Outcome, linking: Linking): Outcome => linked(abridge(outcome, room), linking);
