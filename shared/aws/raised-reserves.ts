import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { RaisedReserve, RaisedReserves } from '../ports/raised-reserves.ts';
import { keyOf } from './ledger-keys.ts';
import { createRemembered } from './remembered.ts';

const raisedSchema = z.object({
  name: z.string(),
  from: z.number(),
  to: z.array(z.number()),
  at: z.number(),
  incident: z.string(),
  lowering: z.object({ from: z.number(), at: z.number() }).optional(),
});
/** Steps that are kept of each. */
const mostSteps = 20;

/** Raised reserves in the ledger's table. */
export const createRaisedReserves = (client: DynamoDBClient, TableName: string): RaisedReserves => {
  const { all, set, forget } = createRemembered<RaisedReserve>(client, TableName, keyOf('sweep', 'reserves'), raisedSchema);
  return {
    raisedReserves: all,
    noteRaised: async ({ name, from, to, at, incident }) => {
      const before = (await all()).find((one) => one.name === name);
      const goesOn = before?.to.includes(from) ?? false;
      const steps = goesOn ? [...(before?.to ?? []), to].slice(-mostSteps) : [to];
      await set(name, { name, from: goesOn ? (before?.from ?? from) : from, to: steps, at, incident });
    },
    noteLowering: (one, lowering) => set(one.name, { ...one, lowering }),
    forgetRaised: forget,
  };
};
