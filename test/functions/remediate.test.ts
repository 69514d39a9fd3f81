import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, jest, test } from '@jest/globals';
import { deployedLedger } from '../../local/testbed/deployed.ts';
import { isGenuine, parseToken } from '../../shared/approvals/link.ts';
import { createApprovalStore } from '../../shared/approvals/store.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { secretReference } from '../../shared/aws/secret.ts';
import { approvalVariables } from '../../shared/compose/approvals.ts';
import { remediateVariables } from '../../shared/compose/remediate.ts';
import type { Outcome } from '../../shared/model/outcome.ts';
import { incident } from '../remediation/examples.ts';
import { account, minute, region, routeTopic, type Stage, start, testVariables, withStage } from './stage.ts';

const enforce = { SELFHEAL_POLICY: '{"mode":"enforce"}' };
const needsConsent = JSON.stringify({ approval: { timeout: 600, required: [{ action: 'reboot-instance' }] } });

/** A lone instance whose kernel hangs, and its incident up to the end. */
const treat = async (stage: Stage, variables: Record<string, string> = enforce, stop?: () => boolean) => {
  const { aws, advanceTo, fleet, load, execute, outcomes } = stage;
  const web = await fleet.instance({ name: 'web' });
  await fleet.statusAlarm(web, 'Instance');
  await advanceTo(start + 20 * minute);
  aws.faults.inject({ fault: 'hang-kernel', target: web });
  await advanceTo(start + 30 * minute);
  const open = incident({
    ...{ account, region, at: start + 25 * minute, resource: { type: 'instance', id: web } },
    alarm: { name: `${web}-status-check-instance`, arn: null },
  });
  await execute(await load('remediate', variables), open.key, JSON.stringify(open), stop);
  return { web, open, outcome: outcomes.at(-1) as Outcome };
};
const promotes = JSON.stringify({ databases: { promote: 'on' } });
/** A replica whose source has failed, and its incident up to the questions; returns the topics that these went to. */
const treatReplica = async (stage: Stage, variables: Record<string, string>): Promise<unknown[]> => {
  const { aws, advanceTo, fleet, load, execute } = stage;
  aws.rds.place({ id: 'orders', kind: 'instance' });
  aws.rds.place({ id: 'orders-replica', kind: 'instance', source: 'orders', tags: { selfheal: 'on' } });
  await fleet.alarm({
    AlarmName: 'orders-lag',
    Namespace: 'AWS/RDS',
    MetricName: 'ReplicaLag',
    Dimensions: [{ Name: 'DBInstanceIdentifier', Value: 'orders-replica' }],
    Statistic: 'Maximum',
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 60,
    Period: 60,
  });
  aws.rds.change('instance', 'orders', 'failed', { message: 'DB instance put into failed state.', categories: ['failure'] });
  aws.rds.faults.lagReplica('orders-replica', { seconds: 0, perMinute: 30, state: 'replicating', survives: true });
  await advanceTo(start + 10 * minute);
  const open = incident({
    ...{ account, region, at: start + 10 * minute, failure: 'replica-behind', playbook: 'catch-up-replica' },
    resource: { type: 'database', id: 'orders-replica' },
    alarm: { name: 'orders-lag', arn: null },
    evidence: { namespace: 'AWS/RDS', metric: 'ReplicaLag', dimensions: 'DBInstanceIdentifier=orders-replica' },
  });
  const asked = () => stage.calls('Publish').filter(({ error }) => error === null);
  await execute(await load('remediate', variables), open.key, JSON.stringify(open), () => asked().length > 1);
  return asked().map(({ input }) => (input as { TopicArn?: string }).TopicArn);
};
/** An incident of another account up to its end, for want of a session there; returns the call that asked for one. */
const enterMember = async ({ load, execute, calls, outcomes }: Stage, variables: Record<string, string>) => {
  const open = incident({ account: '222222222222', region: 'eu-west-1', at: start });
  await execute(await load('remediate', variables), open.key, JSON.stringify(open));
  expect(outcomes.at(-1)).toMatchObject({
    status: 'escalated',
    reason: expect.stringContaining("the member stack isn't installed in account 222222222222, eu-west-1"),
  });
  const [call] = calls('AssumeRole');
  return call as { input: object };
};
/** What EC2 was asked for that would change something, and whether it was only asked whether it might be. */
const asked = ({ calls }: Stage) =>
  calls('RebootInstances').map(({ input, error }) => ((input as { DryRun?: boolean }).DryRun ? 'would' : (error ?? 'done')));

describe('the function remediate', () => {
  testVariables(
    'remediate',
    { ...remediateVariables, ...approvalVariables },
    {
      LEDGER_TABLE: async (stage) => {
        const { operator } = stage;
        await operator.dynamodb.send(new CreateTableCommand({ ...deployedLedger().table, TableName: 'another' }));
        const another = { ...enforce, LEDGER_TABLE: 'another', SELFHEAL_POLICY: needsConsent };
        const { open } = await treat(stage, another);
        expect(await createLedger(operator.dynamodb, 'another').read(open.key)).toMatchObject({ status: 'held' });
        const [question = ''] = stage.approvals;
        const { id = '' } = parseToken(new URL(JSON.parse(question).link).pathname.slice(1)) ?? {};
        expect(await createApprovalStore(operator.dynamodb, 'another').read(id)).not.toBeNull();
      },
      MEMBER_ROLE: async (stage) => {
        const { input } = await enterMember(stage, { MEMBER_ROLE: 'selfheal-member-test' });
        expect(input).toMatchObject({ RoleArn: `arn:aws:iam::222222222222:role/selfheal-member-test-eu-west-1` });
      },
      MEMBER_EXTERNAL_ID: async (stage) => {
        const { input } = await enterMember(stage, { MEMBER_ROLE: 'selfheal-member-test', MEMBER_EXTERNAL_ID: 'something' });
        expect(input).toMatchObject({ ExternalId: 'something' });
      },
      PROBE_FUNCTION: async (stage) => {
        const checks = [{ when: { failure: 'instance-unreachable' }, url: 'https://shop.example.com/health', within: '1s' }];
        const SELFHEAL_POLICY = JSON.stringify({ checks });
        const { outcome } = await treat(stage, { ...enforce, SELFHEAL_POLICY, PROBE_FUNCTION: 'nowhere' });
        expect(stage.calls('Invoke').map(({ input }) => (input as { FunctionName: string }).FunctionName)).toContain('nowhere');
        expect(outcome).toMatchObject({ status: 'escalated', reason: expect.stringContaining('https://shop.example.com/health') });
      },
      OUTCOME_TOPIC_ARN: async (stage) => {
        const { open } = await treat(stage);
        expect(stage.messages.map((message) => JSON.parse(message))).toMatchObject([{ incident: open.key, status: 'healed' }]);
        expect(stage.routed.get(routeTopic)).toEqual([]);
      },
      CHAT_TOPIC_ARN: async (stage) => {
        const { open } = await treat(stage, { CHAT_TOPIC_ARN: stage.topics.chat, SELFHEAL_POLICY: needsConsent });
        // Once that a question waits, once how it ended.
        expect(stage.chats.map((chat) => JSON.parse(chat))).toMatchObject([
          { metadata: { eventType: 'selfheal-approval', threadId: open.key } },
          { metadata: { eventType: 'selfheal-outcome', threadId: open.key } },
        ]);
      },
      SECOND_APPROVAL_TOPIC_ARN: async (stage) => {
        const { approvals, secondApprovals } = stage.topics;
        const asked = await treatReplica(stage, { SELFHEAL_POLICY: promotes, SECOND_APPROVAL_TOPIC_ARN: secondApprovals });
        expect(asked).toEqual([approvals, secondApprovals]);
        const links = stage.approvals.map((question) => JSON.parse(question).link);
        expect(new Set(links).size).toBe(2);
      },
      EVENT_BUS: async (stage) => {
        await treat(stage, { EVENT_BUS: 'operations' }, () => stage.calls('PutEvents').length > 0);
        expect(stage.calls('PutEvents')[0]?.input).toMatchObject({ Entries: [{ EventBusName: 'operations' }] });
      },
      METRICS_NAMESPACE: async (stage) => {
        await treat(stage, { METRICS_NAMESPACE: 'selfheal/blue' });
        const measured = stage.logged().filter(({ _aws }) => _aws !== undefined);
        expect(measured.length).toBeGreaterThan(0);
        for (const { _aws } of measured) {
          const { CloudWatchMetrics } = _aws as { CloudWatchMetrics: { Namespace: string }[] };
          expect(new Set(CloudWatchMetrics.map(({ Namespace }) => Namespace))).toEqual(new Set(['selfheal/blue']));
        }
      },
      DEPLOYMENT: async (stage) => {
        await treat(stage, { DEPLOYMENT: 'selfheal-blue' });
        const { links } = JSON.parse(stage.messages[0] ?? '') as Outcome;
        expect(links?.find(({ to }) => to === 'dashboard')?.url).toMatch(/#dashboards\/dashboard\/selfheal-blue$/);
      },
      SELFHEAL_POLICY: async (stage) => {
        const routes = [{ when: { outcome: 'escalated' }, topicArn: routeTopic }];
        const { open } = await treat(stage, { SELFHEAL_POLICY: JSON.stringify({ playbooks: { 'instance-unreachable': 'none' }, routes }) });
        expect(stage.calls('RebootInstances')).toEqual([]);
        expect(stage.routed.get(routeTopic)?.map((message) => JSON.parse(message))).toMatchObject([
          { incident: open.key, status: 'escalated' },
        ]);
      },
      SELFHEAL_MODE: async (stage) => {
        const { outcome } = await treat(stage, { ...enforce, SELFHEAL_MODE: 'dry-run' });
        expect(outcome.status).toBe('dry-run');
        expect(asked(stage)).toEqual(['would']);
      },
      KILL_SWITCH_PARAMETER: async (stage) => {
        const Name = '/another/switch';
        await stage.operator.ssm.send(new PutParameterCommand({ Name, Value: 'off', Type: 'String' }));
        const { outcome } = await treat(stage, { ...enforce, KILL_SWITCH_PARAMETER: Name });
        expect(outcome).toMatchObject({ status: 'held', actions: [] });
        expect(asked(stage)).toEqual([]);
      },
      APPROVAL_TOPIC_ARN: async (stage) => {
        const { open } = await treat(stage, { SELFHEAL_POLICY: needsConsent });
        expect(stage.approvals.map((question) => JSON.parse(question))).toMatchObject([{ kind: 'approval', incident: open.key }]);
        expect(asked(stage)).toEqual([]);
      },
      APPROVAL_PAGE: async (stage) => {
        await treat(stage, { SELFHEAL_POLICY: needsConsent, APPROVAL_PAGE: 'https://yes.example.org/' });
        const [question = ''] = stage.approvals;
        expect(JSON.parse(question).link).toMatch(/^https:\/\/yes\.example\.org\/[\w-]{22}\.[\w-]{43}$/);
      },
      APPROVAL_SECRET: async (stage) => {
        const current = 'k'.repeat(64);
        stage.aws.ssm.putParameter(secretReference('another-key'), JSON.stringify({ current }));
        await treat(stage, { SELFHEAL_POLICY: needsConsent, APPROVAL_SECRET: 'another-key' });
        const [question = ''] = stage.approvals;
        const token = parseToken(new URL(JSON.parse(question).link).pathname.slice(1));
        const stored = await createApprovalStore(stage.operator.dynamodb, stage.table).read(token?.id ?? '');
        if (!token || !stored) throw new Error('the question has no link, or stands nowhere');
        expect(isGenuine(token, stored.approval, { current, previous: null })).toBe(true);
      },
    },
  );

  test(
    'acts where its environment and the policy say so, by the clock of the machine, and tells its story in the log',
    withStage(async (stage) => {
      const { outcome, open } = await treat(stage);
      expect(outcome).toMatchObject({ status: 'healed', verified: true });
      expect(asked(stage)).toEqual(['done']);
      expect(outcome.timeline[0]?.at).toBe(new Date(start + 30 * minute).toISOString());
      const told = stage.logged().flatMap(({ phase, message, incident }) => (phase === undefined ? [] : [`${incident} ${message}`]));
      expect(told).toEqual(outcome.timeline.map(({ text }) => `${open.key} ${text}`));
    }),
  );

  test.each(['off', 'dry-run'])('makes no call that changes anything in mode %s, though the policy says enforce', async (mode) => {
    await withStage(async (stage) => {
      const { outcome } = await treat(stage, { ...enforce, SELFHEAL_MODE: mode });
      expect(outcome.actions.filter(({ result }) => result === 'done')).toEqual([]);
      expect(asked(stage).filter((how) => how !== 'would')).toEqual([]);
    })();
  });

  test(
    'asks the kill switch that is set up by default, and does nothing while it is off',
    withStage(async (stage) => {
      await stage.turnSwitch('off');
      const { outcome } = await treat(stage);
      expect(outcome).toMatchObject({ status: 'held', actions: [] });
      expect(asked(stage)).toEqual([]);
    }),
  );

  test.each([
    [0, 0],
    [0.9, 1],
  ])('draws its waits by chance: at %d it tries again after %d of the bound', async (drawn, share) => {
    await withStage(async (stage) => {
      const random = jest.spyOn(Math, 'random').mockReturnValue(drawn);
      const throttled = { code: 'RequestLimitExceeded', status: 503, count: 1 };
      stage.aws.faults.inject({ fault: 'fail-call', service: 'ec2', operation: 'RebootInstances', ...throttled });
      await treat(stage);
      random.mockRestore();
      const [first, second] = stage.calls('RebootInstances').map(({ at }) => at);
      expect(second).toBeGreaterThanOrEqual((first ?? 0) + share * 1000);
      if (drawn === 0) expect(second).toBe((first ?? 0) + 1000);
    })();
  });

  test(
    'does nothing under a policy that it cannot use, leaves it to a person, and says so',
    withStage(async (stage) => {
      const { outcome } = await treat(stage, { ...enforce, SELFHEAL_POLICY: '{"approval": {"required": [{"action": "stop-start"}]}}' });
      expect(outcome).toMatchObject({
        status: 'escalated',
        actions: [],
        reason: expect.stringMatching(/^the policy can't be used, so selfheal takes no action: .*did you mean stop-start-instance\?$/),
      });
      expect(asked(stage)).toEqual([]);
      expect(stage.logged().filter(({ message }) => message === 'policy not usable')).toMatchObject([{ level: 'ERROR' }]);
    }),
  );
});
