import type * as Sdk from '@aws-sdk/client-acm';
import type { World } from '../../core/world.ts';
import { AwsError } from '../../wire/protocol/errors.ts';
import { sdk } from '../../wire/protocol/sdk.ts';
import { operation, type Service } from '../../wire/protocol/service.ts';
import { type Certificates, describeCertificate } from './model.ts';

export const certificateOperations = (world: World, certificates: Certificates): Service['operations'] => ({
  DescribeCertificate: operation<Sdk.DescribeCertificateCommandInput, Sdk.DescribeCertificateCommandOutput>(
    () => sdk.acm().DescribeCertificate$,
    ({ CertificateArn: arn = '' }) => {
      if (!/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(arn))
        throw new AwsError('InvalidArnException', `The provided ARN is not valid: ${arn.slice(0, 100)}`);
      const found = certificates.get(arn);
      if (!found) throw new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
      return { Certificate: describeCertificate(found, world.clock.now()) };
    },
  ),
});
