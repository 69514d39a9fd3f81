import { describe, expect, test } from '@jest/globals';
import { maskSecrets } from '../shared/model/mask-secrets.ts';

const key = '-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,A\n\nMIIE-----\nabc';
const end = '-----END RSA PRIVATE KEY-----';

describe('a secret in the output of a command', () => {
  test.each([
    ['DB_PASSWORD=hunter2 next', 'DB_PASSWORD=******** next'],
    ['{"api-key": "a b", "n": 1}', '{"api-key": ********, "n": 1}'],
    ["secret_key_base : 'x'; y", 'secret_key_base : ********; y'],
    ['--env=TOKEN=abc&x=1', '--env=TOKEN=********&x=1'],
    ['--password hunter2', '--password ********'],
    ['Authorization: Bearer abcdefgh12', 'Authorization: Bearer ********'],
    ['authorization=abcdefgh12', 'authorization=********'],
    ['AKIAIOSFODNN7EXAMPLE is', '******** is'],
    ['postgres://me:pw@host/db', 'postgres://me:********@host/db'],
    ['got eyJhbGciOi.eyJzdWIiOi.c2ln!', 'got ********!'],
    [`${key}${end} after`, '******** after'],
    [key, '********'],
  ])('is masked: %j', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  test.each(['password:', 'the token is gone', 'a basic set of words', 'monkey=1'])('is not seen in %j', (text) => {
    expect(maskSecrets(text)).toBe(text);
  });
});
