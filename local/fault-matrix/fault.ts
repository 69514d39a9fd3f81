import type { Clock } from '#local-aws';
import { type Call, type Interceptor, Unanswered } from '#local-aws';
import { AwsError } from '#local-aws/errors';
import { hourMs } from '../../shared/model/duration.ts';

/**
 * Faulty responses of AWS.
 * - `denied`: 403 without effect, as with a missing permission.
 * - `server-error`: 5xx without effect.
 * - `hang`: no response and no effect, until the caller's timeout.
 * - `lost-answer`: it takes effect, and the connection is cut.
 * - `empty-answer`: it takes effect, and the response is empty.
 */
export const faults = ['denied', 'server-error', 'hang', 'lost-answer', 'empty-answer'] as const;
export type Fault = (typeof faults)[number];

/** `start`: from before the failure to the end. `first-change`: for an hour from selfheal's first change. */
export const phases = ['start', 'first-change'] as const;
export type Phase = (typeof phases)[number];

/**
 * How long a fault during a treatment lasts, in milliseconds, before AWS or people fix it. With a permanent one, nothing could be
 * completed.
 */
const outage = hourMs;

/** The clients' timeout, in milliseconds. */
const patience = 10_000;

/** How each service denies and fails a call. Codes as the services' API references list them under common errors. */
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

/** Whether a call's error leaves it uncertain if it took effect. */
export const isUncertain = (error: string): boolean => uncertain.has(error);

/** Services whose IAM name differs from the one on the wire. */
const services: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };
const operations: Readonly<Record<string, string>> = { 'lambda:Invoke': 'lambda:InvokeFunction' };

/** The IAM action of a call. */
export const nameOf = ({ service, operation }: Pick<Call, 'service' | 'operation'>): string => {
  const name = `${services[service] ?? service}:${operation}`;
  return operations[name] ?? name;
};

/** Whether any of selfheal's functions made a call. */
export const isOurs = (accessKey: string): boolean => accessKey.startsWith('selfheal');

/** Calls that change a resource, of services of which most calls change none. */
const changing: ReadonlySet<string> = new Set([
  'SendCommand',
  'UpdateAlias',
  'PutFunctionConcurrency',
  'StartMessageMoveTask',
  'CancelMessageMoveTask',
  'ChangeResourceRecordSets',
]);

/** Whether a call changes a managed resource. */
export const isChange = ({ service, operation, input }: { service: string; operation: string; input: unknown }): boolean =>
  (['ec2', 'autoscaling', 'rds', 'ecs'].includes(service) || changing.has(operation)) &&
  !/^(Describe|Get|List)/.test(operation) &&
  (input as { DryRun?: boolean }).DryRun !== true;

/** Makes one of selfheal's calls fail in one way. `window` is determined as the world runs. */
export const createFault = (name: string, fault: Fault, phase: Phase) => {
  let clock: Clock | undefined;
  let from = Number.POSITIVE_INFINITY;
  let hungUntil = Number.NEGATIVE_INFINITY;
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
      // What became due while another call hung has hung beside it.
      if (clock && clock.now() > hungUntil) {
        hungUntil = clock.now() + patience;
        clock.advanceTo(hungUntil);
      }
      throw new Unanswered();
    }
    // A dry run's only response is an error, which would arrive in any case.
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
