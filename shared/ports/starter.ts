/** `joined`: an execution with that name exists, so this is a redelivery of a known episode. */
export type Started = 'started' | 'joined';
