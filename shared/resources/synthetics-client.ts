import { LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { makeBuilder } from '@smithy/core/client';
import { getEndpointPlugin } from '@smithy/core/endpoints';
import { GetCanary$, GetCanaryRuns$ } from './synthetics-schemas.ts';

const endpointParameters = {
  UseFIPS: { type: 'builtInParams', name: 'useFipsEndpoint' },
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
  Region: { type: 'builtInParams', name: 'region' },
  UseDualStack: { type: 'builtInParams', name: 'useDualstackEndpoint' },
} as const;
const command = makeBuilder(endpointParameters, 'Synthetics', 'SyntheticsClient', getEndpointPlugin);

// The builder derives its types from a client's own, which don't exist here.
export class GetCanaryCommand extends command({}, () => [], 'GetCanary', GetCanary$) {}
export class GetCanaryRunsCommand extends command({}, () => [], 'GetCanaryRuns', GetCanaryRuns$) {}

const suffixOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');

/**
 * A minimal CloudWatch Synthetics client with two operations, because no current client is available from every registry. It reuses
 * Lambda's client, which has the same protocol, with another endpoint and signing name.
 */
export class SyntheticsClient extends LambdaClient {
  constructor(settings: LambdaClientConfig = {}) {
    super({
      ...settings,
      serviceId: 'synthetics',
      endpointProvider: ({ Endpoint, Region = '' }) => ({
        url: new URL(typeof Endpoint === 'string' ? Endpoint : `https://synthetics.${Region}.${suffixOf(Region)}`),
      }),
      httpAuthSchemeProvider: ({ region }) => [
        {
          schemeId: 'aws.auth#sigv4',
          signingProperties: { name: 'synthetics', region },
          propertiesExtractor: (config: object, context: object) => ({ signingProperties: { config, context } }),
        },
      ],
    });
    Object.assign(this.config, { defaultSigningName: 'synthetics' });
  }
}
