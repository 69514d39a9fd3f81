import * as z from 'zod';

/** What a function finds in its environment, once it has been read. */
export type Environment<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>;

/** Reads variables as a function names them. Throws an Error that names each one that is wrong. */
export const parseEnvironment = <Shape extends z.ZodRawShape>(
  shape: Shape,
  variables: Readonly<Record<string, string | undefined>>,
): Environment<Shape> => {
  const result = z.object(shape).safeParse(variables);
  if (result.success) return result.data;
  throw new Error(result.error.issues.map(({ path, message }) => `environment variable ${path.join('.')}: ${message}`).join('; '));
};

/** The edge where the environment comes in. Each function names what it needs; a wrong one fails at start, with the name. */
export const readEnvironment = <Shape extends z.ZodRawShape>(shape: Shape): Environment<Shape> =>
  // biome-ignore lint/style/noProcessEnv: this is the edge
  parseEnvironment(shape, process.env);
