import type * as Sdk from '@aws-sdk/client-acm';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { page } from '../../wire/protocol/pages.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';
import { type Certificate, isEligible, newCertificate, statusOf } from './model/certificate.ts';
import { describeCertificate, summaryOf } from './model/described.ts';
import type { Lifecycle } from './model/lifecycle.ts';

type Out<Output> = Omit<Output, '$metadata'>;

const hour = 3_600_000;
const mostTags = 50;
const domainName = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/i;

const checkedTags = (tags: readonly Sdk.Tag[] = []): [string, string][] =>
  tags.map(({ Key = '', Value = '' }) => {
    if (Key === '' || Key.length > 128 || Value.length > 256 || /^aws:/i.test(Key))
      throw new AwsError('InvalidTagException', `The tag ${Key.slice(0, 128)} is not valid.`);
    return [Key, Value];
  });

export const certificateOperations = (
  world: World,
  { all, lifecycle }: { all: Map<string, Certificate>; lifecycle: Lifecycle },
): Service['operations'] => {
  const { clock } = world;
  const random = world.random.fork('acm');
  const requested = new Map<string, { at: number; request: string; arn: string }>();

  const expect = (arn = ''): Certificate => {
    if (!/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(arn))
      throw new AwsError('InvalidArnException', `The provided ARN is not valid: ${arn.slice(0, 100)}`);
    const found = all.get(arn);
    if (!found) throw new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
    return found;
  };

  const tag = (certificate: Certificate, added: readonly [string, string][]): void => {
    const tags = new Map([...certificate.tags, ...added]);
    if (tags.size > mostTags) throw new AwsError('TooManyTagsException', `A certificate can have ${mostTags} tags.`);
    certificate.tags = tags;
  };

  const request = (input: Sdk.RequestCertificateCommandInput): Out<Sdk.RequestCertificateCommandOutput> => {
    const { DomainName = '', SubjectAlternativeNames = [], ValidationMethod = 'EMAIL', IdempotencyToken, CertificateAuthorityArn } = input;
    const names = [...new Set([DomainName, ...SubjectAlternativeNames].map((name) => name.toLowerCase()))];
    const wrong = names.find((name) => !domainName.test(name));
    if (wrong !== undefined)
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${wrong.slice(0, 255)}' at 'domainName' failed to satisfy constraint`,
      );
    if (ValidationMethod !== 'DNS' && ValidationMethod !== 'EMAIL')
      throw new AwsError(
        'InvalidParameterException',
        `The local AWS validates by DNS and EMAIL, and not by ${String(ValidationMethod).slice(0, 50)}.`,
      );
    const asked = JSON.stringify([names, ValidationMethod, CertificateAuthorityArn]);
    const before = IdempotencyToken === undefined ? undefined : requested.get(IdempotencyToken);
    if (before && before.request === asked && before.at > clock.now() - hour) return { CertificateArn: before.arn };
    const isPrivate = CertificateAuthorityArn !== undefined;
    const certificate = newCertificate(
      {
        arn: world.arn('acm', `certificate/${random.uuid()}`),
        names,
        type: isPrivate ? 'PRIVATE' : 'AMAZON_ISSUED',
        method: isPrivate ? null : ValidationMethod,
        authorityArn: CertificateAuthorityArn ?? null,
        createdAt: clock.now(),
      },
      null,
    );
    tag(certificate, checkedTags(input.Tags));
    all.set(certificate.arn, certificate);
    if (IdempotencyToken !== undefined) requested.set(IdempotencyToken, { at: clock.now(), request: asked, arn: certificate.arn });
    clock.after(1000, () => lifecycle.validate(certificate));
    return { CertificateArn: certificate.arn };
  };

  const list = (input: Sdk.ListCertificatesCommandInput): Out<Sdk.ListCertificatesCommandOutput> => {
    const { CertificateStatuses: statuses, MaxItems = 1000, NextToken, SortBy, SortOrder } = input;
    if (!Number.isInteger(MaxItems) || MaxItems < 1 || MaxItems > 1000)
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${MaxItems}' at 'maxItems' failed to satisfy constraint`,
      );
    if ((SortBy === undefined) !== (SortOrder === undefined))
      throw new AwsError('InvalidArgsException', 'SortBy and SortOrder need each other.');
    const found = [...all.values()].filter((one) => !statuses || statuses.includes(statusOf(one, clock.now())));
    if (SortBy) found.sort((a, b) => (SortOrder === 'DESCENDING' ? b.createdAt - a.createdAt : a.createdAt - b.createdAt));
    const { items, next } = page(found, MaxItems, NextToken, { statuses, SortOrder });
    return { CertificateSummaryList: items.map((one) => summaryOf(world, one)), ...(next === undefined ? {} : { NextToken: next }) };
  };

  return {
    RequestCertificate: operation<Sdk.RequestCertificateCommandInput, Sdk.RequestCertificateCommandOutput>(
      () => sdk.acm().RequestCertificate$,
      request,
    ),
    DescribeCertificate: operation<Sdk.DescribeCertificateCommandInput, Sdk.DescribeCertificateCommandOutput>(
      () => sdk.acm().DescribeCertificate$,
      ({ CertificateArn }) => ({ Certificate: describeCertificate(world, expect(CertificateArn)) }),
    ),
    ListCertificates: operation<Sdk.ListCertificatesCommandInput, Sdk.ListCertificatesCommandOutput>(
      () => sdk.acm().ListCertificates$,
      list,
    ),
    DeleteCertificate: operation<Sdk.DeleteCertificateCommandInput, Sdk.DeleteCertificateCommandOutput>(
      () => sdk.acm().DeleteCertificate$,
      ({ CertificateArn }) => {
        const { arn, inUseBy } = expect(CertificateArn);
        if (inUseBy.length > 0) throw new AwsError('ResourceInUseException', `Certificate ${arn} is in use.`);
        all.delete(arn);
        return {};
      },
    ),
    /** "Renews an eligible ACM certificate": private ones that have been exported. */
    RenewCertificate: operation<Sdk.RenewCertificateCommandInput, Sdk.RenewCertificateCommandOutput>(
      () => sdk.acm().RenewCertificate$,
      ({ CertificateArn }) => {
        const certificate = expect(CertificateArn);
        if (certificate.issuedAt === null)
          throw new AwsError('RequestInProgressException', `Certificate ${certificate.arn} has not been issued yet.`);
        if (certificate.type !== 'PRIVATE' || !certificate.exported || !isEligible(certificate, clock.now()))
          throw new AwsError('ValidationException', `Certificate ${certificate.arn} is not eligible for renewal.`);
        certificate.renewal = { status: 'SUCCESS', updatedAt: clock.now() };
        lifecycle.issue(certificate, 'RENEWAL');
        return {};
      },
    ),
    ResendValidationEmail: operation<Sdk.ResendValidationEmailCommandInput, Sdk.ResendValidationEmailCommandOutput>(
      () => sdk.acm().ResendValidationEmail$,
      ({ CertificateArn, Domain = '', ValidationDomain = '' }) => {
        const certificate = expect(CertificateArn);
        const isWaiting = certificate.issuedAt === null || certificate.renewal?.status === 'PENDING_VALIDATION';
        if (certificate.method !== 'EMAIL' || !isWaiting)
          throw new AwsError('InvalidStateException', `Certificate ${certificate.arn} does not wait for a validation by email.`);
        if (!certificate.names.includes(Domain) || !(Domain === ValidationDomain || Domain.endsWith(`.${ValidationDomain}`)))
          throw new AwsError(
            'InvalidDomainValidationOptionsException',
            `${Domain.slice(0, 255)} is not validated by ${ValidationDomain.slice(0, 255)}.`,
          );
        world.emit({ type: 'note', at: clock.now(), text: `a validation email for ${Domain} was sent to ${ValidationDomain}` });
        return {};
      },
    ),
    AddTagsToCertificate: operation<Sdk.AddTagsToCertificateCommandInput, Sdk.AddTagsToCertificateCommandOutput>(
      () => sdk.acm().AddTagsToCertificate$,
      ({ CertificateArn, Tags }) => {
        tag(expect(CertificateArn), checkedTags(Tags));
        return {};
      },
    ),
    RemoveTagsFromCertificate: operation<Sdk.RemoveTagsFromCertificateCommandInput, Sdk.RemoveTagsFromCertificateCommandOutput>(
      () => sdk.acm().RemoveTagsFromCertificate$,
      ({ CertificateArn, Tags = [] }) => {
        const certificate = expect(CertificateArn);
        const goes = ([key, value]: [string, string]) =>
          Tags.some(({ Key, Value }) => Key === key && (Value === undefined || Value === value));
        certificate.tags = new Map([...certificate.tags].filter((one) => !goes(one)));
        return {};
      },
    ),
    ListTagsForCertificate: operation<Sdk.ListTagsForCertificateCommandInput, Sdk.ListTagsForCertificateCommandOutput>(
      () => sdk.acm().ListTagsForCertificate$,
      ({ CertificateArn }) => ({ Tags: [...expect(CertificateArn).tags].map(([Key, Value]) => ({ Key, Value })) }),
    ),
  };
};
