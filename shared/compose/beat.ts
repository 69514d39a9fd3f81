import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { cachedKeys, readKeys } from '../approvals/keys.ts';
import { createBeats } from '../aws/beats.ts';
import { type ClientConfig, createClient } from '../aws/client.ts';
import { createBeat } from '../handlers/beat.ts';
import { beatsSchema } from '../model/beat.ts';
import { errorMessage } from '../model/errors.ts';
import { readJson } from '../model/json.ts';
import { notAsPackaged, openPackaged } from '../policy/packaged.ts';
import type { Timer } from '../ports/deadline.ts';
import type { Log } from '../ports/log.ts';
import { boundedAs } from './budgets.ts';
import type { Environment } from './environment.ts';
import { packagedPolicy } from './packaged-policy.ts';

/** Environment variables of the function. */
export const beatVariables = {
  LEDGER_TABLE: z.string().min(1),
  APPROVAL_SECRET: z.string().min(1),
  SELFHEAL_POLICY: z.string().default(''),
};

/** It reads nothing else of a policy, so nothing else can keep beats from being counted. */
const withBeats = z.looseObject({ beats: beatsSchema.default([]) });

/** The names of the policy's heartbeats: by the variable if it has a policy, else by that of the package. */
const namesOf = (text: string, log: Log): ReadonlySet<string> => {
  try {
    const packaged = text.trim() === '' && packagedPolicy ? openPackaged(packagedPolicy) : undefined;
    if (packaged === null) throw new Error(notAsPackaged);
    return new Set((packaged?.beats ?? withBeats.parse(readJson('policy', text)).beats).map(({ name }) => name));
  } catch (error) {
    log({ level: 'ERROR', message: 'policy not usable', problem: errorMessage(error).slice(0, 500) });
    return new Set();
  }
};

/** What counts heartbeats. It creates its clients itself, because their limited permissions are part of its security. */
export const composeBeat = (
  { LEDGER_TABLE, APPROVAL_SECRET, SELFHEAL_POLICY }: Environment<typeof beatVariables>,
  { config, log, now, timer }: { config: ClientConfig; log: Log; now: () => number; timer?: Timer },
) => {
  const patient = { maxAttempts: 3, ...config };
  const ssm = createClient(SSMClient, patient);
  return createBeat({
    beats: createBeats(createClient(DynamoDBClient, patient), LEDGER_TABLE),
    names: namesOf(SELFHEAL_POLICY, log),
    keys: cachedKeys(() => readKeys(ssm, APPROVAL_SECRET), now),
    now,
    log,
    bounded: boundedAs('beat', timer),
  });
};
