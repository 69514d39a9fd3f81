import { describe, test } from '@jest/globals';

/**
 * Whether tests play all that they have, as before a change lands (`WHOLE=1 npm test`), or a part that stands for it.
 */
export const whole = process.env.WHOLE === '1';

/** All of a list, or every nth of it. */
export const partOf = <T>(all: readonly T[], nth: number): T[] => all.filter((_, i) => whole || i % nth === 0);

type Body = () => void | Promise<void>;

/** For what takes so long that it is only run as a whole. Each file has a circus of its own, so which one is asked as it is needed. */
export const describeWhole = (name: string, body: () => void): void => (whole ? describe : describe.skip)(name, body);
export const testWhole = (name: string, body: Body): void => (whole ? test : test.skip)(name, body);
