import { describe, expect, test } from '@jest/globals';
import type { CallError } from '../../shared/ports/call-result.ts';
import type { Ledger } from '../../shared/ports/ledger.ts';
import type { Interim } from '../../shared/ports/reporter.ts';
import { createJournal } from '../../shared/remediation/journal.ts';
import { createOverdueNotice } from '../../shared/remediation/overdue-notice.ts';
import { sdkError } from '../aws/recorder.ts';
import { emptyLedger } from '../aws/table.ts';
import { drive } from './drive.ts';
import { simpleEngine } from './engine.ts';
import { alarm, incident, instanceId, noon } from './examples.ts';

const minute = 60;
const lost: CallError = { kind: 'uncertain', code: 'TimeoutError', message: 'no answer', call: 'ec2:DescribeInstances' };
const blindly = (failing: (minutes: number) => Error | null) => ({
  look: ({ seconds }: { seconds: number }) => failing(seconds / minute) ?? { alarm: alarm({ state: 'ALARM' }) },
});

/** The late word of an incident, and what it says. */
const wordOf = async (ledger: Ledger, key = 'one') => {
  const engine = simpleEngine({ start: noon });
  const journal = createJournal(engine.durable, { now: engine.now, random: () => 0.5 });
  await journal.persist('open', async () => null);
  const said: [minutes: number, interim: Interim][] = [];
  const interim = async (word: Interim) => void said.push([Math.round((engine.now() - noon) / 60_000), word]);
  const late = createOverdueNotice(incident({ key }), { journal, ledger, reporter: { interim } });
  /** The call fails every so many seconds, for so long. */
  const fails = async (every: number, seconds: number, error = lost, acted = false) => {
    for (let passed = 0; passed < seconds; passed += every) {
      await late.failing(error, every, acted);
      await journal.wait('pause', every);
    }
  };
  return { late, said, fails, journal };
};

describe('people', () => {
  test('are told within a quarter of an hour that something is not treated, and why; once', async () => {
    const { said, fails } = await wordOf(await emptyLedger());
    await fails(90, 40 * minute);
    expect(said).toHaveLength(1);
    const [[at, { headline, reason }]] = said as [[number, Interim]];
    // Looked at every minute and a half, and told before nine are over.
    expect(at).toBe(8);
    expect(headline).toBe('not treated yet by selfheal');
    expect(reason).toMatch(
      new RegExp(
        `^NOT TREATED yet: instance-unreachable on instance ${instanceId}, for \\d+ min .*: ec2:DescribeInstances: TimeoutError: no answer\\. `,
      ),
    );
  });

  test('are told before a wait that would be too long', async () => {
    const { late, said } = await wordOf(await emptyLedger());
    await late.failing(lost, 20 * minute);
    expect(said).toHaveLength(1);
  });

  test('are not told again of what they have been told of', async () => {
    const { late, said, fails } = await wordOf(await emptyLedger());
    await fails(90, 20 * minute);
    expect(await late.notify({ ...lost, call: 'ssm:GetParameter' })).toBe(true);
    expect(said).toHaveLength(1);
  });

  test('are not told of what works again within minutes', async () => {
    const { said, fails, journal } = await wordOf(await emptyLedger());
    for (let time = 0; time < 5; time++) {
      await fails(60, 8 * minute);
      await journal.wait('well', 16 * minute);
    }
    expect(said).toEqual([]);
  });

  test('are told of what works for less than a quarter of an hour at a time', async () => {
    const { said, fails, journal } = await wordOf(await emptyLedger());
    await fails(60, 8 * minute);
    await journal.wait('well', 13 * minute);
    expect(said).toEqual([]);
    await fails(60, minute);
    expect(said).toHaveLength(1);
  });

  test('are told of one broken dependency by one incident, and of another by another', async () => {
    const ledger = await emptyLedger();
    const [one, two, three] = [await wordOf(ledger, 'one'), await wordOf(ledger, 'two'), await wordOf(ledger, 'three')];
    await one.fails(60, 20 * minute);
    await two.fails(60, 20 * minute);
    await three.fails(60, 20 * minute, { ...lost, call: 'ssm:GetParameter' });
    expect([one, two, three].map(({ said }) => said.length)).toEqual([1, 0, 1]);
  });

  test('are told by each where the ledger can’t say who tells', async () => {
    const ledger = { ...(await emptyLedger()), electReporter: () => Promise.reject(sdkError('AccessDeniedException', 400)) };
    const [one, two] = [await wordOf(ledger, 'one'), await wordOf(ledger, 'two')];
    await one.fails(60, 20 * minute);
    await two.fails(60, 20 * minute);
    expect([one, two].map(({ said }) => said.length)).toEqual([1, 1]);
  });

  test('are told of what has been acted upon that it is not verified', async () => {
    const { said, fails } = await wordOf(await emptyLedger());
    await fails(60, 20 * minute, lost, true);
    expect(said[0]?.[1].reason).toMatch(/^NOT VERIFIED yet: /);
  });
});

describe('an incident that nobody can look at', () => {
  const denied = Object.assign(sdkError('UnauthorizedOperation', 403), { call: 'ec2:DescribeInstances' });

  test('is told of while it waits, and its outcome follows', async () => {
    const { told, outcome } = await drive(blindly(() => sdkError('InternalError', 500)));
    expect(told.filter((one) => one === 'interim')).toHaveLength(1);
    expect(outcome).toMatchObject({ status: 'held', quiet: false });
  });

  test('is not told of where another one has told of the same', async () => {
    const { told, outcome } = await drive({ ...blindly(() => denied), ledger: () => ({ electReporter: async () => false }) });
    expect(told).toEqual(['metrics held', 'bus held']);
    expect(outcome).toMatchObject({ quiet: true, reason: expect.stringMatching(/people already know about it$/) });
  });

  test('is told of where something was done to it, whoever has told of the same', async () => {
    const { outcome } = await drive({
      look: ({ acted }) => (acted === 0 ? { alarm: alarm() } : denied),
      ledger: () => ({ electReporter: async () => false }),
    });
    expect(outcome).toMatchObject({ status: 'escalated', quiet: false, actions: [{ action: 'reboot-instance' }] });
  });

  test('is not told of by itself where only the bus tells of it; that nothing can be seen is told once', async () => {
    const { told, outcome } = await drive({ ...blindly(() => denied), incident: { alarm: null } });
    expect(told).toEqual(['interim', 'metrics held', 'bus held']);
    expect(outcome.quiet).toBe(true);
    const again = await drive({
      ...blindly(() => denied),
      incident: { alarm: null },
      ledger: () => ({ electReporter: async () => false }),
    });
    expect(again.told).toEqual(['metrics held', 'bus held']);
  });

  test('is told of with its outcome where the one message about it could not be sent', async () => {
    const no = () => Promise.reject(sdkError('InternalError', 500));
    const { told, outcome } = await drive({ ...blindly(() => denied), incident: { alarm: null }, reporter: { interim: no } });
    expect(outcome.quiet).toBe(false);
    expect(told).toContain('people held');
  });

  test('is told of where AWS has announced it', async () => {
    const announced = { alarm: null, evidence: { deadline: '2026-12-01T00:00:00Z' } };
    expect((await drive({ ...blindly(() => denied), incident: announced })).told).toContain('people held');
  });
});
