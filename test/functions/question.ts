import { approvalOf } from '../../shared/approvals/approval.ts';
import type { Approval } from '../../shared/model/approval.ts';
import { incident, instanceId } from '../remediation/examples.ts';
import { account, minute, region, start } from './stage.ts';

export const asking = incident({ account, region });

/** A question of that incident, which is open for an hour; `change` is what differs. */
export const question = (page: string, change: Partial<Parameters<typeof approvalOf>[0]> = {}): Approval =>
  approvalOf(
    {
      incident: asking,
      action: 'reboot-instance',
      target: { type: 'instance', id: instanceId },
      what: `reboot instance ${instanceId}`,
      why: 'the policy asks for it',
      callbackId: 'Y2FsbGJhY2stb2YtYS10ZXN0',
      expiresAt: start + 60 * minute,
      timeline: [],
      ...change,
    },
    page,
  );
