import {
  ACMClient,
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ListTagsForCertificateCommand,
  paginateListCertificates,
  RemoveTagsFromCertificateCommand,
  RenewCertificateCommand,
  RequestCertificateCommand,
  type RequestCertificateCommandInput,
  ResendValidationEmailCommand,
  waitUntilCertificateValidated,
} from '@aws-sdk/client-acm';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EventBridgeEvent } from '../src/core/world.ts';
import { createLocalAws, type LocalAws } from '../src/local-aws.ts';
import { inProcess } from '../src/wire/in-process-transport.ts';
import { refusal, worldOptions } from './harness.ts';

const { start, region, account } = worldOptions;
const [minute, hour, day] = [60_000, 3_600_000, 24 * 3_600_000];
const arn = `arn:aws:acm:${region}:${account}:certificate/61f50cd4-45b9-4259-b049-d0a53682fa4b`;
const balancer = `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/app/web/0123456789abcdef`;

let aws: LocalAws;
let client: ACMClient;
let zone: string;
let events: EventBridgeEvent[];
beforeEach(() => {
  aws = createLocalAws(worldOptions);
  client = clientOf(ACMClient);
  zone = aws.route53.place({ name: 'shop.example' });
  events = [];
});
afterEach(() => aws.close());

const clientOf = <Client>(Client: new (settings: never) => Client): Client => {
  const credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'secret' };
  return new Client({ region, credentials, maxAttempts: 1, requestHandler: inProcess(aws.handle) } as never);
};
const advanceTo = (time: number): void => {
  aws.world.clock.advanceTo(time);
  for (const delivery of aws.world.outbox.splice(0)) if (delivery.to === 'eventbridge') events.push(delivery.event);
};
const pass = (milliseconds: number): void => advanceTo(aws.world.clock.now() + milliseconds);
const describeOne = async (CertificateArn = arn) => (await client.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate;
const request = async (input: Partial<RequestCertificateCommandInput> = {}): Promise<string> =>
  (await client.send(new RequestCertificateCommand({ DomainName: 'www.shop.example', ValidationMethod: 'DNS', ...input })))
    .CertificateArn ?? '';
const upsert = (record: { Name?: string | undefined; Type?: string | undefined; Value?: string | undefined }) =>
  clientOf(Route53Client).send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zone,
      ChangeBatch: {
        Changes: [
          {
            Action: 'UPSERT',
            ResourceRecordSet: { Name: record.Name, Type: 'CNAME', TTL: 300, ResourceRecords: [{ Value: record.Value }] },
          },
        ],
      },
    }),
  );
const told = (what: string) => events.filter((event) => event['detail-type'] === `ACM Certificate ${what}`);
/** One in use that is about to be renewed, its record there or not. */
const place = (daysLeft: number, hasRecord: boolean, more: Partial<Parameters<LocalAws['acm']['place']>[0]> = {}) => {
  const { Name, Value } = aws.acm.validationRecord('shop.example');
  if (hasRecord) zone = aws.route53.place({ name: 'shop.example', id: zone, records: [{ name: Name, type: 'CNAME', value: Value }] });
  const [issuedAt, notAfter] = [start - 100 * day, start + daysLeft * day];
  aws.acm.place({ arn, domain: 'shop.example', issuedAt, notAfter, inUseBy: [balancer], lives: true, ...more });
};

// https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
describe('a certificate that is requested', () => {
  test('is pending until the CNAME stands in the zone, and is issued then', async () => {
    const CertificateArn = await request({ SubjectAlternativeNames: ['*.www.shop.example'] });
    expect(await describeOne(CertificateArn)).toMatchObject({ Status: 'PENDING_VALIDATION', Type: 'AMAZON_ISSUED' });
    expect((await describeOne(CertificateArn))?.DomainValidationOptions?.[0]?.ResourceRecord).toBeUndefined();
    pass(10 * minute);
    const [own, wild] = (await describeOne(CertificateArn))?.DomainValidationOptions ?? [];
    expect(own).toMatchObject({
      DomainName: 'www.shop.example',
      ValidationStatus: 'PENDING_VALIDATION',
      ValidationMethod: 'DNS',
      ResourceRecord: {
        Name: expect.stringMatching(/^_[0-9a-f]{32}\.www\.shop\.example\.$/),
        Type: 'CNAME',
        Value: expect.stringMatching(/^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$/),
      },
    });
    expect(wild?.ResourceRecord).toEqual(own?.ResourceRecord);
    await upsert({ ...own?.ResourceRecord, Value: 'another.example.' });
    pass(10 * minute);
    expect((await describeOne(CertificateArn))?.Status).toBe('PENDING_VALIDATION');
    await upsert(own?.ResourceRecord ?? {});
    pass(3 * minute);
    const soon = { client, maxWaitTime: 5, minDelay: 1, maxDelay: 1 };
    expect((await waitUntilCertificateValidated(soon, { CertificateArn })).state).toBe('SUCCESS');
    const issued = await describeOne(CertificateArn);
    expect(issued?.DomainValidationOptions?.map(({ ValidationStatus }) => ValidationStatus)).toEqual(['SUCCESS', 'SUCCESS']);
    expect((issued?.NotAfter?.getTime() ?? 0) - (issued?.IssuedAt?.getTime() ?? 0)).toBe(198 * day);
    expect(told('Available')).toMatchObject([
      {
        source: 'aws.acm',
        resources: [CertificateArn],
        detail: { Action: 'ISSUANCE', CertificateType: 'AMAZON_ISSUED', CommonName: 'www.shop.example', DaysToExpiry: 198, InUse: false },
      },
    ]);
  });

  test('is the same one for the same idempotency token, and gives up after 72 hours', async () => {
    const one = await request({ IdempotencyToken: 'once' });
    expect(await request({ IdempotencyToken: 'once' })).toBe(one);
    expect(await request({ IdempotencyToken: 'once', DomainName: 'api.shop.example' })).not.toBe(one);
    pass(73 * hour);
    expect((await describeOne(one))?.Status).toBe('VALIDATION_TIMED_OUT');
  });

  test('is not validated where its zone is not delegated', async () => {
    const CertificateArn = await request();
    await upsert(aws.acm.validationRecord('www.shop.example'));
    const id = aws.faults.inject({ fault: 'wrong-delegation', target: 'shop.example' });
    pass(hour);
    expect((await describeOne(CertificateArn))?.Status).toBe('PENDING_VALIDATION');
    aws.faults.end(id);
    pass(3 * minute);
    expect((await describeOne(CertificateArn))?.Status).toBe('ISSUED');
  });
});

// https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html
describe('a certificate that ends', () => {
  test('is renewed without a word where it is in use and its record stands', async () => {
    place(61, true);
    pass(2 * day);
    expect(await describeOne()).toMatchObject({
      Status: 'ISSUED',
      NotAfter: new Date(start + day + 198 * day),
      RenewalEligibility: 'ELIGIBLE',
      RenewalSummary: { RenewalStatus: 'SUCCESS', UpdatedAt: new Date(start + day) },
    });
    pass(70 * day);
    expect(events.map((event) => [event['detail-type'], event.detail.Action])).toEqual([['ACM Certificate Available', 'RENEWAL']]);
  });

  test('waits for its record, tells of that from 45 days on, and is renewed once it is back', async () => {
    place(60, false);
    pass(minute);
    expect((await describeOne())?.RenewalSummary?.RenewalStatus).toBe('PENDING_AUTO_RENEWAL');
    pass(2 * hour);
    const pending = (await describeOne())?.RenewalSummary;
    expect(pending).toMatchObject({
      RenewalStatus: 'PENDING_VALIDATION',
      DomainValidationOptions: [{ ValidationStatus: 'PENDING_VALIDATION' }],
    });
    advanceTo(start + 47 * day);
    expect(told('Approaching Expiration').map(({ detail }) => detail.DaysToExpiry)).toEqual(Array.from({ length: 33 }, (_, i) => 45 - i));
    expect(told('Approaching Expiration')[0]).toMatchObject({ resources: [arn], detail: { CommonName: 'shop.example' } });
    expect(told('Renewal Action Required').map(({ detail }) => [detail.DaysToExpiry, detail.RenewalStatusReason])).toEqual([
      [45, 'PENDING_DOMAIN_VALIDATION'],
      [30, 'PENDING_DOMAIN_VALIDATION'],
      [15, 'PENDING_DOMAIN_VALIDATION'],
    ]);
    await upsert(pending?.DomainValidationOptions?.[0]?.ResourceRecord ?? {});
    pass(hour);
    expect((await describeOne())?.RenewalSummary?.RenewalStatus).toBe('SUCCESS');
    events = [];
    pass(20 * day);
    expect(events).toEqual([]);
  });

  test('expires where nobody restores its record', async () => {
    place(2, false);
    pass(3 * day);
    expect(await describeOne()).toMatchObject({
      Status: 'EXPIRED',
      RenewalEligibility: 'INELIGIBLE',
      RenewalSummary: { RenewalStatus: 'FAILED' },
    });
    expect(told('Approaching Expiration').map(({ detail }) => detail.DaysToExpiry)).toEqual([2, 1]);
    expect(told('Expired')).toMatchObject([
      { detail: { CertificateType: 'AMAZON_ISSUED', DomainValidationMethod: 'DNS', CertificateExpirationDate: '2026-11-22T12:00:00Z' } },
    ]);
  });

  test.each([
    ['imported', { type: 'IMPORTED' as const }, 0],
    ['not in use', { inUseBy: [] }, 1],
  ])('is not renewed where it is %s', async (_, more, expired) => {
    place(3, true, more);
    pass(4 * day);
    expect(await describeOne()).toMatchObject({ Status: 'EXPIRED', RenewalEligibility: 'INELIGIBLE' });
    expect((await describeOne())?.RenewalSummary).toBeUndefined();
    expect([told('Approaching Expiration').length, told('Expired').length]).toEqual([3, expired]);
  });

  test('fails to be renewed for a reason, until that is gone', async () => {
    place(50, true);
    const id = aws.faults.inject({ fault: 'fail-renewal', target: arn });
    pass(minute);
    expect((await describeOne())?.RenewalSummary).toMatchObject({ RenewalStatus: 'FAILED', RenewalStatusReason: 'CAA_ERROR' });
    pass(6 * day);
    expect(told('Renewal Action Required')).toMatchObject([{ detail: { RenewalStatusReason: 'CAA_ERROR' } }]);
    aws.faults.end(id);
    pass(hour);
    expect((await describeOne())?.RenewalSummary?.RenewalStatus).toBe('SUCCESS');
    expect(() => aws.faults.inject({ fault: 'fail-renewal', target: 'arn:none' })).toThrow(RangeError);
  });

  test('stays as it is where nobody has said that it lives', () => {
    place(2, false, { lives: false });
    pass(3 * day);
    expect(events).toEqual([]);
  });

  test('has its days to expiry as a metric twice a day, also of times in the past', async () => {
    place(61, true);
    pass(3 * day);
    const metric = {
      Namespace: 'AWS/CertificateManager',
      MetricName: 'DaysToExpiry',
      Dimensions: [{ Name: 'CertificateArn', Value: arn }],
    };
    const { MetricDataResults } = await clientOf(CloudWatchClient).send(
      new GetMetricDataCommand({
        StartTime: new Date(start),
        EndTime: new Date(start + 3 * day),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [{ Id: 'm', MetricStat: { Metric: metric, Period: 43_200, Stat: 'Minimum' } }],
      }),
    );
    expect(MetricDataResults?.[0]?.Values).toEqual([60, 60, 197, 197, 196, 196]);
  });
});

describe('certificates', () => {
  test('are listed page by page and by status, and deleted unless they are in use', async () => {
    place(100, true);
    const others: string[] = [];
    for (let i = 0; i < 4; i++) others.push(await request({ DomainName: `n${i}.shop.example` }));
    const pages: (string | undefined)[][] = [];
    for await (const { CertificateSummaryList = [] } of paginateListCertificates({ client, pageSize: 3 }, {}))
      pages.push(CertificateSummaryList.map(({ CertificateArn }) => CertificateArn));
    expect(pages).toEqual([[arn, ...others.slice(0, 2)], others.slice(2)]);
    const issued: unknown[] = [];
    for await (const { CertificateSummaryList = [] } of paginateListCertificates({ client }, { CertificateStatuses: ['ISSUED'] }))
      issued.push(...CertificateSummaryList);
    expect(issued).toMatchObject([
      { CertificateArn: arn, InUse: true, Status: 'ISSUED', Type: 'AMAZON_ISSUED', DomainName: 'shop.example' },
    ]);
    const remove = (CertificateArn: string) => client.send(new DeleteCertificateCommand({ CertificateArn }));
    expect(await refusal(remove(arn))).toMatchObject({ code: 'ResourceInUseException', status: 400 });
    aws.acm.use(arn, []);
    await remove(arn);
    expect(await refusal(describeOne())).toMatchObject({ code: 'ResourceNotFoundException' });
  });

  test('have tags', async () => {
    const CertificateArn = await request({ Tags: [{ Key: 'selfheal', Value: 'on' }] });
    await client.send(new AddTagsToCertificateCommand({ CertificateArn, Tags: [{ Key: 'team', Value: 'web' }] }));
    const tags = async () => (await client.send(new ListTagsForCertificateCommand({ CertificateArn }))).Tags;
    expect(await tags()).toEqual([
      { Key: 'selfheal', Value: 'on' },
      { Key: 'team', Value: 'web' },
    ]);
    await client.send(new RemoveTagsFromCertificateCommand({ CertificateArn, Tags: [{ Key: 'team' }] }));
    expect(await tags()).toEqual([{ Key: 'selfheal', Value: 'on' }]);
    const bad = new AddTagsToCertificateCommand({ CertificateArn, Tags: [{ Key: 'aws:x', Value: '' }] });
    expect(await refusal(client.send(bad))).toMatchObject({ code: 'InvalidTagException' });
  });

  test('of a private authority are issued at once, and renewed on demand if they have been exported', async () => {
    const CertificateAuthorityArn = `arn:aws:acm-pca:${region}:${account}:certificate-authority/1`;
    const CertificateArn = await request({ CertificateAuthorityArn });
    const renew = (CertificateArn: string) => client.send(new RenewCertificateCommand({ CertificateArn }));
    expect(await refusal(renew(CertificateArn))).toMatchObject({ code: 'RequestInProgressException' });
    pass(minute);
    expect(await describeOne(CertificateArn)).toMatchObject({ Status: 'ISSUED', Type: 'PRIVATE', CertificateAuthorityArn });
    expect(await refusal(renew(CertificateArn))).toMatchObject({ code: 'ValidationException' });
    place(30, false, { type: 'PRIVATE', exported: true, lives: false });
    await renew(arn);
    expect(await describeOne()).toMatchObject({
      NotAfter: new Date(aws.world.clock.now() + 198 * day),
      RenewalSummary: { RenewalStatus: 'SUCCESS' },
    });
  });

  test('that are validated by email have one sent again', async () => {
    const CertificateArn = await request({ ValidationMethod: 'EMAIL' });
    const resend = (input: object) =>
      client.send(
        new ResendValidationEmailCommand({ CertificateArn, Domain: 'www.shop.example', ValidationDomain: 'shop.example', ...input }),
      );
    await resend({});
    expect(await refusal(resend({ ValidationDomain: 'other.example' }))).toMatchObject({ code: 'InvalidDomainValidationOptionsException' });
    place(100, true);
    expect(await refusal(resend({ CertificateArn: arn }))).toMatchObject({ code: 'InvalidStateException' });
  });

  test.each<[string, Partial<RequestCertificateCommandInput>, string]>([
    ['no domain', { DomainName: 'shop' }, 'ValidationException'],
    ['another validation', { ValidationMethod: 'HTTP' }, 'InvalidParameterException'],
    ['reserved tags', { Tags: [{ Key: 'aws:x', Value: 'y' }] }, 'InvalidTagException'],
  ])('with %s are refused', async (_, input, code) => {
    expect(await refusal(request(input))).toMatchObject({ code, status: 400 });
  });
});
