import { abridge } from '../../model/abridge.ts';
import type { Outcome } from '../../model/outcome.ts';
import { runbookOf } from '../../model/runbook.ts';
import { linksOf } from '../links.ts';
import type { Deployment } from './channel.ts';

type Linking = Pick<Deployment, 'home' | 'runbooks'>;

/** SNS and EventBridge reject messages over 256 KB, and an SNS message has the timeline twice, with escaped quotes. */
const outcomeLimits = { bytes: 50_000, keep: 10 };

/** Adds links when publishing, so that the stored outcome doesn't depend on console addresses. */
export const linked = (outcome: Outcome, { home = null, runbooks }: Linking): Outcome => ({
  ...outcome,
  links: linksOf(outcome, { home, runbook: runbooks ? runbookOf(outcome, runbooks) : null }),
});

/** Adds links and shortens the timeline to what SNS and EventBridge accept. */
export const shortened = (outcome: Outcome, linking: Linking): Outcome => linked(abridge(outcome, outcomeLimits), linking);
