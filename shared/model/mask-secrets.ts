/*
 * What looks like a secret in the output of a command. Masking is a second line of defence: who writes the command must not print secrets.
 */

const mask = '********';

/** In the name of what holds a secret. */
const keyWord =
  /password|passwd|passphrase|pwd|(?:^|[_-])pass$|secret|token|credential|api[_-]?key|access[_-]?key|private[_-]?key|session[_-]?key/i;
/** What separates a name from its value; in XML its tag ends. */
const separator = /[\\"'\s]{0,6}(?:[:=]>?|>)[\\\s]{0,6}/y;
/** A value: quoted or a list, perhaps without an end, or up to a space or separator; with what is joined to it. */
const value = /(?:\[[^\]]*\]?|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?)?[^\s,;&"']*/y;
/** After a flag such as `--password`, without a sign between. */
const flagged = /(--?(?:password|passwd|secret|token|api-key)\s{1,3})([^\s-]\S*)/gi;
/** A user with a password, as curl takes it. */
const user = /(?:^|[\s"'])(?:-u|--user)[\s=]{0,3}["']?[^\s:"'][^\s"']*/g;
/** The password of MySQL's clients, anywhere behind the first of them. */
const mysql = /\b(?:mysql|mariadb)[\s\S]*/;
const joined = /(\s-p)([^\s-]\S*)/g;
/** A header with cookies goes on to the end of its line. */
const cookies = /\b((?:set-)?cookie["']?\s{0,3}:\s{0,3})[^\n]+/gi;
/** Ids of access keys. docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const accessKey = /\b(?:AKIA|ASIA|AROA|AIDA)\w+/g;
const bearer = /(\b(?:authorization|bearer|basic)["']?[\s:=]{1,4}["']?)(?!bearer\b|basic\b)([\w+/=.~-]+)/gi;
/** A JSON web token, if it has a dot. */
const jwt = /\beyJ[\w.-]+/g;
const keyBegins = /-----BEGIN (?:[A-Z]{1,9} )?PRIVATE KEY-----/;
const keyEnds = /-----END (?:[A-Z]{1,9} )?PRIVATE KEY-----/;
/** What vendors begin their tokens with: GitHub, Slack, Stripe, GitLab. */
const vendors = /\b(?:gh[pousr]_|github_pat_|xox[abprs]-|[sr]k_live_|glpat-)[\w-]+/g;

/** A private key whose end is missing goes on to the end of the text. */
const withoutPrivateKeys = (text: string): string => {
  const [before = '', ...keys] = text.split(keyBegins);
  const masked = keys.map((key) => {
    const end = keyEnds.exec(key);
    return `${mask}${end ? key.slice(end.index + end[0].length) : ''}`;
  });
  return [before, ...masked].join('');
};

/** The password in `scheme://user:password@host`. */
const withoutUserInfo = (word: string): string => {
  const [scheme = '', ...rest] = word.split('://');
  const masked = rest.map((part) => {
    const [colon, at] = [part.indexOf(':'), part.lastIndexOf('@')];
    return colon < 0 || at < colon ? part : `${part.slice(0, colon + 1)}${mask}${part.slice(at)}`;
  });
  return [scheme, ...masked].join('://');
};

/** The values of what is named like a secret. */
const withoutValues = (text: string): string => {
  let masked = '';
  let from = 0;
  for (const { 0: name, index } of text.matchAll(/[\w.-]+/g)) {
    if (index < from || !keyWord.test(name)) continue;
    separator.lastIndex = index + name.length;
    if (!separator.test(text)) continue;
    const start = separator.lastIndex;
    value.lastIndex = start;
    if (!value.test(text) || value.lastIndex === start) continue;
    masked += `${text.slice(from, start)}${mask}`;
    from = value.lastIndex;
  }
  return masked + text.slice(from);
};

/** Replaces what looks like a secret. Linear in the length of the text. */
export const maskSecrets = (text: string): string =>
  withoutValues(
    withoutPrivateKeys(text)
      .replace(/\S+/g, withoutUserInfo)
      .replace(jwt, (token) => (token.includes('.') ? mask : token))
      .replace(vendors, (token) => (token.length >= 15 ? mask : token))
      .replace(accessKey, (id) => (id.length >= 16 ? mask : id))
      .replace(bearer, (all, before, token) => (token.length >= 8 ? `${before}${mask}` : all))
      .replace(flagged, `$1${mask}`)
      .replace(user, (given) => given.replace(/:.+/, `:${mask}`))
      .replace(mysql, (rest) => rest.replace(joined, `$1${mask}`))
      .replace(cookies, `$1${mask}`),
  );
