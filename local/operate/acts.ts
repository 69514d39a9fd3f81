import { randomBytes } from 'node:crypto';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { RecordedAct } from '../../shared/aws/acts.ts';
import { createClient } from '../../shared/aws/client.ts';
import { type Act, longestBecause, nameInArn } from '../../shared/model/act.ts';
import { deciderOf } from '../../shared/model/approval.ts';
import { errorMessage, UsageError } from '../../shared/model/errors.ts';
import { plainLine } from '../../shared/model/text.ts';
import type { Deployment } from './deployment.ts';
import { minuteOf } from './minute.ts';

/** A reason as it is recorded: one line; null where none is given. */
export const becauseOf = (given: string | undefined): string | null => {
  if (given === undefined) return null;
  const text = plainLine(given, longestBecause);
  if (text === '') throw new UsageError('--because says nothing');
  if (given.trim().length > longestBecause) throw new UsageError(`--because may have ${longestBecause} characters`);
  return text;
};

/** Who calls, by the credentials in use. */
export const callerOf = async ({ config }: Deployment): Promise<string> => {
  const { Arn } = await createClient(STSClient, { ...config, maxAttempts: 3 }).send(new GetCallerIdentityCommand({}));
  if (!Arn) throw new UsageError('AWS does not say whose credentials these are, so nothing is done');
  return Arn;
};

/**
 * Does what a person asks for, after it is recorded who asked: what can't be recorded isn't done. Null from `run` means that it wasn't.
 * @throws {UsageError} if it can't be recorded
 */
export const actAs = async <T>(
  deployment: Deployment,
  asked: Pick<Act, 'kind' | 'what' | 'incident' | 'because'>,
  run: (act: Act) => Promise<T>,
): Promise<T> => {
  const [by, at] = [await callerOf(deployment), await deployment.now()];
  const act: Act = { id: `${at}-${randomBytes(6).toString('hex')}`, at, by, ...asked };
  try {
    await deployment.acts.note(act);
  } catch (error) {
    throw new UsageError(`nothing is done, because it can't be recorded: ${deployment.problemOf(error) ?? errorMessage(error)}`);
  }
  const result = await run(act);
  // It is done, whether or not that can be said.
  if (result !== null) await deployment.acts.noteDone(act.id).catch(() => {});
  return result;
};

/** An act as JSON. */
export const jsonOfAct = (act: RecordedAct) => ({ ...act, at: new Date(act.at).toISOString() });

const verbs: Record<Act['kind'], string> = {
  switch: 'turned the switch to',
  pause: 'paused',
  resume: 'resumed',
  stop: 'stopped',
  approve: 'approved',
  reject: 'rejected',
};

/** An act in a sentence. */
export const tellAct = ({ at, by, name, kind, what, because, done }: RecordedAct): string =>
  `${minuteOf(at)} UTC: ${name === undefined ? nameInArn(by) : deciderOf({ name, from: by })} ${done ? '' : 'tried this, and whether it took effect is not recorded: '}${verbs[kind]} ${what}${because === null ? '' : ` because ${because}`}`;
