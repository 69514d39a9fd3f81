import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maskSecrets } from '../../shared/model/mask-secrets.ts';

const key = 'AKIAIOSFODNN7EXAMPLE';
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N';
const pem =
  '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,3F17F5\n\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----';
const m = '********';

/** Ways to write a secret, and that secret; what is masked may be more. */
const planted: [text: string, secret: string][] = [
  [key, key],
  [`id ${key.replace('AKIA', 'ASIA')},`, 'IOSFODNN7EXAMPLE'],
  ['password=hunter22', 'hunter22'],
  ['DB_PASSWORD: hunter22', 'hunter22'],
  ['DB_PASS=hunter22', 'hunter22'],
  ['"password" : "hunter22"', 'hunter22'],
  ["passwd='hunter22 and more'", 'and more'],
  ['{"tokens": ["hunter21", "hunter22"], "n": 1}', 'hunter21'],
  ['{"tokens": [\n  "hunter21",\n  "hunter22"\n]}', 'hunter22'],
  ['<password>hunter22</password>', 'hunter22'],
  ['password="hunter\\"22 rest"', 'rest'],
  ['password="hunter22 without an end', 'an end'],
  ['{"body":"{\\"password\\":\\"hunter22\\"}"}', 'hunter22'],
  ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJalrXUtnFEMI'],
  ['https://example.com/?a=b&api_key=hunter22&c=d', 'hunter22'],
  ['mysqldump --password hunter22 shop', 'hunter22'],
  ['curl --token hunter22', 'hunter22'],
  ['curl -s -u ana:hunter22 https://x', 'hunter22'],
  ['curl --user "ana:hunter22" https://x', 'hunter22'],
  ['mysqldump -h db -u ana -phunter22 shop', 'hunter22'],
  ['pass: hunter22', 'hunter22'],
  ['Set-Cookie: id=hunter21; session=hunter22; Path=/', 'hunter22'],
  ['Authorization: Bearer abcdefgh12345678', 'abcdefgh12345678'],
  ['"authorization":"Basic dXNlcjpwYXNz"', 'dXNlcjpwYXNz'],
  ['sent bearer abcdefgh12345678', 'abcdefgh12345678'],
  ['basic bearer: abcdefgh12345678', 'abcdefgh12345678'],
  [jwt, 'dozjgNryP4J3jVmNHl0w5N'],
  [`cookie ${jwt.slice(0, 50)}`, 'eyJzdWIi'],
  [pem, 'MIIEpAIBAAKCAQEA'],
  [pem.slice(0, pem.indexOf('-----END')), 'MIIEpAIBAAKCAQEA'],
  [pem.replace('MIIE', '-----\nMIIE'), 'MIIEpAIBAAKCAQEA'],
  ['postgres://shop:hunter22@db.internal:5432/shop', 'hunter22'],
  ['redis://:hunter22@cache:6379', 'hunter22'],
  ['https://a:hunter22@x,https://b:hunter22@y', 'hunter22'],
  ['https://a:hunt@er22@x', 'er22'],
  ['ghp_0123456789abcdefghijABCDEFGHIJ012345', '0123456789abcdefghij'],
  ['xoxb-0123456789-abcdefghij', '0123456789'],
  ['sk_live_0123456789abcdef', '0123456789abcdef'],
  ['glpat-0123456789abcdefghij', '0123456789abcdefghij'],
];

describe('what looks like a secret', () => {
  test.each(planted)('in %j is gone', (text, secret) => {
    expect(text).toContain(secret);
    expect(maskSecrets(text)).not.toContain(secret);
    expect(maskSecrets(text)).toContain(m);
  });

  test.each([
    ['user=ana password=hunter22 host=db', `user=ana password=${m} host=db`],
    ['{"password":"hunter22","user":"ana"}', `{"password":${m},"user":"ana"}`],
    // Whatever is joined to it goes with it.
    ['{"password":"hunter22"}', `{"password":${m}`],
    ['curl -H "Authorization: Bearer abcdefgh12345678" https://x', `curl -H "Authorization: Bearer ${m}" https://x`],
    ['authorization=abcdefgh12', `authorization=${m}`],
    ['{"api-key": "a b", "n": 1}', `{"api-key": ${m}, "n": 1}`],
    ["secret_key_base : 'x'; y", `secret_key_base : ${m}; y`],
    ['--env=TOKEN=abc&x=1', `--env=TOKEN=${m}&x=1`],
    ['got eyJhbGciOi.eyJzdWIiOi.c2ln!', `got ${m}!`],
    ['postgres://shop:hunter22@db:5432/shop?sslmode=require', `postgres://shop:${m}@db:5432/shop?sslmode=require`],
    [`before\n${pem}\nafter`, `before\n${m}\nafter`],
  ])('in %j leaves %j', (text, left) => {
    expect(maskSecrets(text)).toBe(left);
  });

  test.each([
    '',
    'Job for nginx.service failed because the control process exited with error code.',
    'see "systemctl status nginx.service" and "journalctl -xeu nginx.service" for details',
    'http://127.0.0.1:8080/health: 200',
    'mail to ana@example.com: sent',
    'disk 94% full, 3 passed, 1 failed',
    'ASIAN fonts, basic math, eyJafjallajokull',
    'password reset was requested',
    'password:',
    'monkey=1',
  ])('is not in %j', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });

  const piece = fc.oneof(
    fc.constantFrom(...planted.map(([text]) => text)),
    fc.constantFrom('password', 'token', '=', ':', '"', "'", '\\', '\n', ' ', '://', '@', '--', 'Bearer ', '-----', 'eyJ', '.', 'AKIA', m),
    fc.string({ maxLength: 20 }),
  );
  const text = fc.array(fc.tuple(piece, fc.constantFrom(' ', '\n')), { maxLength: 30 }).map((pieces) => pieces.flat().join(''));

  test('is gone after once: to mask it again changes nothing', () => {
    fc.assert(
      fc.property(text, (given) => {
        const masked = maskSecrets(given);
        expect(maskSecrets(masked)).toBe(masked);
      }),
      { numRuns: 3000 },
    );
  });

  test('makes a text longer by no more than a mask for each character', () => {
    fc.assert(fc.property(text, (given) => maskSecrets(given).length <= m.length * given.length));
  });

  test('is gone wherever it stands between lines', () => {
    fc.assert(
      fc.property(fc.constantFrom(...planted), fc.lorem(), fc.lorem(), ([given, secret], before, after) => {
        expect(maskSecrets(`${before}\n${given}\n${after}`)).not.toContain(secret);
      }),
    );
  });
});
