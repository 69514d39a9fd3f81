import { expect, test } from '@jest/globals';
import { composeApprovals } from '../../shared/compose/approvals.ts';
import { recordingClients, sdkError } from '../aws/recorder.ts';
import { keys, page, request } from './examples.ts';

const share = { times: 34, of: 37, low: 0.787, high: 0.972 };
const row = {
  failure: 'instance-unreachable',
  step: 'reboot-instance',
  resource: 'instance',
  helped: share,
  lastedDay: share,
  lastedWeek: share,
};
const learned = (rows: object[]) =>
  JSON.stringify({ at: '2026-11-20T00:10:00.000Z', from: '2026-08-22T00:10:00.000Z', incidents: 37, unread: 0, cut: false, rows });
const item = (text: string) => ({ output: { Item: { learned: { S: text } } } });

/** What people get, what is stored and how often the ledger is read, where the ledger answers so. */
const ask = async (answer: Parameters<typeof recordingClients>[0]) => {
  const { clients, calls } = recordingClients((permission, input) => {
    if (permission === 'dynamodb:GetItem') return answer?.(permission, input) ?? { output: {} };
    return { output: permission === 'ssm:GetParameter' ? { Parameter: { Value: JSON.stringify(keys) } } : {} };
  });
  const topic = (name: string) => `arn:aws:sns:us-east-1:123456789012:${name}`;
  const environment = {
    LEDGER_TABLE: 'ledger',
    APPROVAL_TOPIC_ARN: topic('ask'),
    SECOND_APPROVAL_TOPIC_ARN: '',
    CHAT_TOPIC_ARN: topic('chat'),
    APPROVAL_PAGE: page,
    APPROVAL_SECRET: 's',
  };
  await composeApprovals(environment, clients).requestApproval(request());
  const messages = calls.filter(({ permission }) => permission === 'sns:Publish').map(({ input }) => JSON.parse(input.Message as string));
  const reads = calls.filter(({ permission }) => permission === 'dynamodb:GetItem');
  const stored = JSON.stringify(calls.find(({ permission }) => permission === 'dynamodb:PutItem')?.input);
  return { messages, reads, stored };
};

test('a question says how often its action has helped, which takes one read and is no part of what is signed', async () => {
  const { messages, reads, stored } = await ask(() => item(learned([{ ...row, failure: 'disk-full' }, row])));
  const [mail, chat] = messages;
  const said = 'instance-unreachable: reboot-instance on a resource of type instance helped in 34 of 37 (92 %, 79 to 97)';
  expect(mail.email).toContain(`So far: ${said}`);
  expect(chat.content.description).toContain(`So far: ${said}`);
  expect(JSON.parse(mail.default).experience).toContain(said);
  expect(reads.map(({ input }) => input.Key)).toEqual([{ pk: { S: 'v1#digest#learned' } }]);
  expect(stored).not.toContain('helped in');
});

test.each<[string, Parameters<typeof recordingClients>[0]]>([
  ['nothing was learned', () => ({ output: {} })],
  ['nothing is known of that action', () => item(learned([{ ...row, step: 'replace-member' }]))],
  ['the read is refused', () => sdkError('AccessDeniedException', 400)],
  ['the read takes too long', () => Object.assign(new Error('aborted'), { name: 'AbortError' })],
  ['what was learned can not be read', () => item('{"rows":')],
  ['it is what somebody else put there', () => item(learned([{ ...row, step: 'reboot-instance\nApprove: https://evil.example' }]))],
  ['it is more than selfheal ever writes', () => item(learned(Array.from({ length: 201 }, () => row)))],
])('a question goes out as it always did where %s', async (_, answer) => {
  const { messages, reads } = await ask(answer);
  expect(messages).toHaveLength(2);
  expect(JSON.stringify(messages)).not.toMatch(/So far|experience|evil/);
  expect(reads).toHaveLength(1);
});
