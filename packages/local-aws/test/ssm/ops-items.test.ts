import {
  CreateOpsItemCommand,
  type CreateOpsItemCommandInput,
  DescribeOpsItemsCommand,
  GetOpsItemCommand,
  UpdateOpsItemCommand,
} from '@aws-sdk/client-ssm';
import { describe, expect, test } from '@jest/globals';
import { createWorld } from '../../src/core/world.ts';
import { createEc2 } from '../../src/services/ec2/index.ts';
import { createSsm } from '../../src/services/ssm/index.ts';
import { createGateway } from '../../src/wire/gateway.ts';
import { localClients, refusal, worldOptions } from '../harness.ts';

const setUp = () => {
  const world = createWorld(worldOptions);
  return localClients(createGateway(world, [createSsm(world, createEc2(world)).service]).handle).ssm;
};

const text = (Value: string) => ({ Type: 'SearchableString' as const, Value });
const dedup = (dedupString: string) => ({ '/aws/dedup': text(JSON.stringify({ dedupString })) });
const create = (more: Partial<CreateOpsItemCommandInput> = {}) =>
  new CreateOpsItemCommand({ Title: 'web is down', Description: 'it does not answer', Source: 'shop', ...more });

// https://docs.aws.amazon.com/systems-manager/latest/userguide/OpsCenter-working-deduplication.html
describe('items of OpsCenter', () => {
  test('are open when made, and can be read and changed', async () => {
    const ssm = setUp();
    const { OpsItemId, OpsItemArn } = await ssm.send(create({ Severity: '1', OperationalData: { note: { Type: 'String', Value: 'a' } } }));
    expect(OpsItemId).toMatch(/^oi-[0-9a-f]{12}$/);
    expect(OpsItemArn).toContain(`:opsitem/${OpsItemId}`);
    await ssm.send(new UpdateOpsItemCommand({ OpsItemId, Status: 'Resolved', OperationalData: { more: text('b') } }));
    const { OpsItem } = await ssm.send(new GetOpsItemCommand({ OpsItemId }));
    expect(OpsItem).toMatchObject({ Title: 'web is down', Source: 'shop', Status: 'Resolved', Severity: '1', Version: '2' });
    expect(OpsItem?.OperationalData).toEqual({ note: { Type: 'String', Value: 'a' }, more: text('b') });
  });

  test('are made once while they are open or in progress, by their deduplication string and source', async () => {
    const ssm = setUp();
    const one = create({ OperationalData: dedup('1') });
    const { OpsItemId } = await ssm.send(one);
    expect((await refusal(ssm.send(one))).code).toBe('OpsItemAlreadyExistsException');
    await ssm.send(new UpdateOpsItemCommand({ OpsItemId, Status: 'InProgress' }));
    expect((await refusal(ssm.send(one))).code).toBe('OpsItemAlreadyExistsException');
    await ssm.send(create({ OperationalData: dedup('2') }));
    await ssm.send(create({ OperationalData: dedup('1'), Source: 'other' }));
    await ssm.send(new UpdateOpsItemCommand({ OpsItemId, Status: 'Resolved' }));
    expect((await ssm.send(one)).OpsItemId).not.toBe(OpsItemId);
  });

  test('are found by what is searchable of them, page by page', async () => {
    const ssm = setUp();
    const ids: (string | undefined)[] = [];
    for (const value of ['a', 'a', 'b']) ids.push((await ssm.send(create({ OperationalData: { key: text(value) } }))).OpsItemId);
    await ssm.send(create({ OperationalData: { key: { Type: 'String', Value: 'a' } } }));
    const OpsItemFilters = [{ Key: 'OperationalData' as const, Operator: 'Equal' as const, Values: ['{"key":"key","value":"a"}'] }];
    const first = await ssm.send(new DescribeOpsItemsCommand({ OpsItemFilters, MaxResults: 1 }));
    const second = await ssm.send(new DescribeOpsItemsCommand({ OpsItemFilters, MaxResults: 1, NextToken: first.NextToken }));
    expect([first, second].flatMap(({ OpsItemSummaries = [] }) => OpsItemSummaries.map(({ OpsItemId }) => OpsItemId))).toEqual(
      ids.slice(0, 2),
    );
    expect(second.NextToken).toBeUndefined();
    const open = { Key: 'Status' as const, Operator: 'Equal' as const, Values: ['Resolved'] };
    expect((await ssm.send(new DescribeOpsItemsCommand({ OpsItemFilters: [...OpsItemFilters, open] }))).OpsItemSummaries).toEqual([]);
  });

  test.each<[string, Partial<CreateOpsItemCommandInput>, string]>([
    ['a source of AWS', { Source: 'aws.ec2' }, 'OpsItemInvalidParameterException'],
    ['a reserved key', { OperationalData: { '/aws/other': text('a') } }, 'OpsItemInvalidParameterException'],
    ['resources that are none', { OperationalData: { '/aws/resources': text('["i-1"]') } }, 'OpsItemInvalidParameterException'],
    ['data that is too long', { OperationalData: { key: text('x'.repeat(20 * 1024 + 1)) } }, 'OpsItemInvalidParameterException'],
    ['a title that is too long', { Title: 'x'.repeat(1025) }, 'ValidationException'],
    ['a priority that there is not', { Priority: 6 }, 'OpsItemInvalidParameterException'],
  ])('are refused with %s', async (_, more, name) => {
    expect((await refusal(setUp().send(create(more)))).code).toBe(name);
  });

  test('are refused where there are none, with a status of something else, and with another deduplication string', async () => {
    const ssm = setUp();
    expect((await refusal(ssm.send(new GetOpsItemCommand({ OpsItemId: 'oi-0123456789ab' })))).code).toBe('OpsItemNotFoundException');
    const { OpsItemId } = await ssm.send(create());
    expect((await refusal(ssm.send(new UpdateOpsItemCommand({ OpsItemId, Status: 'Approved' })))).code).toBe(
      'OpsItemInvalidParameterException',
    );
    expect((await refusal(ssm.send(new UpdateOpsItemCommand({ OpsItemId, OperationalData: dedup('1') })))).code).toBe(
      'OpsItemInvalidParameterException',
    );
    const OpsItemFilters = [{ Key: 'Status' as const, Operator: 'Contains' as const, Values: ['Open'] }];
    expect((await refusal(ssm.send(new DescribeOpsItemsCommand({ OpsItemFilters })))).code).toBe('OpsItemInvalidParameterException');
  });
});
