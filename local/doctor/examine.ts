import { errorMessage, errorName, UsageError } from '../../shared/model/errors.ts';
import { type Check, type Finding, unknown } from './check.ts';
import type { Subject } from './subject.ts';

/** What a check found, as a line of JSON has it. */
export type Examined = { check: string; verdict: Finding['verdict']; says: string; repair: string | null };

const denied = /^(AccessDenied|UnauthorizedOperation|NotAuthorized|AuthorizationError|KMSAccessDenied)/;

const failed = (error: unknown): Finding => {
  const { call } = error as { call?: unknown };
  const name = errorName(error);
  const at = typeof call === 'string' ? call : 'the call';
  return unknown(
    denied.test(name) ? `not checked: ${at} is not allowed` : `not checked: ${at}: ${name}: ${errorMessage(error).slice(0, 160)}`,
  );
};

/** What one check finds, whatever becomes of its calls. */
export const examine = async (check: Check, subject: Subject): Promise<Examined[]> => {
  const findings = await check.look(subject).catch((error: unknown) => [failed(error)]);
  return findings.map((finding) => ({
    check: check.id,
    verdict: finding.verdict,
    says: finding.says,
    repair: finding.verdict === 'broken' ? finding.repair : null,
  }));
};

/**
 * Whether there is a deployment at all, by what it can't be without.
 * @throws {UsageError} if there is none, or if nothing could be looked at
 */
export const requireDeployment = (found: readonly Examined[], { stage, account, region }: Subject): void => {
  const of = (id: string) => found.filter(({ check }) => check === id);
  const gone = (id: string) => of(id).some(({ verdict, says }) => verdict === 'broken' && says.startsWith('there is no '));
  const where = `in the account ${account} and the region ${region}`;
  if (gone('table') && gone('kill-switch'))
    throw new UsageError(`there is no deployment of the stage ${stage} ${where}: --stage and AWS_REGION name another one`);
  if (found.every(({ check, verdict }) => check === 'clock' || verdict === 'unknown'))
    throw new UsageError(
      `nothing could be checked ${where}: the stack has a managed policy for this, selfheal-${stage}-doctor-${region}; ${of('table')[0]?.says}`,
    );
};
