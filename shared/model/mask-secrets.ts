/*
 * What looks like a secret in the output of a command. Masking is a second line of defence: who writes the command must not print secrets.
 */

const mask = '********';

/** A key word, what separates it from its value, and the value. */
const assigned =
  /((?:password|passwd|passphrase|pwd|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|session[_-]?key)[\w.-]{0,32}["']?\s{0,3}[:=]\s{0,3})("[^"]{0,4096}"|'[^']{0,4096}'|[^\s,;&"']{1,4096})/gi;
/** After a flag such as `--password`, without a sign between. */
const flagged = /(--?(?:password|passwd|secret|token|api-key)\s{1,3})([^\s-][^\s]{0,4095})/gi;
/** Ids of access keys. docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const accessKey = /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,124}\b/g;
const bearer = /(\b(?:authorization|bearer|basic)\b["']?\s{0,3}[:=]?\s{0,3}(?:(?:bearer|basic)\s{1,3})?)([\w+/=.~-]{8,4096})/gi;
const jwt = /\beyJ[\w-]{5,4096}\.[\w-]{5,4096}(?:\.[\w-]{0,4096})?/g;
const privateKey = /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\s\S]{0,16384}?(?:-----END [A-Z ]{0,32}PRIVATE KEY-----|$)/g;
const userInfo = /(\b[a-z][a-z0-9+.-]{0,31}:\/\/[^\s:/@]{0,256}:)([^\s@]{1,1024})(@)/gi;
/** What vendors begin their tokens with: GitHub, Slack, Stripe, GitLab. */
const vendors = /\b(?:gh[pousr]_\w{20,255}|github_pat_\w{20,255}|xox[abprs]-[\w-]{10,255}|[sr]k_live_\w{10,255}|glpat-[\w-]{10,255})/g;

/** Replaces what looks like a secret. Linear in the length of the text. */
export const maskSecrets = (text: string): string =>
  text
    .replace(privateKey, mask)
    .replace(userInfo, `$1${mask}$3`)
    .replace(jwt, mask)
    .replace(vendors, mask)
    .replace(accessKey, mask)
    .replace(bearer, `$1${mask}`)
    .replace(flagged, `$1${mask}`)
    .replace(assigned, `$1${mask}`);
