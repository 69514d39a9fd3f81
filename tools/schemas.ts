import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { digestSchema } from '../shared/digest/schema.ts';
import {
  approvalRequestSchema,
  incidentOpenedSchema,
  interimMessageSchema,
  outcomeEventSchema,
  publishedSchema,
} from '../shared/notifications/schemas.ts';

const documents = {
  'outcome.v1': ['How an incident ended', publishedSchema],
  'outcome-event.v1': ['The event on the bus that tells how an incident ended', outcomeEventSchema],
  'interim.v1': ['What people are told before an incident is over', interimMessageSchema],
  'incident-opened.v1': ['Something that repeats itself has begun', incidentOpenedSchema],
  'approval-request.v1': ['A question that only a person may decide', approvalRequestSchema],
  'digest.v1': ['What became of the incidents of a time', digestSchema],
} as const;

/** A list that may grow is no reason to refuse a message: what is known today are examples. */
const openLists = ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
  if (!jsonSchema.growing) return;
  jsonSchema.examples = jsonSchema.enum;
  jsonSchema.description = 'Others may be added';
  delete jsonSchema.enum;
  delete jsonSchema.growing;
};

/** The published schemas, by the name of their file in `docs/schemas/`. Fields that they don't name are allowed. */
export const schemaFiles = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(documents).map(([name, [title, schema]]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', override: openLists });
      return [`${name}.schema.json`, `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`];
    }),
  );

/** `node tools/schemas.ts` writes them. */
if (import.meta.main) {
  const folder = join(fileURLToPath(new URL('..', import.meta.url)), 'docs/schemas');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(schemaFiles())) writeFileSync(join(folder, name), text);
}
