import type { Clock } from '#local-aws';
import { type Call, type Interceptor, Unanswered } from '#local-aws';
import { AwsError } from '#local-aws/errors';

/**
 * What AWS may answer instead of what it should.
 * - `denied`: 403, without effect, as where a permission is missing.
 * - `server-error`: 5xx, without effect.
 * - `hang`: no answer, without effect; the caller's patience ends.
 * - `lost-answer`: it takes effect, and the connection is cut.
 * - `empty-answer`: it takes effect, and the answer says nothing.
 */
export const faults = ['denied', 'server-error', 'hang', 'lost-answer', 'empty-answer'] as const;
export type Fault = (typeof faults)[number];

/** `start`: to the end, from before anything breaks. `first-change`: an hour, from the first change that selfheal makes on. */
export const phases = ['start', 'first-change'] as const;
export type Phase = (typeof phases)[number];

/** In milliseconds: what breaks half way is mended after this, by AWS or by people. For good, nobody could bring to its end what was begun. */
const outage = 3_600_000;

/** In milliseconds; as the clients are set up. */
const patience = 10_000;

/** How each service refuses a caller, and fails. Codes as the services' API references list them under common errors. */
const errors: Readonly<Record<string, { denied: [code: string, status: number]; failed: string }>> = {
  ec2: { denied: ['UnauthorizedOperation', 403], failed: 'InternalError' },
  sns: { denied: ['AuthorizationError', 403], failed: 'InternalError' },
  dynamodb: { denied: ['AccessDeniedException', 400], failed: 'InternalServerError' },
  ssm: { denied: ['AccessDeniedException', 400], failed: 'InternalServerError' },
  events: { denied: ['AccessDeniedException', 400], failed: 'InternalException' },
  kms: { denied: ['AccessDeniedException', 400], failed: 'KMSInternalException' },
  lambda: { denied: ['AccessDeniedException', 403], failed: 'ServiceException' },
  cloudtrail: { denied: ['AccessDeniedException', 400], failed: 'InternalFailure' },
};
const usual = { denied: ['AccessDenied', 403], failed: 'InternalFailure' } as const;

const uncertain = new Set(['TimeoutError', usual.failed, ...Object.values(errors).map(({ failed }) => failed)]);

/** Whether nobody can know from a call's error if it took effect. */
export const isUncertain = (error: string): boolean => uncertain.has(error);

/** Where the call's name in IAM isn't that of its service and operation on the wire. */
const services: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };
const operations: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };

/** A call by the name of the permission for it. */
export const nameOf = ({ service, operation }: Pick<Call, 'service' | 'operation'>): string => {
  const name = `${services[service] ?? service}:${operation}`;
  return operations[name] ?? name;
};

/** Whether a call is selfheal's own, whichever of its functions makes it. */
export const isOurs = (accessKey: string): boolean => accessKey.startsWith('selfheal');

/** Whether a call changes what selfheal looks after. */
export const isChange = ({ service, operation, input }: { service: string; operation: string; input: unknown }): boolean =>
  (service === 'ec2' || service === 'autoscaling') && !/^(Describe|Get)/.test(operation) && (input as { DryRun?: boolean }).DryRun !== true;

/** Lets one of selfheal's calls fail in one way. `window` becomes known as the world goes on. */
export const createFault = (name: string, fault: Fault, phase: Phase) => {
  let clock: Clock | undefined;
  let from = Number.POSITIVE_INFINITY;
  const strikes = (call: Call): boolean => {
    if (!clock || !isOurs(call.context.accessKey)) return false;
    const now = clock.now();
    if (phase === 'first-change' && from === Number.POSITIVE_INFINITY && isChange(call)) from = now;
    return nameOf(call) === name && now >= from && (phase === 'start' || now < from + outage);
  };
  const before = (call: Call): void => {
    if (!strikes(call)) return;
    const { denied, failed } = errors[call.service] ?? usual;
    if (fault === 'denied')
      throw new AwsError(
        denied[0],
        `User: arn:aws:sts::111122223333:assumed-role/selfheal is not authorized to perform: ${name}`,
        denied[1],
      );
    if (fault === 'server-error') throw new AwsError(failed, 'An internal error has occurred', 500);
    if (fault === 'hang') {
      clock?.advanceTo(clock.now() + patience);
      throw new Unanswered();
    }
    // A trial has no answer but an error, which would come in any case.
    if (fault === 'lost-answer' && call.input.DryRun === true) throw new Unanswered();
  };
  const after = (call: Call): 'lose' | 'empty' | undefined => {
    if (!strikes(call)) return undefined;
    return fault === 'lost-answer' ? 'lose' : fault === 'empty-answer' ? 'empty' : undefined;
  };
  return {
    interceptor: { before, after } satisfies Interceptor,
    /** The timeline begins. */
    begin: (of: Clock): void => {
      clock = of;
      if (phase === 'start') from = of.now();
    },
  };
};
