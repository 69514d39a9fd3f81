import * as z from 'zod';

/** The edge where the environment comes in. Each function names what it needs; a wrong one fails at start, with the name. */
export const readEnvironment = <Shape extends z.ZodRawShape>(shape: Shape): z.infer<z.ZodObject<Shape>> => {
  // biome-ignore lint/style/noProcessEnv: this is the edge
  const result = z.object(shape).safeParse(process.env);
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `environment variable ${path.join('.')}: ${message}`).join('; '));
};
