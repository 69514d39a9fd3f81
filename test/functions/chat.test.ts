import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { deployedLedger } from '../../local/testbed/deployed.ts';
import { createApprovalStore } from '../../shared/approvals/store.ts';
import { createActs } from '../../shared/aws/acts.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { secretReference } from '../../shared/aws/secret.ts';
import { chatVariables } from '../../shared/compose/chat.ts';
import type { Approval } from '../../shared/model/approval.ts';
import { questionChat } from '../../shared/notifications/question.ts';
import { instanceId } from '../remediation/examples.ts';
import { asking, question } from './question.ts';
import { minute, type Stage, start, testVariables, withStage } from './stage.ts';

const channel = 'C0123CHAN';
const approval = (change: Parameters<typeof question>[1] = {}): Approval =>
  question('https://people.example.com/', {
    timeline: [{ at: '2026-03-02T09:00:00.000Z', phase: 'look', text: 'seen by <!channel> [x](http://evil.example)' }],
    ...change,
  });

/** The buttons under questions of an open incident; presses one with what its message has, or with what somebody wrote. */
const buttons = async (
  { aws, operator, load, context, table }: Stage,
  { questions = [approval()], variables = {}, kept = {} as { table?: string; secret?: string } } = {},
) => {
  const name = kept.table ?? table;
  if (kept.secret) aws.ssm.putParameter(secretReference(kept.secret), JSON.stringify({ current: 'k'.repeat(64) }));
  await createLedger(operator.dynamodb, name).open(asking, start);
  for (const question of questions) await createApprovalStore(operator.dynamodb, name).add(question);
  const handler = await load('chat', { CHAT_CHANNEL: channel, ...variables });
  return async (event: unknown): Promise<string> => ((await handler(event, context)) as { says: string }).says;
};

/** What a button under a message is given. */
const shownWith = (question: Approval) => questionChat(question).metadata.additionalContext.question;
const yes = { yes: shownWith(approval()) };

describe('the function chat', () => {
  testVariables('chat', chatVariables, {
    LEDGER_TABLE: async (stage) => {
      await stage.operator.dynamodb.send(new CreateTableCommand({ ...deployedLedger().table, TableName: 'another' }));
      const press = await buttons(stage, { variables: { LEDGER_TABLE: 'another' }, kept: { table: 'another' } });
      expect(await press(yes)).toBe(`approved: reboot instance ${instanceId}`);
    },
    APPROVAL_SECRET: async (stage) => {
      const press = await buttons(stage, { variables: { APPROVAL_SECRET: 'another-key' }, kept: { secret: 'another-key' } });
      expect(await press(yes)).toBe(`approved: reboot instance ${instanceId}`);
    },
    CHAT_CHANNEL: async (stage) => {
      const press = await buttons(stage, { variables: { CHAT_CHANNEL: 'C0OTHER' } });
      await press(yes);
      expect(JSON.stringify(stage.answers)).toContain('someone at the chat C0OTHER');
    },
  });

  test(
    'decides once, by the first press, and says where it was pressed',
    withStage(async (stage) => {
      const press = await buttons(stage);
      expect(await press({ no: yes.yes })).toBe(`rejected: reboot instance ${instanceId}`);
      expect(await press(yes)).toBe(`someone at the chat ${channel} said reject before`);
      expect(stage.answers).toMatchObject([
        { id: approval().callbackId, answer: { result: JSON.stringify({ decision: 'reject', by: `someone at the chat ${channel}` }) } },
      ]);
      expect(await createActs(stage.operator.dynamodb, stage.table).list(start, start + 90 * minute)).toMatchObject([
        { kind: 'reject', by: `the chat ${channel}`, incident: asking.key, done: true },
      ]);
    }),
  );

  test(
    'decides no question but the one under which the button stands, and none that is over',
    withStage(async (stage) => {
      const later = approval({ callbackId: 'bGF0ZXI=', expiresAt: start + 90 * minute, what: 'stop and start it' });
      const press = await buttons(stage, { questions: [approval(), later] });
      await stage.advanceTo(start + 61 * minute);
      expect(await press(yes)).toBe('it is too late: the incident no longer waits for it');
      expect(stage.answers).toEqual([]);
      expect(await press({ yes: shownWith(later) })).toBe('approved: stop and start it');
    }),
  );

  test(
    'answers nothing that two people have to agree to, and has no button for it',
    withStage(async (stage) => {
      const both = approval({ of: 'first' });
      expect(shownWith(both)).toBeUndefined();
      const press = await buttons(stage, { questions: [both] });
      for (const said of ['yes', 'no'])
        expect(await press({ [said]: yes.yes })).toBe('two people have to agree to this: each by the link that was sent to them');
      expect(stage.answers).toEqual([]);
    }),
  );

  test(
    'believes nothing that somebody writes by hand',
    withStage(async (stage) => {
      const press = await buttons(stage);
      const { id } = approval();
      for (const written of [id, `${asking.key}/0`, `${asking.key}/`, `../${asking.key}/1`, '$q', `${yes.yes} `, 'nobody-0/1'])
        expect(await press({ yes: written })).toBe('there is no such question');
      for (const event of [{ ...yes, no: yes.yes }, { yes: 'x'.repeat(101) }, { yes: { S: id } }, { show: 'A' }, {}, null, 'yes'])
        expect(await press(event)).toBe('not understood: use the buttons of the message');
      expect(stage.answers).toEqual([]);
    }),
  );

  test(
    'shows an incident, without what its names would do to a channel',
    withStage(async (stage) => {
      const press = await buttons(stage);
      const shown = await press({ show: asking.key });
      expect(shown).toMatch(/: open\n09:00:00 look: seen by/);
      expect(shown).not.toMatch(/<!channel>|\]\(http/);
      expect(await press({ show: 'nobody-0' })).toBe('there is no such incident any more');
    }),
  );
});
