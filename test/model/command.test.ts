import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { commandSchemas, documentName } from '../../shared/model/command.ts';

const schema = z.object(commandSchemas);
const arn = 'arn:aws:ssm:us-east-1:123456789012:document';
const refused = (command: object): string => {
  const { error } = schema.safeParse({ commands: { 'restart-nginx': command } });
  return error ? z.prettifyError(error) : '';
};

describe('a command of the policy', () => {
  test('interrupts and has five minutes unless its owner says otherwise', () => {
    const { commands, run } = schema.parse({ commands: { 'restart-nginx': { document: 'Shop-RestartService', version: '3' } } });
    expect(commands['restart-nginx']).toEqual({
      document: 'Shop-RestartService',
      version: '3',
      parameters: {},
      timeout: '5m',
      effects: ['interrupts'],
    });
    expect(run).toEqual([]);
  });

  test('takes one text for a list of one', () => {
    const parameters = { Service: 'nginx', Also: ['a', 'b'] };
    const { commands } = schema.parse({ commands: { a: { document: 'Shop-Restart', version: '1', parameters, effects: [] } } });
    expect(commands.a).toMatchObject({ parameters: { Service: ['nginx'], Also: ['a', 'b'] }, effects: [] });
  });

  // Whoever may change a document must not change what selfheal runs.
  test.each(['$LATEST', '$DEFAULT', '0', '01', '1.0', 'latest', '', undefined, 3])('is refused with the version %j', (version) => {
    expect(refused({ document: 'Shop-RestartService', version })).toMatch(/version/);
  });

  test.each(['AWS-RunShellScript', 'AWS-RunPowerShellScript', 'AWS-RunDocument', 'AWS-RunRemoteScript'])(
    'is refused if it is %s, which runs anything, by name and by ARN',
    (shell) => {
      for (const document of [shell, `${arn}/${shell}`, `arn:aws-cn:ssm:cn-north-1:123456789012:document/${shell}`])
        expect(refused({ document, version: '1' })).toMatch(/runs anything that it is given/);
    },
  );

  test.each(['a', 'Shop Restart', 'Shop/Restart', `${arn}/`, 'arn:aws:s3:::document/Shop', `${arn}/a/AWS-RunShellScript`, 'x'.repeat(129)])(
    'is refused with the document %j',
    (document) => {
      expect(refused({ document, version: '1' })).toMatch(/must be the name of a Systems Manager document/);
    },
  );

  test('may be another document of AWS, or one that is shared by its ARN', () => {
    for (const document of ['AWS-ConfigureAWSPackage', `${arn}/Shop-RestartService`]) expect(refused({ document, version: '1' })).toBe('');
    expect([documentName('Shop-Restart'), documentName(`${arn}/Shop-Restart`)]).toEqual(['Shop-Restart', 'Shop-Restart']);
  });

  test.each([
    ['a time limit of seconds', { timeout: '10s' }],
    ['a time limit of days', { timeout: '1d' }],
    ['an effect that there is not', { effects: ['destroys'] }],
    ['a setting that there is not', { retries: 3 }],
    ['a parameter without a proper name', { parameters: { 'a b': 'c' } }],
    ['a parameter that is a number', { parameters: { Count: 3 } }],
  ])('is refused with %s', (_, change) => {
    expect(refused({ document: 'Shop-RestartService', version: '1', ...change })).not.toBe('');
  });

  test.each(['Restart', '1st', 'restart nginx', ''])('is refused with the name %j', (name) => {
    expect(schema.safeParse({ commands: { [name]: { document: 'Shop-Restart', version: '1' } } }).success).toBe(false);
  });
});
