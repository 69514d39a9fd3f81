import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { placeSchema } from '../model/place.ts';
import type { MadeReader, MadeReaders } from '../ports/made-readers.ts';
import { keyOf } from './ledger-keys.ts';
import { createRemembered, nameIn } from './remembered.ts';

const madeSchema = z.object({
  id: z.string(),
  cluster: z.string(),
  place: placeSchema.optional(),
  replica: z.literal(true).optional(),
  alarm: z.string().nullable(),
  incident: z.string(),
  calmFrom: z.number(),
  removing: z.number().optional(),
});

/** Readers that selfheal has added, in the ledger's table. */
export const createMadeReaders = (client: DynamoDBClient, TableName: string): MadeReaders => {
  const { all, set, forget } = createRemembered<MadeReader>(client, TableName, keyOf('sweep', 'readers'), madeSchema);
  return {
    madeReaders: all,
    noteReader: (one) => set(nameIn(one.place, one.id), one),
    forgetReader: ({ place, id }) => forget(nameIn(place, id)),
  };
};
