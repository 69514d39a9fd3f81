import { readFileSync } from 'node:fs';
import { ModifyInstanceMaintenanceOptionsCommand } from '@aws-sdk/client-ec2';
import { LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { describe, expect, test } from '@jest/globals';
import { createFleet } from '../local/testbed/fleet.ts';
import { createHost, type Host, type HostOptions } from '../local/testbed/host.ts';
import { outcomeSchema } from '../shared/model/outcome-schema.ts';

const start = Date.parse('2026-03-02T09:00:00Z');
const minute = 60_000;

/** A lone instance, opted in and watched; `happens` twenty minutes later, and the world goes on until the incident is over. */
const play = async (happens: (host: Host, id: string) => Promise<unknown>): Promise<Host> => {
  const host = await createHost({ seed: 5, start, account: '111122223333', region: 'us-east-1' });
  const fleet = createFleet(host);
  const id = await fleet.instance({ name: 'web' });
  await fleet.statusAlarm(id, 'Instance');
  await host.run(() => false, start + 20 * minute);
  await happens(host, id);
  await host.run(() => host.outcomes.length > 0 && !host.busy(), start + 240 * minute);
  await host.close();
  return host;
};
const lookUps = (host: Host) => host.aws.world.calls.filter(({ operation }) => operation === 'LookupEvents');

describe('who changed it, in the outcome', () => {
  test('is what somebody did before it failed; what selfheal did about it is not', async () => {
    const host = await play(async (host, id) => {
      await host.operator.ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: id, AutoRecovery: 'disabled' }));
      await host.run(() => false, start + 50 * minute);
      host.aws.faults.inject({ fault: 'hang-kernel', target: id });
    });
    const [outcome] = host.outcomes.map((published) => outcomeSchema.parse(published));
    expect(outcome?.status).toBe('healed');
    expect(outcome?.actions.map(({ action }) => action)).toContain('reboot-instance');
    expect(outcome?.changes[0]).toMatchObject({ call: 'ec2:ModifyInstanceMaintenanceOptions', who: 'operator', selfheal: false });
    expect(outcome?.changes.filter(({ selfheal }) => selfheal)).toEqual([]);
    expect(lookUps(host)).toHaveLength(1);
  });

  test('says that CloudTrail is late where it is, rather than wait for it', async () => {
    const host = await play(async (host, id) => {
      await host.operator.ec2.send(new ModifyInstanceMaintenanceOptionsCommand({ InstanceId: id, AutoRecovery: 'disabled' }));
      host.aws.faults.inject({ fault: 'hang-kernel', target: id });
    });
    const [outcome] = host.outcomes.filter(({ quiet }) => !quiet);
    expect(outcome).toMatchObject({ failure: 'instance-unreachable', status: 'healed' });
    expect(outcome?.changesNote).toMatch(/^CloudTrail may not have all calls yet after /);
  });

  test('is looked up for nobody where nobody is told', async () => {
    const host = await play(async (host, id) => host.aws.ec2.shutDown(id, 'guest'));
    expect(host.outcomes.map(({ quiet }) => quiet)).toEqual([true]);
    expect(lookUps(host)).toEqual([]);
  });

  test('is missing where the look-up is denied, and nothing else is', async () => {
    const host = await play(async (host, id) => {
      host.aws.faults.inject({
        fault: 'fail-call',
        service: 'cloudtrail',
        operation: 'LookupEvents',
        code: 'AccessDeniedException',
        status: 400,
      });
      host.aws.faults.inject({ fault: 'hang-kernel', target: id });
    });
    expect(host.outcomes).toMatchObject([
      {
        status: 'healed',
        changes: [],
        changesNote: expect.stringMatching(/^CloudTrail could not be asked: cloudtrail:LookupEvents: AccessDenied/),
      },
    ]);
    expect(host.messages).toHaveLength(1);
  });
});

describe('a deployment shortly before a failure', () => {
  const failedAt = start + 60 * minute;
  /** `told`: how long after the deployment the function's errors are told of. */
  const play = async (told: number, options: Partial<HostOptions> = {}) => {
    // In this world CloudTrail is slower than the alarm.
    const host = await createHost({ seed: 6, start, account: '111122223333', region: 'us-east-1', ...options });
    const lambda = host.operator.of(LambdaClient);
    host.aws.lambda.place({ name: 'checkout', modifiedAt: start - 9_000 * minute });
    await host.run(() => false, failedAt - 5 * minute);
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'checkout', ZipFile: new Uint8Array([1]) }));
    await host.run(() => false, failedAt - 5 * minute + told);
    const sample = readFileSync(new URL('../events/cloudwatch-alarm/errors-of-a-function.json', import.meta.url), 'utf8');
    host.deliver(JSON.parse(sample.replaceAll('2026-11-20T13:35:12', '2026-03-02T10:00:00').replaceAll('us-west-2', 'us-east-1')));
    await host.run(() => host.outcomes.length > 0 && !host.busy(), failedAt + 120 * minute);
    await host.close();
    expect(host.outcomes).toHaveLength(1);
    return { outcome: outcomeSchema.parse(host.outcomes[0]), messages: host.messages.map((message) => JSON.parse(message)), host };
  };

  test('is named at once, before CloudTrail knows of it, and its author follows in the outcome', async () => {
    const { outcome, messages, host } = await play(5.1 * minute);
    expect(messages).toHaveLength(2);
    const [{ kind, at, headline, reason }] = messages;
    expect({ kind, headline }).toEqual({ kind: 'interim', headline: 'error-rate needs you after a change at 09:55 UTC' });
    expect(reason).toMatch(
      /^error-rate on service checkout needs you: code or settings changed at 09:55 UTC, 5 min 01 s before the failure; who did it follows in the outcome, at 10:10 UTC at the latest\. /,
    );
    expect(Date.parse(at) - (failedAt + 0.1 * minute)).toBeLessThan(minute);
    expect(outcome.status).toBe('escalated');
    expect(outcome.reason).toMatch(/; code or settings changed at 09:55 UTC, 5 min 01 s before the failure$/);
    expect(outcome.resourceState).toMatch(/^Lambda function checkout: Active; code or settings changed at 09:55 UTC, /);
    expect(outcome.likelyCause?.change).toMatchObject({ call: 'lambda:UpdateFunctionCode', who: 'operator' });
    expect(outcome.changesNote).not.toMatch(/who did this/);
    const [, asked] = lookUps(host);
    expect((asked?.at ?? 0) - (failedAt - 5 * minute)).toBe(15 * minute);
  });

  test('is told once before its one outcome, wherever the process dies about it', async () => {
    const points = (['before', 'after'] as const).flatMap((when) => [1, 2].map((nth) => ({ when, nth })));
    const dead = new Set<string>();
    const told = points.map(async ({ when, nth }) => {
      let passed = 0;
      const dies: HostOptions['dies'] = ({ updates, ...point }) =>
        point.when === when && updates.some(({ Name }) => Name === 'tell-change') && ++passed === nth && !!dead.add(`${when} ${nth}`);
      const { outcome, messages } = await play(5.1 * minute, { dies });
      return { when, nth, status: outcome.status, kinds: messages.map(({ kind }) => kind) };
    });
    for (const { kinds, ...story } of await Promise.all(told)) {
      const outcomes = kinds.filter((kind) => kind === undefined).length;
      const oneWord = kinds.length - outcomes <= 1;
      // Where nobody can know whether the word was sent, the outcome tells people at once.
      expect({ ...story, outcomes, oneWord }).toEqual({ ...story, status: 'escalated', outcomes: 1, oneWord: true });
    }
    expect(dead.size).toBe(points.length);
  });

  test('has its author, once CloudTrail knows', async () => {
    const { outcome, messages } = await play(40 * minute);
    expect(messages).toHaveLength(1);
    expect(outcome.likelyCause?.change).toMatchObject({ call: 'lambda:UpdateFunctionCode', who: 'operator' });
    expect(outcome.changesNote).toBeNull();
  });
});
