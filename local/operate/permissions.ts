import { callbackPermissions } from '../../shared/approvals/callback.ts';
import { decidingPermissions } from '../../shared/approvals/store.ts';
import { actPermissions } from '../../shared/aws/acts.ts';
import { dayIndexPermissions } from '../../shared/aws/day-index.ts';
import { learnedPermissions } from '../../shared/aws/digests.ts';
import { killSwitchPermissions } from '../../shared/aws/kill-switch.ts';
import { pausePermissions } from '../../shared/aws/pauses.ts';
import { secretPermissions } from '../../shared/aws/secret.ts';

/** IAM actions of looking, stopping, pausing and turning the switch. Tests compare them with the packaged template, and with what is called. */
export const operatorPermissions = [
  ...dayIndexPermissions,
  ...learnedPermissions,
  ...actPermissions,
  ...pausePermissions,
  ...killSwitchPermissions,
  'ssm:PutParameter',
] as const;

/** IAM actions of approving and rejecting besides. */
export const approverPermissions = [...decidingPermissions, ...callbackPermissions, ...secretPermissions] as const;
