import { describe, expect, test } from '@jest/globals';
import { createKillSwitch, killSwitchPermissions } from '../../shared/aws/kill-switch.ts';
import { noKillSwitch } from '../../shared/ports/kill-switch.ts';
import { noon } from '../remediation/examples.ts';
import { type Answer, recordingClients, sdkError } from './recorder.ts';

const second = 1000;
const set = (...values: (string | undefined | Error)[]) => {
  let next = 0;
  const { clients, calls } = recordingClients((): Answer => {
    const value = values[Math.min(next++, values.length - 1)];
    return value instanceof Error ? value : { output: { Parameter: { Value: value } } };
  });
  return { read: createKillSwitch(clients.ssm, '/selfheal/prod/switch').read, calls };
};

describe('the kill switch', () => {
  test.each(['on', 'dry-run', 'off'])('stands on %s', async (position) => {
    expect(await set(position).read(noon)).toBe(position);
  });

  test('bears the line end that an editor leaves behind', async () => {
    expect(await set('off\n').read(noon)).toBe('off');
  });

  test.each(['', 'ON', 'true', undefined])('refuses %j, naming the parameter', async (value) => {
    await expect(set(value).read(noon)).rejects.toThrow('parameter /selfheal/prod/switch must be one of on, dry-run, off');
  });

  test('is read again after half a minute, and not before', async () => {
    const { read, calls } = set('on', 'off');
    expect(await read(noon)).toBe('on');
    expect(await read(noon + 29 * second)).toBe('on');
    expect(calls).toHaveLength(1);
    expect(await read(noon + 30 * second)).toBe('off');
    expect(calls).toEqual(Array.from({ length: 2 }, () => ({ permission: 'ssm:GetParameter', input: { Name: '/selfheal/prod/switch' } })));
  });

  test('is read again where the clock has gone back', async () => {
    const { read } = set('on', 'off');
    await read(noon);
    expect(await read(noon - second)).toBe('off');
  });

  test('remembers no failure, and no position over one', async () => {
    const { read } = set('on', sdkError('ThrottlingException', 400), 'off');
    await read(noon);
    await expect(read(noon + 31 * second)).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await read(noon + 32 * second)).toBe('off');
  });

  test('makes the call that it says', async () => {
    const { read, calls } = set('on');
    await read(noon);
    expect(calls.map(({ permission }) => permission)).toEqual([...killSwitchPermissions]);
  });

  test('stops nothing where none is set up', async () => {
    expect(await noKillSwitch.read(noon)).toBe('on');
  });
});
