import { createHash } from 'node:crypto';
import { newestLines } from '../model/abridge.ts';
import type { Approval } from '../model/approval.ts';
import type { Foreseen } from '../model/foreseen.ts';
import { plainLine } from '../model/text.ts';
import type { ApprovalRequest } from '../ports/reporter.ts';

/** A longer timeline keeps its end, on which the decision rests: it has to fit into one item. */
const timelineLimits = { lines: 100, bytes: 100_000 };
/** In characters. */
const maxTextLength = 2000;

/** Of what was tried, and of a text that says what came of it. */
const foreseenLimits = { tried: 10, text: 300 };

const bounded = ({ tried, ...rest }: Foreseen): Foreseen => ({
  ...rest,
  tried: tried.slice(-foreseenLimits.tried).map((one) => ({ ...one, result: plainLine(one.result, foreseenLimits.text) })),
});

/** Deterministic, so that a repeated request after a crash is the same one. */
export const approvalId = (callbackId: string): string => createHash('sha256').update(callbackId).digest('base64url').slice(0, 22);

/** The stored form of a request; `page` is where it is decided. */
export const approvalOf = (request: ApprovalRequest, page: string): Approval => {
  const { incident, action, target, what, why, of, callbackId, expiresAt, timeline, foreseen } = request;
  const { key, failure, severity, reason, resource, account, region } = incident;
  return {
    id: approvalId(callbackId),
    incident: key,
    failure,
    severity,
    reason,
    resource,
    account,
    region,
    action,
    target,
    what: what.slice(0, maxTextLength),
    why: why.slice(0, maxTextLength),
    callbackId,
    page,
    ...(of === undefined ? {} : { people: 2 as const }),
    expiresAt,
    timeline: newestLines(timeline, timelineLimits),
    ...(foreseen ? { foreseen: bounded(foreseen) } : {}),
  };
};
