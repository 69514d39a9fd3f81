/*
 * What looks like a secret in the output of a command. Masking is a second line of defence: who writes the command must not print secrets.
 */

const mask = '********';

const keyWord = /password|passwd|passphrase|pwd|secret|token|credential|(?:api|access|private|session)[_-]?key/i;
/** What separates a name from its value, and the value. */
const assigned = /(["']?\s{0,3}[:=]\s{0,3})(?:"[^"]{0,4096}"|'[^']{0,4096}'|[^\s,;&"']{1,4096})/y;
/** After a flag such as `--password`, without a sign between. */
const flagged = /(--?(?:password|passwd|secret|token|api-key)\s{1,3})([^\s-][^\s]{0,4095})/gi;
/** Ids of access keys. docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const accessKey = /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,124}\b/g;
const schemes = /(\b(?:bearer|basic)\b["']?\s{0,3}[:=]?\s{0,3})([\w+/=.~-]{8,4096})/gi;
const authorization = /(\bauthorization\b["']?\s{0,3}[:=]?\s{0,3})([\w+/=.~-]{8,4096})/gi;
const jwt = /^eyJ[\w-]{5,4096}\.[\w-]{5,4096}(?:\.[\w-]{0,4096})?$/;
const privateKey =
  /-----BEGIN (?:[A-Z]{1,9} )?PRIVATE KEY-----(?:[^-]|-(?!----END)){0,16384}(?:-----END (?:[A-Z]{1,9} )?PRIVATE KEY-----)?/g;
const userInfo = /(:\/\/[^\s:/@]{0,256}:)([^\s/@]{1,1024})(@)/g;
/** What vendors begin their tokens with: GitHub, Slack, Stripe, GitLab. */
const vendors = /\b(?:gh[pousr]_\w{20,255}|github_pat_\w{20,255}|xox[abprs]-[\w-]{10,255}|[sr]k_live_\w{10,255}|glpat-[\w-]{10,255})/g;

/** Masks web tokens, and the value of every name that has a key word in it. */
const maskWords = (text: string): string => {
  let masked = '';
  let from = 0;
  for (const { 0: name, index } of text.matchAll(/[\w.-]+/g)) {
    if (index < from) continue;
    if (jwt.test(name)) {
      masked += `${text.slice(from, index)}${mask}`;
      from = index + name.length;
    } else if (keyWord.test(name)) {
      assigned.lastIndex = index + name.length;
      const [whole, separator] = assigned.exec(text) ?? [];
      if (whole === undefined) continue;
      masked += `${text.slice(from, index)}${name}${separator}${mask}`;
      from = index + name.length + whole.length;
    }
  }
  return masked + text.slice(from);
};

/** Replaces what looks like a secret. Linear in the length of the text. */
export const maskSecrets = (text: string): string =>
  maskWords(
    text
      .replace(privateKey, mask)
      .replace(userInfo, `$1${mask}$3`)
      .replace(vendors, mask)
      .replace(accessKey, mask)
      .replace(schemes, `$1${mask}`)
      .replace(authorization, `$1${mask}`)
      .replace(flagged, `$1${mask}`),
  );
