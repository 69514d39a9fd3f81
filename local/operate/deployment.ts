import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createApprovalStore } from '../../shared/approvals/store.ts';
import { createActs } from '../../shared/aws/acts.ts';
import { createClient } from '../../shared/aws/client.ts';
import { createDigests } from '../../shared/aws/digests.ts';
import { createIncidents } from '../../shared/aws/incident-archive.ts';
import { createLedger } from '../../shared/aws/ledger.ts';
import { createPast } from '../../shared/aws/past.ts';
import { errorMessage, errorName, SelfhealError, UsageError } from '../../shared/model/errors.ts';
import type { Io } from '../cli/command.ts';
import { remedyOf } from '../terminal/aws-remedy.ts';

/** The options that every command has which looks at a deployment. */
export const deploymentOptions = { stage: { type: 'string' }, json: { type: 'boolean', default: false } } as const;

/** What the help of each of them says about these and about the way to the account. */
export const deploymentHelp = `  --stage STAGE  the stage that is deployed (default: SELFHEAL_STAGE, or prod); local: the one in selfheal aws --deployed
  --json         JSON, one line for each thing shown`;
export const accountHelp = `Region, credentials and endpoint are those of the AWS CLI (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL).`;

/** The name of a stage, as it stands in the names of a deployment. */
const stageForm = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;

const endpointHint = 'npx selfheal aws --deployed --port 4566 serves it, and AWS_ENDPOINT_URL=http://127.0.0.1:4566 leads there';

/** The names of a stage's resources, as serverless.yml has them in `custom.names`. */
const namesOf = (stage: string) => ({
  ledger: `selfheal-${stage}-ledger`,
  killSwitch: `/selfheal/${stage}/switch`,
  approvalKey: `selfheal-${stage}-approval-key`,
});

const mustApprove = (call: string): boolean => /^lambda:|^secretsmanager:/.test(call);

/** A call that can't be made for lack of something that whoever calls can provide: what is wrong and what to do, in one line. */
export const awsProblem = (error: unknown, { stage, endpoint }: { stage: string; endpoint: string | undefined }): string | null => {
  const [name, said] = [errorName(error), errorMessage(error)];
  const { code, call, $metadata } = error as { code?: unknown; call?: unknown; $metadata?: unknown };
  const at = typeof call === 'string' ? call : 'the call';
  if (code === 'ECONNREFUSED' && endpoint !== undefined)
    return `nothing listens at ${endpoint}: ${stage === 'local' ? endpointHint : 'set AWS_ENDPOINT_URL to where AWS is, or unset it'}`;
  if (name === 'ResourceNotFoundException' && String(call).startsWith('dynamodb:'))
    return `there is no table ${namesOf(stage).ledger} in this account and region: --stage and AWS_REGION name another deployment`;
  if (name === 'ParameterNotFound')
    return `there is no parameter ${namesOf(stage).killSwitch} or secret ${namesOf(stage).approvalKey} in this account and region: --stage and AWS_REGION name another deployment`;
  if (/^(AccessDenied|UnauthorizedOperation|NotAuthorized)/.test(name))
    return `${at} is not allowed: the stack has a managed policy that allows it, selfheal-${stage}-${mustApprove(at) ? 'approver' : 'operator'}`;
  const remedy = remedyOf(error);
  if (remedy !== null) return remedy;
  return $metadata === undefined ? null : `${at} failed: ${name}: ${said}`;
};

/** The embedded AWS can't be asked. */
class UnreachableError extends SelfhealError {
  override readonly name = 'Unreachable';
  readonly code: string;
  constructor(message: string, code = 'ECONNREFUSED') {
    super(message);
    this.code = code;
  }
}

/** The time of an embedded AWS, which is not that of the machine; asked once, and then it goes on with the machine's at the least. */
const clockOf = async (endpoint: string): Promise<() => Promise<number>> => {
  const ask = async (): Promise<number> => {
    const answer = await fetch(`${endpoint.replace(/\/$/, '')}/_selfheal/clock`);
    return Date.parse(((await answer.json()) as { time: string }).time);
  };
  try {
    await ask();
  } catch (error) {
    const { cause = error } = error as { cause?: unknown };
    throw new UnreachableError(errorMessage(cause), (cause as { code?: string }).code);
  }
  return ask;
};

const open = async (stage: string, env: Io['env'], endpoint: string | undefined) => {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
  const inHand = accessKeyId && secretAccessKey && !env.AWS_PROFILE;
  const config = {
    // A person who calls is no part of selfheal's own treatment.
    userAgentAppId: 'selfheal-operator',
    ...(region ? { region } : {}),
    ...(endpoint ? { endpoint } : {}),
    ...(inHand ? { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } } : {}),
  };
  const names = namesOf(stage);
  const dynamodb = createClient(DynamoDBClient, { ...config, maxAttempts: 3 });
  return {
    stage,
    names,
    config,
    dynamodb,
    ssm: createClient(SSMClient, { ...config, maxAttempts: 3 }),
    ledger: createLedger(dynamodb, names.ledger),
    archive: createIncidents(dynamodb, names.ledger),
    past: createPast(dynamodb, names.ledger),
    digests: createDigests(dynamodb, names.ledger),
    acts: createActs(dynamodb, names.ledger),
    approvals: createApprovalStore(dynamodb, names.ledger),
    /** What is wrong with a call that failed, in one line; null where that isn't known. */
    problemOf: (error: unknown) => awsProblem(error, { stage, endpoint }),
    now: stage === 'local' && endpoint ? await clockOf(endpoint) : async () => Date.now(),
  };
};

/** A deployment as its operator sees it. */
export type Deployment = Awaited<ReturnType<typeof open>>;

/** Runs a command on a deployment; what can't be called becomes one line with the remedy. */
export const onDeployment = async <T>(given: string | undefined, io: Io, run: (deployment: Deployment) => Promise<T>): Promise<T> => {
  const stage = given ?? (io.env.SELFHEAL_STAGE || 'prod');
  if (!stageForm.test(stage)) throw new UsageError(`--stage must be the name of a stage, not ${JSON.stringify(stage.slice(0, 40))}`);
  const endpoint = io.env.AWS_ENDPOINT_URL || undefined;
  if (stage === 'local' && endpoint === undefined) throw new UsageError(`the stage local is on the embedded AWS: ${endpointHint}`);
  try {
    return await run(await open(stage, io.env, endpoint));
  } catch (error) {
    const problem = error instanceof UsageError ? null : awsProblem(error, { stage, endpoint });
    throw problem === null ? error : new UsageError(problem);
  }
};
