import * as z from 'zod';

/** A function's parsed environment. */
export type Environment<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/** Made once each: zod compiles a schema when it first parses with it. */
const objects = new WeakMap<z.ZodRawShape, z.ZodObject>();

/**
 * Parses environment variables.
 * @throws {Error} naming each wrong one
 */
export const parseEnvironment = <Shape extends z.ZodRawShape>(
  shape: Shape,
  variables: Readonly<Record<string, string | undefined>>,
): Environment<Shape> => {
  const object = objects.get(shape) ?? z.object(shape);
  objects.set(shape, object);
  const result = object.safeParse(variables);
  if (result.success) return result.data as Environment<Shape>;
  throw new Error(result.error.issues.map(({ path, message }) => `environment variable ${path.join('.')}: ${message}`).join('; '));
};

/**
 * Reads the environment; only functions call it. Each lists the variables that it needs, so a wrong one fails at start by name.
 * @throws {Error} naming each wrong one
 */
export const readEnvironment = <Shape extends z.ZodRawShape>(shape: Shape): Environment<Shape> =>
  // biome-ignore lint/style/noProcessEnv: this is the edge
  parseEnvironment(shape, process.env);
