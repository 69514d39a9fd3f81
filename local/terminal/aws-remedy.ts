import { classifyError } from '../../shared/aws/call.ts';
import { errorMessage, errorName } from '../../shared/model/errors.ts';

const expired = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);
/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and each service's common errors */
const unknown = new Set([
  'AuthFailure',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
]);
const noWay = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'TimeoutError']);

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
};

/** One line with the remedy, where no call to AWS could succeed: no region, no credentials, no way there; null for any other error. */
export const remedyOf = (error: unknown): string | null => {
  const [name, message, { code }] = [errorName(error), errorMessage(error), classifyError(error)];
  if (/^Region is missing$|region.*(?:is missing|not.*configured)/i.test(message))
    return 'no region: set AWS_REGION, or one for the profile (aws configure set region us-east-1)';
  if (/\b(?:sso|Token is expired)\b/i.test(message) && /Provider/.test(name))
    return 'the login has expired: run aws sso login, with the same AWS_PROFILE';
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return 'no credentials: log in (aws sso login, aws configure), or name a profile (AWS_PROFILE)';
  if (expired.has(code)) return `the credentials have expired (${code}): log in again, or take new ones`;
  if (unknown.has(code)) return `AWS doesn't accept these credentials (${code}): check AWS_PROFILE, the keys and the clock`;
  if (code === 'OptInRequired') return 'the account has no access to this region or service: check AWS_REGION (OptInRequired)';
  if (noWay.has(name) || noWay.has(codeOf(error)))
    return `AWS can't be reached (${codeOf(error) || name}): check the network, AWS_REGION and AWS_ENDPOINT_URL`;
  return null;
};
