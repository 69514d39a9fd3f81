import { describe, expect, jest, test } from '@jest/globals';
import type { intakeInAccount, Time } from '../local/invoke/account.ts';
import { account, minute, region, routeTopic, type Stage, start, withStage } from './functions/stage.ts';

/** The world's time in the place of real time. */
const timeOf = ({ advanceTo }: Stage): Time => {
  const repeated = new Set<{ at: number; run: () => void }>();
  return {
    now: () => Date.now(),
    sleep: async (milliseconds) => {
      const end = Date.now() + milliseconds;
      for (;;) {
        const next = Math.min(end, ...[...repeated].map(({ at }) => at));
        await advanceTo(next);
        for (const { at, run } of repeated) if (at <= next) run();
        if (next === end) return;
      }
    },
    every: (milliseconds, run) => {
      const entry = {
        at: Date.now() + milliseconds,
        run: () => {
          entry.at += milliseconds;
          run();
        },
      };
      repeated.add(entry);
      return () => repeated.delete(entry);
    },
  };
};

/** A lone instance whose kernel hangs, and its alarm as CloudWatch tells of it, invoked in this account. */
const invoke = async (stage: Stage, variables: Record<string, string>) => {
  const { fleet, advanceTo, aws, load, collect } = stage;
  const web = await fleet.instance({ name: 'web' });
  await fleet.statusAlarm(web, 'Instance');
  await advanceTo(start + 20 * minute);
  aws.faults.inject({ fault: 'hang-kernel', target: web });
  await advanceTo(start + 30 * minute);
  const AlarmName = `${web}-status-check-instance`;
  const metric = { namespace: 'AWS/EC2', name: 'StatusCheckFailed_Instance', dimensions: { InstanceId: web } };
  const timestamp = new Date(start + 25 * minute).toISOString();
  const reason = 'Threshold Crossed: 1 datapoint [1.0] was greater than or equal to the threshold (1.0).';
  const event = {
    version: '0',
    id: '6a2f1e0c-93d4-4c52-8b0e-7f1f5d3c2b19',
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account,
    time: timestamp,
    region,
    resources: [`arn:aws:cloudwatch:${region}:${account}:alarm:${AlarmName}`],
    detail: {
      alarmName: AlarmName,
      state: { value: 'ALARM', reason, reasonData: '{"recentDatapoints":[1],"threshold":1}', timestamp },
      previousState: { value: 'OK', reason: '', timestamp },
      configuration: { metrics: [{ id: 'm1', metricStat: { metric, period: 60, stat: 'Maximum' }, returnData: true }] },
    },
  };
  const lines: { at: number; text: string }[] = [];
  const written = jest.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push({ at: Date.now(), text: String(text) }) > 0);
  try {
    // What the plugin gives it besides: names, and no references to the stack.
    const names = { OUTCOME_TOPIC: 'selfheal-local-outcomes', ...variables };
    const run = (await load('../local/invoke/account', names, 'intakeInAccount')) as unknown as typeof intakeInAccount;
    const began = Date.now();
    const { outcomes, failed } = await run(event, timeOf(stage));
    const times = [began, ...lines.map(({ at }) => at), Date.now()];
    await collect();
    return {
      outcomes,
      failed,
      log: lines.flatMap(({ text }) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ),
      /** The longest that nothing was written, in simulated milliseconds. */
      silence: Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at))),
    };
  } finally {
    written.mockRestore();
  }
};
const policy = (given: object) => ({ SELFHEAL_POLICY: JSON.stringify(given) });
const reported = { playbooks: { 'instance-unreachable': 'none' } };

describe('sls invoke local in an account', () => {
  test(
    'tells people where the policy routes outcomes, and the chat, as the deployed function does',
    withStage(async (stage) => {
      const routes = [{ when: { outcome: 'escalated' }, topicArn: routeTopic }];
      const { outcomes, log } = await invoke(stage, { ...policy({ ...reported, routes }), CHAT_TOPIC: 'selfheal-local-chat' });
      expect(outcomes).toMatchObject([{ status: 'escalated', actions: [] }]);
      expect(stage.routed.get(routeTopic)?.map((message) => JSON.parse(message))).toMatchObject([{ incident: outcomes[0]?.incident }]);
      expect(stage.chats).toHaveLength(1);
      expect(log).toContainEqual(expect.objectContaining({ message: 'incident started', incident: outcomes[0]?.incident }));
      expect(log.filter(({ phase }) => phase === 'look').length).toBeGreaterThan(0);
    }),
  );

  test(
    'tells no chat where there is none',
    withStage(async (stage) => {
      await invoke(stage, policy(reported));
      expect(stage.messages).toHaveLength(1);
      expect(stage.chats).toEqual([]);
    }),
  );

  test(
    'is a dry run unless its mode says otherwise',
    withStage(async (stage) => {
      const { outcomes } = await invoke(stage, policy({ mode: 'enforce' }));
      expect(outcomes).toMatchObject([{ status: 'dry-run' }]);
      expect(stage.calls('RebootInstances').map(({ error }) => error)).toEqual(['DryRunOperation']);
    }),
  );

  test(
    'says what it waits for, at least every half minute',
    withStage(async (stage) => {
      const { outcomes, log, silence } = await invoke(stage, { ...policy({ mode: 'enforce' }), SELFHEAL_MODE: 'enforce' });
      expect(outcomes).toMatchObject([{ status: 'healed' }]);
      expect(silence).toBeLessThanOrEqual(30_000);
      const waits = log.filter(({ message }) => message?.startsWith('waiting'));
      expect(waits.length).toBeGreaterThan(3);
      for (const { incident, message } of waits)
        expect([incident, message]).toEqual([
          outcomes[0]?.incident,
          expect.stringMatching(/^waiting( at least .+ more| for AWS to answer): ./),
        ]);
    }),
  );

  test(
    'tells how it ended although a channel is shut',
    withStage(async (stage) => {
      const { outcomes, failed } = await invoke(stage, { ...policy(reported), OUTCOME_TOPIC: 'nowhere' });
      expect(outcomes).toMatchObject([{ status: 'escalated' }]);
      expect(failed).toEqual([expect.stringMatching(/FAILED: .*tell-people: .*NotFound/)]);
    }),
  );

  test(
    'gives a channel that does not answer up after three tries, and tells how it ended',
    withStage(async (stage) => {
      stage.aws.faults.inject({ fault: 'fail-call', service: 'events', operation: 'PutEvents', code: 'InternalException', status: 500 });
      const began = Date.now();
      const { outcomes, failed } = await invoke(stage, policy(reported));
      expect(outcomes).toMatchObject([{ status: 'escalated' }]);
      expect(failed).toEqual([expect.stringMatching(/tell-bus: .*InternalException.*\(3 tries\)/)]);
      expect(stage.messages).toHaveLength(1);
      expect(Date.now() - began).toBeLessThan(60 * minute);
    }),
  );

  test(
    'asks the kill switch',
    withStage(async (stage) => {
      await stage.turnSwitch('off');
      const { outcomes } = await invoke(stage, { ...policy({ mode: 'enforce' }), SELFHEAL_MODE: 'enforce' });
      expect(outcomes).toMatchObject([{ status: 'held', actions: [] }]);
      expect(stage.calls('RebootInstances')).toEqual([]);
    }),
  );
});
