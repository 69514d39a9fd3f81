import {
  ChangeResourceRecordSetsCommand,
  ChangeTagsForResourceCommand,
  CreateHostedZoneCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  ListTagsForResourceCommand,
  paginateListHostedZones,
  type ResourceRecordSet,
  Route53Client,
  TestDNSAnswerCommand,
  waitUntilResourceRecordSetsChanged,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLocalAws, type LocalAws } from '../src/local-aws.ts';
import { bypassHttp } from '../src/wire/client-bypass.ts';
import { inProcess } from '../src/wire/in-process-transport.ts';
import { refusal, worldOptions } from './harness.ts';

const settings = { region: 'us-east-1', credentials: { accessKeyId: 'TESTKEY', secretAccessKey: 'secret' }, maxAttempts: 1 };

let aws: LocalAws;
let client: Route53Client;
beforeEach(() => {
  aws = createLocalAws(worldOptions);
  client = new Route53Client({ ...settings, requestHandler: inProcess(aws.handle) });
});
afterEach(() => aws.close());

const cname = (Name: string, Value = 'target.example.net.', more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name,
  Type: 'CNAME',
  TTL: 300,
  ResourceRecords: [{ Value }],
  ...more,
});
const change = (HostedZoneId: string, Action: 'CREATE' | 'DELETE' | 'UPSERT', ...sets: ResourceRecordSet[]) =>
  client.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId,
      ChangeBatch: { Changes: sets.map((ResourceRecordSet) => ({ Action, ResourceRecordSet })) },
    }),
  );
const records = async (HostedZoneId: string, more: Partial<ListResourceRecordSetsCommandInput> = {}) =>
  client.send(new ListResourceRecordSetsCommand({ HostedZoneId, ...more }));
const pass = (seconds: number) => aws.advanceTo(aws.world.clock.now() + seconds * 1000);

// https://docs.aws.amazon.com/Route53/latest/APIReference/
describe('a hosted zone', () => {
  test('is created with its name servers, and described', async () => {
    const input = { Name: 'Shop.example', CallerReference: 'once', HostedZoneConfig: { Comment: 'of <the> "shop" & co' } };
    const made = await client.send(new CreateHostedZoneCommand(input));
    expect(made.Location).toMatch(/hostedzone\/Z0/);
    const found = await client.send(new GetHostedZoneCommand({ Id: made.HostedZone?.Id }));
    expect(found.HostedZone).toMatchObject({
      Name: 'shop.example.',
      ResourceRecordSetCount: 2,
      Config: { PrivateZone: false, Comment: 'of <the> "shop" & co' },
    });
    expect(found.DelegationSet?.NameServers).toHaveLength(4);
    expect(found.DelegationSet).toEqual(made.DelegationSet);
    expect(aws.route53.resolve('shop.example', 'NS')).toEqual(made.DelegationSet?.NameServers?.map((one) => `${one}.`));
    expect(await refusal(client.send(new CreateHostedZoneCommand(input)))).toMatchObject({ code: 'HostedZoneAlreadyExists', status: 409 });
  });

  test('is listed page by page, and by name', async () => {
    for (const name of ['b.example', 'a.example', 'a.test', 'x.a.example']) aws.route53.place({ name });
    const pages: (string | undefined)[][] = [];
    for await (const { HostedZones = [] } of paginateListHostedZones({ client, pageSize: 3 }, {}))
      pages.push(HostedZones.map(({ Name }) => Name));
    expect(pages).toEqual([['b.example.', 'a.example.', 'a.test.'], ['x.a.example.']]);
    const first = await client.send(new ListHostedZonesByNameCommand({ DNSName: 'a.example', MaxItems: 2 }));
    expect(first.HostedZones?.map(({ Name }) => Name)).toEqual(['a.example.', 'x.a.example.']);
    expect(first).toMatchObject({ IsTruncated: true, NextDNSName: 'b.example.' });
  });

  test('has tags', async () => {
    const of = { ResourceType: 'hostedzone' as const, ResourceId: aws.route53.place({ name: 'shop.example' }) };
    const tag = (AddTags: object[], RemoveTagKeys?: string[]) =>
      client.send(new ChangeTagsForResourceCommand({ ...of, AddTags, ...(RemoveTagKeys ? { RemoveTagKeys } : {}) }));
    await tag([
      { Key: 'team', Value: 'web' },
      { Key: 'old', Value: '' },
    ]);
    await tag([{ Key: 'selfheal', Value: 'on' }], ['old']);
    const { ResourceTagSet } = await client.send(new ListTagsForResourceCommand(of));
    expect(ResourceTagSet?.Tags).toEqual([
      { Key: 'team', Value: 'web' },
      { Key: 'selfheal', Value: 'on' },
    ]);
  });

  test('is not found by another id', async () => {
    const expected = { code: 'NoSuchHostedZone', status: 404, message: 'No hosted zone found with ID: Z0NONE' };
    expect(await refusal(client.send(new GetHostedZoneCommand({ Id: 'Z0NONE' })))).toEqual(expected);
    expect(await refusal(records('Z0NONE'))).toEqual(expected);
    expect(await refusal(change('Z0NONE', 'UPSERT', cname('a.shop.example')))).toEqual(expected);
  });
});

describe('records', () => {
  let zone: string;
  beforeEach(() => {
    zone = aws.route53.place({ name: 'shop.example', id: 'Z0123456789ABCDEFGHIJ' });
  });

  test('are there at once, and answered for once the change is in sync', async () => {
    const { ChangeInfo } = await change(`/hostedzone/${zone}`, 'UPSERT', cname('_A1.shop.example'));
    expect(ChangeInfo).toMatchObject({ Status: 'PENDING', Id: expect.stringMatching(/^\/change\/C0/) });
    expect((await records(zone)).ResourceRecordSets?.slice(2)).toEqual([cname('_a1.shop.example.')]);
    expect(aws.route53.resolve('_a1.shop.example', 'CNAME')).toEqual([]);
    await pass(60);
    expect(aws.route53.resolve('_a1.shop.example', 'CNAME')).toEqual(['target.example.net.']);
    const waited = await waitUntilResourceRecordSetsChanged({ client, maxWaitTime: 5, minDelay: 1, maxDelay: 1 }, { Id: ChangeInfo?.Id });
    expect(waited.state).toBe('SUCCESS');
    expect(await refusal(client.send(new GetChangeCommand({ Id: 'C0NONE' })))).toMatchObject({ code: 'NoSuchChange', status: 404 });
  });

  test('are listed in the order of their labels from the right, page by page', async () => {
    await change(zone, 'CREATE', cname('*.shop.example'), cname('b.shop.example'), cname('z.a.shop.example'));
    const seen: string[] = [];
    let next: Partial<ListResourceRecordSetsCommandInput> = {};
    do {
      const page = await records(zone, { MaxItems: 2, ...next });
      seen.push(...(page.ResourceRecordSets ?? []).map(({ Name, Type }) => `${Name} ${Type}`), '-');
      next = page.IsTruncated ? { StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType } : {};
    } while (next.StartRecordName !== undefined);
    expect(seen).toEqual([
      'shop.example. NS',
      'shop.example. SOA',
      '-',
      '\\052.shop.example. CNAME',
      'z.a.shop.example. CNAME',
      '-',
      'b.shop.example. CNAME',
      '-',
    ]);
    await pass(60);
    expect(aws.route53.resolve('any.shop.example', 'CNAME')).toEqual(['target.example.net.']);
  });

  test.each<[string, 'CREATE' | 'DELETE' | 'UPSERT', ResourceRecordSet, string, string]>([
    [
      'that are there',
      'CREATE',
      cname('www.shop.example'),
      'InvalidChangeBatch',
      "[Tried to create resource record set [name='www.shop.example.', type='CNAME'] but it already exists]",
    ],
    [
      'that are not there',
      'DELETE',
      cname('api.shop.example'),
      'InvalidChangeBatch',
      "[Tried to delete resource record set [name='api.shop.example.', type='CNAME'] but it was not found]",
    ],
    [
      'with another value',
      'DELETE',
      cname('www.shop.example', 'other.example.'),
      'InvalidChangeBatch',
      "[Tried to delete resource record set [name='www.shop.example.', type='CNAME'] but the values provided do not match the current values]",
    ],
    [
      'of another zone',
      'UPSERT',
      cname('www.notshop.example'),
      'InvalidChangeBatch',
      '[RRSet with DNS name www.notshop.example. is not permitted in zone shop.example.]',
    ],
    [
      'of the zone itself',
      'UPSERT',
      cname('shop.example'),
      'InvalidChangeBatch',
      '[RRSet of type CNAME with DNS name shop.example. is not permitted at apex in zone shop.example.]',
    ],
    [
      'beside a CNAME',
      'UPSERT',
      { ...cname('www.shop.example', '192.0.2.1'), Type: 'A' },
      'InvalidChangeBatch',
      '[RRSet of type A with DNS name www.shop.example. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone shop.example.]',
    ],
    [
      'without a TTL',
      'UPSERT',
      cname('api.shop.example', 'x.', { TTL: undefined }),
      'InvalidInput',
      'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=UPSERT, Name=api.shop.example, Type=CNAME, SetIdentifier=null]',
    ],
  ])('%s: %s is refused in the words of AWS, and nothing of its batch is done', async (_, action, set, code, message) => {
    await change(zone, 'CREATE', cname('www.shop.example'));
    const batch = new ChangeResourceRecordSetsCommand({
      HostedZoneId: zone,
      ChangeBatch: {
        Changes: [
          { Action: 'UPSERT', ResourceRecordSet: cname('fine.shop.example') },
          { Action: action, ResourceRecordSet: set },
        ],
      },
    });
    expect(await refusal(client.send(batch))).toEqual({ code, message, status: 400 });
    expect((await records(zone)).ResourceRecordSets).toHaveLength(3);
  });

  test('go where somebody deletes them', async () => {
    await change(zone, 'CREATE', cname('www.shop.example'));
    await pass(60);
    aws.faults.inject({ fault: 'delete-record', target: 'shop.example', name: 'www.shop.example' });
    await pass(60);
    expect(aws.route53.resolve('www.shop.example', 'CNAME')).toEqual([]);
    expect((await records(zone)).ResourceRecordSets).toHaveLength(2);
    expect(() => aws.faults.inject({ fault: 'delete-record', target: zone, name: 'www.shop.example' })).toThrow(/no record/);
  });

  test('are not seen from outside where the delegation is wrong, although the zone answers', async () => {
    await change(zone, 'CREATE', cname('www.shop.example'));
    await pass(60);
    const id = aws.faults.inject({ fault: 'wrong-delegation', target: zone });
    expect(aws.route53.resolve('www.shop.example', 'CNAME')).toBeUndefined();
    expect(aws.route53.resolve('shop.example', 'NS')).toEqual(['ns1.elsewhere.example.', 'ns2.elsewhere.example.']);
    const ask = (RecordName: string) => client.send(new TestDNSAnswerCommand({ HostedZoneId: zone, RecordName, RecordType: 'CNAME' }));
    expect(await ask('www.shop.example')).toMatchObject({ ResponseCode: 'NOERROR', RecordData: ['target.example.net.'] });
    expect(await ask('none.shop.example')).toMatchObject({ ResponseCode: 'NXDOMAIN', RecordData: [] });
    aws.faults.end(id);
    expect(aws.route53.resolve('www.shop.example', 'CNAME')).toEqual(['target.example.net.']);
  });

  test('come with a client that takes the short way, too, whose ids keep their prefix', async () => {
    const short = bypassHttp(new Route53Client(settings), aws.handle);
    const { HostedZone } = await short.send(new GetHostedZoneCommand({ Id: `/hostedzone/${zone}` }));
    expect(HostedZone?.Name).toBe('shop.example.');
  });

  test.each(['<a><b></a>', '<a', 'text', '<a></a><b></b>', `${'<a>'.repeat(50)}`])('%s is no XML, and refused as such', async (body) => {
    const path = `/2013-04-01/hostedzone/${zone}/rrset`;
    const authorization = 'AWS4-HMAC-SHA256 Credential=KEY/20261120/us-east-1/route53/aws4_request';
    const answer = await aws.handle({ method: 'POST', path, query: '', headers: { authorization }, body });
    expect([answer.status, String(answer.body)]).toEqual([400, expect.stringContaining('<Code>MalformedXML</Code>')]);
  });
});
