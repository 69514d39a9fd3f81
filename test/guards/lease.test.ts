import { describe, expect, test } from '@jest/globals';
import { evaluateGuards } from '../../shared/guards/evaluate.ts';
import { lease } from '../../shared/guards/lease.ts';
import { instanceId, noon } from '../remediation/examples.ts';
import { guardInput } from './examples.ts';

describe('lease', () => {
  test('passes once the lease is taken', async () => {
    expect(await lease.check(guardInput())).toEqual({ answer: 'pass' });
  });

  test('holds for now while another incident has it, and names that one', async () => {
    const input = guardInput({ lease: async () => ({ acquired: false, holder: 'host-impaired-1', until: noon }) });
    expect(await lease.check(input)).toEqual({
      answer: 'hold',
      passing: true,
      holder: 'host-impaired-1',
      reason: `incident host-impaired-1 is treating instance ${instanceId} until 2026-11-20T12:00:00.000Z`,
    });
  });

  test('holds for now while another incident waits for it to recover by itself', async () => {
    const input = guardInput({ lease: async () => ({ acquired: false, holder: 'host-impaired-1', until: noon, waits: true }) });
    expect(await lease.check(input)).toEqual({
      answer: 'hold',
      passing: true,
      holder: 'host-impaired-1',
      waits: true,
      reason: `incident host-impaired-1 waits for instance ${instanceId} to recover by itself until 2026-11-20T12:00:00.000Z`,
    });
  });

  test('is a hold when the ledger refuses the look-up', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
    const answer = await evaluateGuards([lease], guardInput({ lease: () => Promise.reject(denied) }));
    expect(answer).toMatchObject({ answer: 'hold', passing: false });
  });
});
