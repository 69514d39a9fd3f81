import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { placeSchema } from '../model/place.ts';
import type { RaisedReserve, RaisedReserves } from '../ports/raised-reserves.ts';
import { keyOf } from './ledger-keys.ts';
import { createRemembered, nameIn } from './remembered.ts';

const raisedSchema = z.object({
  name: z.string(),
  place: placeSchema.optional(),
  from: z.number(),
  to: z.array(z.number()),
  at: z.number(),
  incident: z.string(),
  lowering: z.object({ from: z.number(), at: z.number() }).optional(),
});
/** Steps that are kept of each. */
const maxSteps = 20;

/** Raised reserves in the ledger's table. */
export const createRaisedReserves = (client: DynamoDBClient, TableName: string): RaisedReserves => {
  const { all, set, forget } = createRemembered<RaisedReserve>(client, TableName, keyOf('sweep', 'reserves'), raisedSchema);
  return {
    raisedReserves: all,
    noteRaised: async ({ name, place, from, to, at, incident }) => {
      const known = nameIn(place, name);
      const before = (await all()).find((one) => nameIn(one.place, one.name) === known);
      const goesOn = before?.to.includes(from) ?? false;
      const steps = goesOn ? [...(before?.to ?? []), to].slice(-maxSteps) : [to];
      await set(known, { name, ...(place && { place }), from: goesOn ? (before?.from ?? from) : from, to: steps, at, incident });
    },
    noteLowering: (one, lowering) => set(nameIn(one.place, one.name), { ...one, lowering }),
    forgetRaised: ({ place, name }) => forget(nameIn(place, name)),
  };
};
