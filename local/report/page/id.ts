import type { Row } from '../data.ts';

/** An incident in the list. Its button has the id that addresses name, so that a browser that follows one puts the keyboard there. */
export const idOf = ({ number }: Row): string => `incident-${number}`;
