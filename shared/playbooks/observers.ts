import { memberIsReplaced } from '../health/group.ts';
import type { FailureId } from '../model/failure-id.ts';
import { groupHeals } from './group-heals.ts';
import type { Playbook } from './playbook.ts';

/** For failures that are escalated unless a live look shows, in a while, that somebody else has mended them. They never act. */
export const observers: Readonly<Partial<Record<FailureId, Pick<Playbook, 'failing' | 'healthy' | 'ladder'>>>> = {
  'instance-terminated': { failing: [], healthy: [memberIsReplaced], ladder: [groupHeals] },
};
