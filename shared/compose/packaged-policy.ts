import type { PackagedPolicy } from '../policy/packaged.ts';

/** The policy of this bundle: packaging writes it in the place of this file (tools/bundling.cjs). Run from the sources there is none. */
export const packagedPolicy: PackagedPolicy | null = null;
