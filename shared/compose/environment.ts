import * as z from 'zod';

/** A function's parsed environment. */
export type Environment<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/**
 * Parses environment variables.
 * @throws {Error} naming each wrong one
 */
export const parseEnvironment = <Shape extends z.ZodRawShape>(
  shape: Shape,
  variables: Readonly<Record<string, string | undefined>>,
): Environment<Shape> => {
  const result = z.object(shape).safeParse(variables);
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `environment variable ${path.join('.')}: ${message}`).join('; '));
};

/**
 * Reads the environment; only functions call it. Each lists the variables that it needs, so a wrong one fails at start by name.
 * @throws {Error} naming each wrong one
 */
export const readEnvironment = <Shape extends z.ZodRawShape>(shape: Shape): Environment<Shape> =>
  // biome-ignore lint/style/noProcessEnv: this is the edge
  parseEnvironment(shape, process.env);
