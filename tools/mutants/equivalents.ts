import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Mutant } from './operators.ts';

const schema = z.array(
  z.strictObject({
    file: z.string(),
    /** Its lines as `Mutant` has them: what stands elsewhere in the file by now is still known. */
    original: z.string(),
    mutated: z.string(),
    reason: z.string().min(20),
  }),
);
export type Equivalent = z.infer<typeof schema>[number];

/** Mutants that change nothing that anybody could notice, with the reason. */
export const equivalents: readonly Equivalent[] = schema.parse(
  JSON.parse(readFileSync(new URL('equivalents.json', import.meta.url), 'utf8')),
);

export const reasonOf = ({ file, original, mutated }: Pick<Mutant, 'file' | 'original' | 'mutated'>): string | null =>
  equivalents.find((one) => one.file === file && one.original === original && one.mutated === mutated)?.reason ?? null;
