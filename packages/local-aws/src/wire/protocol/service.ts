import type { StaticOperationSchema } from '@smithy/types';

/** Who calls, and when, as a service's operation sees it. */
export type CallContext = {
  /** Simulated time, in milliseconds since the epoch. */
  now: number;
  requestId: string;
  /** 12 digits. */
  account: string;
  region: string;
  /** The access key of the signature: tells one caller from another in the call log and in CloudTrail. */
  accessKey: string;
  userAgent: string;
};

// The input and output types of an operation are the SDK's own; they differ for every operation, and the table of a service holds
// them side by side, which only `any` can express. `operation` below is where they are checked.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Run = (input: any, context: CallContext) => unknown;

export type Operation = {
  /** The operation's schema out of the SDK client, loaded when first asked for: what is read from the wire and written to it. */
  readonly schema: StaticOperationSchema;
  run: Run;
};

/**
 * Ties an operation's schema to what it does. `run` gets the input as the SDK client was given it and returns the output as the
 * client shall return it; it throws `AwsError` for what AWS refuses. It may return a promise.
 */
export const operation = <Input, Output>(
  loadSchema: () => StaticOperationSchema,
  run: (input: Input, context: CallContext) => Omit<Output, '$metadata'> | Promise<Omit<Output, '$metadata'>>,
): Operation => {
  let schema: StaticOperationSchema | undefined;
  return {
    get schema() {
      schema ??= loadSchema();
      return schema;
    },
    run,
  };
};

export type Protocol = 'ec2-query' | 'query' | 'json' | 'rest-json' | 'rest-xml';

/** One AWS service as the gateway sees it. */
export type Service = {
  /** The name that the signature's credential scope carries, e.g. `autoscaling`. */
  signingName: string;
  /** The protocols it speaks, the SDK's first. A request is matched by its form. */
  protocols: readonly Protocol[];
  /** `X-Amz-Target` prefix of the JSON protocols, e.g. `AmazonSSM`. */
  targetPrefix?: string;
  /** XML namespace of answers in XML. */
  xmlNamespace?: string;
  operations: Readonly<Record<string, Operation>>;
  /** The error code for a request without a required parameter; EC2 says `MissingParameter`, most others `ValidationError`. */
  missingParameter?: string;
};
