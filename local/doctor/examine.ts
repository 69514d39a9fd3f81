import { errorMessage, errorName, UsageError } from '../../shared/model/errors.ts';
import { type Check, type Finding, unknown } from './check.ts';
import type { Subject } from './subject.ts';

/** What a check found, as a line of JSON has it. */
export type Examined = { check: string; verdict: Finding['verdict']; says: string; repair: string | null };

const denied = /^(AccessDenied|UnauthorizedOperation|NotAuthorized|AuthorizationError|KMSAccessDenied)/;

const notChecked = 'not checked: ';

const failed = (error: unknown): Finding => {
  const { call } = error as { call?: unknown };
  const [name, said] = [errorName(error), errorMessage(error).slice(0, 200)];
  if (typeof call !== 'string') return unknown(`${notChecked}${said}`);
  return unknown(`${notChecked}${denied.test(name) ? `${call} is not allowed` : `${call}: ${name}: ${said}`}`);
};

/** Whether a check could not be made. */
export const isUnseen = ({ verdict, says }: Pick<Examined, 'verdict' | 'says'>): boolean =>
  verdict === 'unknown' && says.startsWith(notChecked);

/** What one check finds, whatever becomes of its calls. */
export const examine = async <Of>(check: Check<Of>, subject: Of): Promise<Examined[]> => {
  const findings = await check.look(subject).catch((error: unknown) => [failed(error)]);
  return findings.map((finding) => ({
    check: check.id,
    verdict: finding.verdict,
    says: finding.says,
    repair: finding.verdict === 'broken' ? finding.repair : null,
  }));
};

/** The worst that is said: what could not be looked at is never fine. */
export const verdictOf = (found: readonly Examined[]): Finding['verdict'] =>
  found.some(({ verdict }) => verdict === 'broken') ? 'broken' : found.length === 0 || found.some(isUnseen) ? 'unknown' : 'ok';

/** Whether what a check looks at isn't there at all. */
export const isGone = (found: readonly Examined[], id: string): boolean =>
  found.some(({ check, verdict, says }) => check === id && verdict === 'broken' && says.startsWith('there is no '));

/**
 * Whether there is a deployment at all, by what it can't be without.
 * @throws {UsageError} if there is none, or if nothing could be looked at
 */
export const requireDeployment = (found: readonly Examined[], { stage, account, region }: Subject): void => {
  const of = (id: string) => found.filter(({ check }) => check === id);
  const where = `in the account ${account} and the region ${region}`;
  if (isGone(found, 'table') && isGone(found, 'kill-switch'))
    throw new UsageError(`there is no deployment of the stage ${stage} ${where}: --stage and AWS_REGION name another one`);
  if (found.every(({ check, verdict }) => check === 'clock' || verdict === 'unknown'))
    throw new UsageError(
      `nothing could be checked ${where}: the stack has a managed policy for this, selfheal-${stage}-doctor-${region}; ${of('table')[0]?.says}`,
    );
};
